"""Which record speaks for a customer today: merged ones lead on to it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from billing.errors import NotFound
from models import Customer


def find_survivor(session: Session, customer_id: int) -> Customer:
    """The record that speaks for this id today (merged records lead to it). Raises NotFound("customer_id")."""
    row = session.get(Customer, customer_id)
    if row is not None and row.survivor_id is not None and row.survivor_id != row.id:
        row = session.get(Customer, row.survivor_id)
    if row is None:
        raise NotFound("unknown_customer", field="customer_id")
    return row
