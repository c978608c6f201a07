"""A record and its first login, in one transaction: the tick "Einladung senden" of the form (D-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services import customer_logins
from services.actor import Actor
from services.customers import create_customer
from services.unit import write


@dataclass(frozen=True, slots=True)
class Welcomed:
    """`link` only where the invitation reaches nobody by mail: somebody has to hand it over."""

    customer_id: int
    link: str | None = None


def welcome(actor: Actor, values: Mapping[str, Any], *, invited: bool) -> Welcomed:
    """Make the record, and invite its e-mail address to the portal if asked for. Raises as both do: then nothing was
    made."""
    if not invited:
        return Welcomed(create_customer(actor, values))
    with write():
        customer_id = create_customer(actor, values)
        made = customer_logins.invite(actor, customer_id, str(values.get("email") or ""))
        return Welcomed(customer_id, made.link)
