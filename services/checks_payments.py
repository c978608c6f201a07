"""L1: what people wrote down about money is what the books say, and what was undone or moved has its other half."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from services.findings import Finding, stream

# The entries that only a row of payments makes. Credit that settles an invoice at its issue has none.
_BY_HAND = (
    "'payment', 'payment_reversal', 'cash_discount', 'write_off', 'payout', 'credit_used', 'credit_reversal', "
    "'reversal'"
)


def payments_are_their_entries(connection: Connection) -> Iterator[Finding]:
    """Every payment's entry has its row, of the same customer, receivable, currency and amount, and the reverse."""
    query = f"""
        SELECT e.id, y.id AS payment, coalesce(y.amount_cents, 0) AS amount,
               sum(CASE WHEN p.amount_cents > 0 THEN p.amount_cents ELSE 0 END) AS booked,
               max(CASE WHEN y.customer_id <> e.customer_id OR y.currency_code <> e.currency_code
                          OR p.receivable_id <> y.receivable_id
                          OR p.receivable_id IS NOT NULL AND y.receivable_id IS NULL THEN 1 ELSE 0 END) AS differs
        FROM journal_entries e JOIN postings p ON p.entry_id = e.id LEFT JOIN payments y ON y.entry_id = e.id
        WHERE e.kind <> 'invoice' AND (e.kind IN ({_BY_HAND}) OR y.id IS NOT NULL)
        GROUP BY e.id, y.id, y.amount_cents"""
    for row in stream(connection, query):
        if row.payment is None:
            yield Finding("L1", "journal_entries", row.id, "payment_missing", {"booked_cents": int(row.booked)})
        elif row.amount != row.booked or row.differs:
            facts = {"amount_cents": row.amount, "booked_cents": int(row.booked)}
            yield Finding("L1", "payments", row.payment, "payment_differs", facts)


def what_was_undone_has_its_other_half(connection: Connection) -> Iterator[Finding]:
    """A reversal undoes an earlier row of the same amount; a payment that was moved is undone where it stood, and a
    chain of moves ends: each row comes from an earlier one."""
    query = """
        SELECT y.id, y.kind, o.id AS original FROM payments y
        LEFT JOIN payments o ON o.id = coalesce(y.reverses_id, y.moved_from_id)
        LEFT JOIN payments u ON u.reverses_id = y.moved_from_id
        WHERE (y.reverses_id IS NOT NULL OR y.moved_from_id IS NOT NULL)
          AND (o.id IS NULL OR o.id >= y.id OR o.kind = 'reversal' OR o.amount_cents <> y.amount_cents
               OR o.currency_code <> y.currency_code
               OR y.reverses_id IS NOT NULL AND o.customer_id <> y.customer_id
               OR y.moved_from_id IS NOT NULL AND u.id IS NULL)"""
    for row in stream(connection, query):
        yield Finding("L1", "payments", row.id, "other_half_missing", {"kind": row.kind, "original": row.original})


def no_more_is_given_up_than_was_owed(connection: Connection) -> Iterator[Finding]:
    """COR-4: write-offs and cash discounts that stand come to no more than the receivable."""
    query = """
        SELECT r.id, r.amount_cents, sum(y.amount_cents) AS given_up
        FROM payments y JOIN receivables r ON r.id = y.receivable_id
        LEFT JOIN payments u ON u.reverses_id = y.id
        WHERE y.kind IN ('write_off', 'cash_discount') AND u.id IS NULL
        GROUP BY r.id, r.amount_cents HAVING sum(y.amount_cents) > r.amount_cents"""
    for row in stream(connection, query):
        yield Finding("L1", "receivables", row.id, "given_up_too_much", {"given_up_cents": int(row.given_up)})


def no_credit_is_overdrawn(connection: Connection) -> Iterator[Finding]:
    """D-9: nobody used or was paid more credit than they had, with the records that were merged into theirs."""
    query = """
        SELECT coalesce(c.survivor_id, c.id) AS id, p.currency_code, sum(p.amount_cents) AS cents
        FROM postings p JOIN customers c ON c.id = p.customer_id WHERE p.account = 'credit'
        GROUP BY coalesce(c.survivor_id, c.id), p.currency_code HAVING sum(p.amount_cents) > 0"""
    for row in stream(connection, query):
        facts = {"currency": row.currency_code, "overdrawn_cents": int(row.cents)}
        yield Finding("L1", "customers", row.id, "credit_overdrawn", facts)
