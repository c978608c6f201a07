"""L5: what a provider took is booked once, and what is being collected fits the document it is collected for."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from services.findings import Finding, stream


def what_was_accepted_is_booked(connection: Connection) -> Iterator[Finding]:
    """Every accepted attempt has the payment of its charge, in its currency and for its customer's family."""
    query = """
        SELECT a.id, y.id AS payment FROM payment_attempts a
        LEFT JOIN payments y ON y.gateway = a.gateway AND y.provider_id = a.provider_id AND y.kind = 'payment'
        WHERE a.state = 'accepted' AND (y.id IS NULL OR y.currency_code <> a.currency_code)"""
    for row in stream(connection, query):
        yield Finding("L5", "payment_attempts", row.id, "charge_not_booked", {"payment": row.payment})


def a_charge_is_booked_once(connection: Connection) -> Iterator[Finding]:
    """A provider's charge has one attempt and one payment; an attempt that was not accepted has none."""
    query = """
        SELECT y.id, a.id AS attempt, a.state FROM payments y
        JOIN payment_attempts a ON a.gateway = y.gateway AND a.provider_id = y.provider_id
        WHERE y.kind = 'payment' AND a.state <> 'accepted'"""
    for row in stream(connection, query):
        yield Finding("L5", "payments", row.id, "charge_not_accepted", {"attempt": row.attempt, "state": row.state})
    twice = """
        SELECT gateway, provider_id, min(id) AS id, count(*) AS times FROM payments
        WHERE provider_id IS NOT NULL AND kind = 'payment' GROUP BY gateway, provider_id HAVING count(*) > 1"""
    for row in stream(connection, twice):
        yield Finding("L5", "payments", row.id, "charge_booked_twice", {"times": int(row.times)})


def no_charge_is_undone_here_only(connection: Connection) -> Iterator[Finding]:
    """What a provider took goes back by a refund or a chargeback, or is moved: only undone it would be taken twice."""
    query = """
        SELECT y.id, r.id AS reversal FROM payments y JOIN payments r ON r.reverses_id = y.id
        LEFT JOIN payments m ON m.moved_from_id = y.id
        WHERE y.kind = 'payment' AND y.gateway <> '' AND m.id IS NULL"""
    for row in stream(connection, query):
        yield Finding("L5", "payments", row.id, "charge_undone_here_only", {"reversal": row.reversal})


def what_is_reserved_is_being_collected(connection: Connection) -> Iterator[Finding]:
    """A period is reserved by a document whose collecting is open, and given up with one that was given up."""
    query = """
        SELECT c.id, c.state, min(o.state) AS collection FROM claims c
        LEFT JOIN usage_records u ON u.claim_id = c.id
        LEFT JOIN invoice_lines l ON l.claim_id = c.id OR l.id = u.invoice_line_id
        LEFT JOIN collections o ON o.invoice_id = l.invoice_id
             AND o.state = CASE c.state WHEN 'reserved' THEN 'open' ELSE 'given_up' END
        WHERE c.state IN ('reserved', 'given_up') AND c.released_at IS NULL
        GROUP BY c.id, c.state HAVING min(o.invoice_id) IS NULL"""
    for row in stream(connection, query):
        yield Finding("L5", "claims", row.id, "reserved_by_nothing", {"state": row.state})


def collections_fit_their_documents(connection: Connection) -> Iterator[Finding]:
    """What is done or issued open has its number; what is open, given up or released has none; and whatever awaits its
    payment is being collected."""
    query = """
        SELECT i.id, i.status, o.state FROM invoices i LEFT JOIN collections o ON o.invoice_id = i.id
        WHERE i.status = 'awaiting_payment' AND (o.state IS NULL OR o.state IN ('done', 'issued_open'))"""
    for row in stream(connection, query):
        yield Finding("L5", "invoices", row.id, "collection_differs", {"collection": row.state})
    ended = """
        SELECT o.invoice_id AS id, o.state, i.status FROM collections o JOIN invoices i ON i.id = o.invoice_id
        WHERE i.status <> 'awaiting_payment' AND o.state NOT IN ('done', 'issued_open')"""
    for row in stream(connection, ended):
        yield Finding("L5", "collections", row.id, "collection_differs", {"state": row.state, "status": row.status})
