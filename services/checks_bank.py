"""L9: what a bank line was booked as stands in the books, and no more of it than the bank told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row

from services.findings import Finding, stream


def matched_lines_are_booked_whole(connection: Connection) -> Iterator[Finding]:
    """What stands booked of a line comes to the line where it is matched, to less where it waits, to nothing where it
    is ignored or stands as its parts, which come to it."""
    query = """
        SELECT l.id, l.state, l.answer, abs(l.amount_cents) AS told, l.payment_id,
               CASE WHEN l.answer = 'parts' THEN (SELECT sum(p.amount_cents) FROM bank_parts b
                    JOIN bank_lines p ON p.id = b.line_id WHERE b.whole_id = l.id) - l.amount_cents END AS apart,
               coalesce(sum(CASE WHEN u.id IS NULL THEN m.amount_cents END), 0) AS booked,
               max(CASE WHEN u.id IS NULL AND m.payment_id = l.payment_id THEN 1 ELSE 0 END) AS named
        FROM bank_lines l LEFT JOIN bank_matches m ON m.line_id = l.id
        LEFT JOIN payments u ON u.reverses_id = m.payment_id
        GROUP BY l.id, l.state, l.answer, l.amount_cents, l.payment_id"""
    for row in stream(connection, query):
        fits = {
            "matched": row.booked == row.told or _moved_less(row) or (row.apart == 0 and not row.booked),
            "unmatched": row.booked < row.told,
            "ignored": not row.booked,
        }
        if not fits[row.state] or bool(row.booked) != bool(row.named) or bool(row.payment_id) != bool(row.booked):
            facts = {"state": row.state, "told_cents": int(row.told), "booked_cents": int(row.booked)}
            yield Finding("L9", "bank_lines", row.id, "bank_line_differs", facts)


def _moved_less(row: Row[Any]) -> bool:
    """What the bank told and the books need not: a debit given back before it was ever credited, alone or in the sum of
    its file; a refund that was sent and came back since, and a return that was won again."""
    in_one_sum = row.answer == "file" and row.booked < row.told
    return bool(in_one_sum or (row.answer in ("return", "refund") and not row.booked))


def matches_are_their_payments(connection: Connection) -> Iterator[Finding]:
    """A payment from a line is of the line's currency and of just so many cents as the line gave for it."""
    query = """
        SELECT m.id, m.amount_cents AS told, y.amount_cents AS booked
        FROM bank_matches m JOIN bank_lines l ON l.id = m.line_id LEFT JOIN payments y ON y.id = m.payment_id
        WHERE y.id IS NULL OR y.currency_code <> l.currency_code
           OR y.kind = 'payment' AND (y.amount_cents <> m.amount_cents OR l.amount_cents < 0)"""
    for row in stream(connection, query):
        facts = {"told_cents": int(row.told), "booked_cents": int(row.booked or 0)}
        yield Finding("L9", "bank_matches", row.id, "bank_match_differs", facts)


def parts_have_their_sum(connection: Connection) -> Iterator[Finding]:
    """Nothing is booked of a part while the line of its sum is one line (SEP-8): the money would be there twice."""
    query = """
        SELECT p.line_id, w.amount_cents AS told, m.amount_cents AS booked
        FROM bank_parts p JOIN bank_lines w ON w.id = p.whole_id JOIN bank_matches m ON m.line_id = p.line_id
        LEFT JOIN payments u ON u.reverses_id = m.payment_id
        WHERE w.answer <> 'parts' AND u.id IS NULL"""
    for row in stream(connection, query):
        facts = {"told_cents": int(row.told), "booked_cents": int(row.booked)}
        yield Finding("L9", "bank_lines", row.line_id, "bank_part_counted_twice", facts)
