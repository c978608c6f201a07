"""Payment methods and the record say the same, and what would be charged can be (M1-19)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from billing.collecting import TYPE_OF_KIND
from services.findings import Finding, stream


def the_record_names_its_default(connection: Connection) -> Iterator[Finding]:
    """A default is of the type that the customer's record names, and is one that can be or could be charged; a record
    that was merged has none."""
    codes = " ".join(f"WHEN '{kind}' THEN {code}" for kind, code in TYPE_OF_KIND.items())
    query = f"""
        SELECT m.id, m.kind, m.state, c.payment_type FROM payment_methods m JOIN customers c ON c.id = m.customer_id
        WHERE m.is_default AND c.erased_at IS NULL
          AND (c.payment_type <> CASE m.kind {codes} END OR m.state NOT IN ('active', 'expired')
               OR c.survivor_id <> c.id)"""
    for row in stream(connection, query):
        facts = {"kind": row.kind, "state": row.state, "payment_type": row.payment_type}
        yield Finding("L5", "payment_methods", row.id, "default_differs", facts)


def what_a_provider_keeps_has_its_token(connection: Connection) -> Iterator[Finding]:
    """Nothing can be charged without one; a contract's own method is of the contract's customer."""
    query = """
        SELECT m.id FROM payment_methods m JOIN customers c ON c.id = m.customer_id
        WHERE m.gateway <> '' AND m.state = 'active' AND m.token = '' AND c.erased_at IS NULL"""
    for row in stream(connection, query):
        yield Finding("L5", "payment_methods", row.id, "token_missing", {})
    query = """
        SELECT m.id FROM subscriptions s JOIN payment_methods m ON m.id = s.payment_method_id
        JOIN customers c ON c.id = s.customer_id WHERE coalesce(c.survivor_id, c.id) <> m.customer_id"""
    for row in stream(connection, query):
        yield Finding("L5", "payment_methods", row.id, "other_customer", {})
