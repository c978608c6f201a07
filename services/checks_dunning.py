"""Dunning: the level is what was reminded of, what a reminder asked for is there, and every reminder goes out."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from services.findings import Finding, stream


def levels_are_their_reminders(connection: Connection) -> Iterator[Finding]:
    """EB-23, EB-54: what is open stands at the highest level reminded of in its round; what is settled at none."""
    query = """
        SELECT r.id, r.dunning_level, coalesce(max(m.level), 0) AS reminded
        FROM receivables r LEFT JOIN reminders m ON m.receivable_id = r.id AND m.round = r.dunning_round
        WHERE r.kind = 'invoice' AND (r.dunning_level > 0 OR m.id IS NOT NULL AND r.open_cents > 0)
        GROUP BY r.id, r.dunning_level, r.open_cents
        HAVING r.dunning_level <> coalesce(max(m.level), 0) OR r.open_cents <= 0 AND r.dunning_level > 0"""
    for row in stream(connection, query):
        facts = {"level": row.dunning_level, "reminded": int(row.reminded)}
        yield Finding("MAH-7", "receivables", row.id, "level_differs", facts)


def damages_are_their_reminders(connection: Connection) -> Iterator[Finding]:
    """MAH-6: fees, interest and lump sums of an invoice, claims of their own, come to what its reminders asked for."""
    query = """
        SELECT r.id, r.asked, coalesce(d.owed, 0) AS owed
        FROM (SELECT receivable_id AS id, sum(fee_cents + interest_cents + lump_sum_cents) AS asked
              FROM reminders GROUP BY receivable_id) r
        LEFT JOIN (SELECT parent_id, sum(amount_cents) AS owed FROM receivables
                   WHERE cause = 'reminder' AND parent_id IS NOT NULL GROUP BY parent_id) d ON d.parent_id = r.id
        WHERE r.asked <> coalesce(d.owed, 0)"""
    for row in stream(connection, query):
        facts = {"asked_cents": int(row.asked), "owed_cents": int(row.owed)}
        yield Finding("MAH-6", "receivables", row.id, "damages_differ", facts)
    astray = """
        SELECT d.id, d.kind FROM receivables d LEFT JOIN receivables p ON p.id = d.parent_id
        WHERE d.cause = 'reminder' AND (p.id IS NULL OR p.kind <> 'invoice' OR p.customer_id <> d.customer_id
              OR p.currency_code <> d.currency_code OR d.kind NOT IN ('fee', 'interest', 'lump_sum'))"""
    for row in stream(connection, astray):
        yield Finding("MAH-6", "receivables", row.id, "damage_astray", {"kind": row.kind})


def lump_sums_are_once(connection: Connection) -> Iterator[Finding]:
    """MAH-4: 40 EUR at most once for an invoice."""
    query = """
        SELECT parent_id AS id, sum(amount_cents) AS cents FROM receivables
        WHERE kind = 'lump_sum' AND cause = 'reminder' GROUP BY parent_id
        HAVING count(*) > 1 OR sum(amount_cents) <> 4000"""
    for row in stream(connection, query):
        yield Finding("MAH-4", "receivables", row.id, "lump_sum_differs", {"cents": int(row.cents)})


def reminders_go_out(connection: Connection) -> Iterator[Finding]:
    """L9: each reminder has its mail or its letter, unless it was paid before that was drawn."""
    query = """
        SELECT m.id FROM reminders m
        LEFT JOIN messages g ON g.event = 'reminder:' || CAST(m.id AS VARCHAR(20))
        WHERE m.letter_state = 'none' AND m.letter_stopped_on IS NULL AND g.id IS NULL"""
    for row in stream(connection, query):
        yield Finding("L9", "reminders", row.id, "reminder_unsent", {})
