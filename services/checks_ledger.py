"""L1: what the books say, the receivables say, and the invoices say."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from services.findings import Finding, stream


def entries_balance(connection: Connection) -> Iterator[Finding]:
    """Every entry has postings, in its own currency, that sum to zero."""
    query = """
        SELECT e.id, coalesce(sum(p.amount_cents), 0) AS cents, count(p.id) AS postings,
               sum(CASE WHEN p.currency_code <> e.currency_code THEN 1 ELSE 0 END) AS foreign_postings
        FROM journal_entries e LEFT JOIN postings p ON p.entry_id = e.id GROUP BY e.id
        HAVING coalesce(sum(p.amount_cents), 0) <> 0
            OR sum(CASE WHEN p.currency_code <> e.currency_code THEN 1 ELSE 0 END) > 0"""
    for row in stream(connection, query):
        yield Finding("L1", "journal_entries", row.id, "entry_not_balanced", {"cents": int(row.cents)})


def open_amounts_are_their_postings(connection: Connection) -> Iterator[Finding]:
    """`receivables.open_cents`, the one cached sum, is the sum of its postings."""
    query = """
        SELECT r.id, r.open_cents, coalesce(sum(p.amount_cents), 0) AS booked
        FROM receivables r LEFT JOIN postings p ON p.receivable_id = r.id
        GROUP BY r.id, r.open_cents HAVING r.open_cents <> coalesce(sum(p.amount_cents), 0)"""
    for row in stream(connection, query):
        facts = {"open_cents": row.open_cents, "booked_cents": int(row.booked)}
        yield Finding("L1", "receivables", row.id, "open_amount_differs", facts)


def settled_is_paid(connection: Connection) -> Iterator[Finding]:
    """A receivable has the day on which it was settled exactly while nothing of it is open."""
    query = "SELECT id, open_cents FROM receivables WHERE (open_cents = 0) <> (settled_on IS NOT NULL)"
    for row in stream(connection, query):
        yield Finding("L1", "receivables", row.id, "settled_differs", {"open_cents": row.open_cents})


def receivables_are_their_invoices(connection: Connection) -> Iterator[Finding]:
    """Every issued invoice has its receivable, over the same amount, customer and currency."""
    query = """
        SELECT i.id, i.number, i.gross_cents, r.amount_cents
        FROM invoices i LEFT JOIN receivables r ON r.invoice_id = i.id
        WHERE i.kind = 'invoice' AND i.issued_at IS NOT NULL
          AND (r.id IS NULL OR r.amount_cents <> i.gross_cents OR r.customer_id <> i.customer_id
               OR r.currency_code <> i.currency_code)"""
    for row in stream(connection, query):
        facts = {"number": row.number, "gross_cents": row.gross_cents, "owed_cents": row.amount_cents}
        yield Finding("L1", "invoices", row.id, "receivable_differs", facts)


def invoices_are_booked(connection: Connection) -> Iterator[Finding]:
    """GOB-6: every issued document is in the ledger once, with its gross, net and VAT on the right accounts.

    A correction lowers what is owed and gives the rest as credit.
    """
    query = """
        SELECT i.id, i.number, count(DISTINCT e.id) AS entries, i.gross_cents, i.net_cents, i.tax_cents,
               coalesce(sum(CASE WHEN p.account = 'receivable'
                                   OR i.kind <> 'invoice' AND p.account = 'credit'
                                 THEN p.amount_cents END), 0) AS receivable,
               coalesce(sum(CASE WHEN p.account LIKE 'revenue:%' THEN p.amount_cents END), 0) AS revenue,
               coalesce(sum(CASE WHEN p.account LIKE 'vat:%' THEN p.amount_cents END), 0) AS vat
        FROM invoices i LEFT JOIN journal_entries e ON e.invoice_id = i.id AND e.kind = i.kind
        LEFT JOIN postings p ON p.entry_id = e.id
        WHERE i.issued_at IS NOT NULL GROUP BY i.id, i.number, i.gross_cents, i.net_cents, i.tax_cents"""
    for row in stream(connection, query):
        booked = (int(row.receivable), -int(row.revenue), -int(row.vat))
        if row.entries != 1 or booked != (row.gross_cents, row.net_cents, row.tax_cents):
            facts = {"number": row.number, "entries": row.entries, "booked": booked}
            yield Finding("L1", "invoices", row.id, "not_booked_as_issued", facts)
