"""L4, L5: nothing goes back that was not paid and taken back by a document, and what went is in the books once."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from services.findings import Finding, stream

_STANDS = "r.state NOT IN ('failed', 'withdrawn')"
_KEPT = "NOT EXISTS (SELECT 1 FROM payments u WHERE u.reverses_id = b.id)"


def refunds_follow_a_cancellation(connection: Connection) -> Iterator[Finding]:
    """COR-3: each belongs to an issued document that takes back the invoice its payment was for."""
    query = f"""
        SELECT r.id FROM refunds r JOIN payments p ON p.id = r.payment_id JOIN invoices c ON c.id = r.correction_id
        LEFT JOIN invoices i ON i.id = c.original_id LEFT JOIN receivables o ON o.invoice_id = i.id
        WHERE {_STANDS} AND (c.issued_at IS NULL OR c.kind = 'invoice' OR i.id IS NULL OR p.kind <> 'payment'
              OR p.receivable_id IS NULL OR o.id <> p.receivable_id OR p.currency_code <> r.currency_code)"""
    for row in stream(connection, query):
        yield Finding("L4", "refunds", row.id, "refund_without_cancellation")


def refunds_stay_within_their_documents(connection: Connection) -> Iterator[Finding]:
    """D-1, M2-11: the refunds of a document come to no more than what it took back of paid money."""
    query = f"""
        SELECT c.id, c.number, coalesce(sum(r.amount_cents), 0) AS refunded, (
            SELECT coalesce(-sum(p.amount_cents), 0) FROM journal_entries e JOIN postings p ON p.entry_id = e.id
            WHERE e.invoice_id = c.id AND e.kind IN ('cancellation', 'correction') AND p.account = 'credit') AS paid
        FROM refunds r JOIN invoices c ON c.id = r.correction_id WHERE {_STANDS} GROUP BY c.id, c.number"""
    for row in stream(connection, query):
        if row.refunded > row.paid:
            facts = {"number": row.number, "refunded_cents": int(row.refunded), "paid_cents": int(row.paid)}
            yield Finding("L4", "invoices", row.id, "refunded_beyond_document", facts)


def refunds_stay_within_their_payments(connection: Connection) -> Iterator[Finding]:
    """M2-11: nobody gets more of a payment back than it was."""
    query = f"""
        SELECT p.id, p.amount_cents, sum(r.amount_cents) AS refunded
        FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE {_STANDS}
        GROUP BY p.id, p.amount_cents HAVING sum(r.amount_cents) > p.amount_cents"""
    for row in stream(connection, query):
        facts = {"amount_cents": row.amount_cents, "refunded_cents": int(row.refunded)}
        yield Finding("L4", "payments", row.id, "refunded_beyond_payment", facts)


def refunds_are_their_rows(connection: Connection) -> Iterator[Finding]:
    """L5: what succeeded stands among the payments once, and nothing else stands there as a refund."""
    query = f"""
        SELECT p.id, coalesce((SELECT sum(r.amount_cents) FROM refunds r WHERE r.payment_id = p.id
                               AND r.state = 'succeeded'), 0) AS told,
               coalesce((SELECT sum(b.amount_cents) FROM payments b WHERE b.belongs_to_id = p.id
                         AND b.kind = 'refund' AND {_KEPT}), 0) AS booked
        FROM payments p WHERE p.id IN (SELECT payment_id FROM refunds UNION
                                       SELECT belongs_to_id FROM payments WHERE kind = 'refund')"""
    for row in stream(connection, query):
        if row.told != row.booked:
            facts = {"told_cents": int(row.told), "booked_cents": int(row.booked)}
            yield Finding("L5", "payments", row.id, "refund_differs", facts)


def what_is_under_way_is_held_back(connection: Connection) -> Iterator[Finding]:
    """EB-53: the account of refunds under way is the refunds that are under way, by record and currency."""
    query = """
        SELECT k.customer_id, k.currency_code, sum(k.held) AS held, sum(k.told) AS told FROM (
            SELECT customer_id, currency_code, -amount_cents AS held, 0 AS told FROM postings
            WHERE account = 'refunds_under_way'
            UNION ALL
            SELECT p.customer_id, r.currency_code, 0, r.amount_cents FROM refunds r
            JOIN payments p ON p.id = r.payment_id
            WHERE r.state NOT IN ('succeeded', 'failed', 'withdrawn')) k
        GROUP BY k.customer_id, k.currency_code HAVING sum(k.held) <> sum(k.told)"""
    for row in stream(connection, query):
        facts = {"held_cents": int(row.held), "told_cents": int(row.told)}
        yield Finding("L4", "customers", row.customer_id, "under_way_differs", facts)


def chargebacks_stay_within_their_payments(connection: Connection) -> Iterator[Finding]:
    """L5, F19: each has its case written beside it, and no more was taken back of a payment than it was."""
    query = f"""
        SELECT p.id, p.amount_cents, sum(b.amount_cents) AS taken,
               sum(CASE WHEN c.payment_id IS NULL THEN 1 ELSE 0 END) AS bare
        FROM payments b JOIN payments p ON p.id = b.belongs_to_id LEFT JOIN chargebacks c ON c.payment_id = b.id
        WHERE b.kind = 'chargeback' AND {_KEPT} GROUP BY p.id, p.amount_cents
        HAVING sum(b.amount_cents) > p.amount_cents OR sum(CASE WHEN c.payment_id IS NULL THEN 1 ELSE 0 END) > 0"""
    for row in stream(connection, query):
        facts = {"amount_cents": row.amount_cents, "taken_cents": int(row.taken)}
        yield Finding("L5", "payments", row.id, "charged_back_beyond_payment", facts)
