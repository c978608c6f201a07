"""A record and its first login, in one transaction: the tick "Einladung senden" of the form (D-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models import Customer
from services import customer_logins
from services.actor import Actor
from services.customers import create_customer
from services.unit import write


@dataclass(frozen=True, slots=True)
class Welcomed:
    """`link` only where the invitation reaches nobody by mail: somebody has to hand it over."""

    customer_id: int
    number: str
    link: str | None = None


def welcome(actor: Actor, values: Mapping[str, Any], *, invited: bool) -> Welcomed:
    """Make the record, and invite its e-mail address to the portal if asked for. Raises as both do: then nothing was
    made."""
    with write() as session:
        customer_id = create_customer(actor, values)
        link = customer_logins.invite(actor, customer_id, str(values.get("email") or "")).link if invited else None
        return Welcomed(customer_id, session.get_one(Customer, customer_id).number, link)
