"""Looking at what is masked otherwise: allowed to few, and it leaves a trace."""

from __future__ import annotations

from billing.errors import NotFound
from models import Customer
from services import activities
from services.actor import Actor
from services.unit import write


def customer_iban(actor: Actor, customer_id: int) -> str:
    """The customer's IBAN in full; the activity says who looked, not what they saw. Raises NotFound."""
    with write() as session:
        row = session.get(Customer, customer_id)
        if row is None or not row.bank_iban:
            raise NotFound("customer")
        activities.record(actor, "customer.iban_revealed", "customer", customer_id, customer_id=customer_id)
        return row.bank_iban
