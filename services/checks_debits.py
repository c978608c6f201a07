"""Our own debits and the files for the bank: each debit in one file, each file what its orders are (L4, X-05)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from services.findings import Finding, stream


def files_are_their_debits(connection: Connection) -> Iterator[Finding]:
    """A file of debits that was not thrown away has as many and as much as its debits; a thrown away one has none."""
    query = """
        SELECT f.id, f.count AS told, f.total_cents, count(d.id) AS found, coalesce(sum(d.amount_cents), 0) AS cents,
               CASE WHEN f.discarded_at IS NULL THEN 0 ELSE 1 END AS discarded
        FROM payment_files f LEFT JOIN debits d ON d.file_id = f.id
        WHERE f.kind = 'debit' GROUP BY f.id, f.count, f.total_cents, f.discarded_at"""
    for row in stream(connection, query):
        wanted = (0, 0) if row.discarded else (row.told, row.total_cents)
        if (row.found, int(row.cents)) != wanted:
            yield Finding("L4", "payment_files", row.id, "file_differs", {"told": row.told, "found": row.found})


def debits_are_where_they_say(connection: Connection) -> Iterator[Finding]:
    """What is at the bank or came from there is in a file; what is paid has its payment, of the same amount; and what
    was given back is paid no more."""
    query = """
        SELECT d.id, d.state FROM debits d
        LEFT JOIN payments p ON p.id = d.payment_id
        LEFT JOIN payment_files f ON f.id = d.file_id
        LEFT JOIN payments b ON b.belongs_to_id = p.id AND b.kind = 'chargeback'
        LEFT JOIN payments u ON u.reverses_id = p.id
        WHERE d.state IN ('in_file', 'submitted', 'paid', 'returned') AND d.file_id IS NULL
           OR d.state IN ('planned', 'withdrawn') AND d.file_id IS NOT NULL
           OR d.state = 'submitted' AND f.submitted_at IS NULL
           OR d.state = 'paid' AND (p.id IS NULL OR p.amount_cents <> d.amount_cents)
           OR d.state = 'returned' AND p.id IS NOT NULL AND b.id IS NULL AND u.id IS NULL"""
    for row in stream(connection, query):
        yield Finding("L4", "debits", row.id, "debit_differs", {"state": row.state})
