"""The forms in which demo_people.py and demo_firms.py tell a customer's story."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from services.demo_days import Day, When


@dataclass(frozen=True, slots=True)
class Contract:
    """`taken_over`: came in running on that day; what was due before counts as billed elsewhere (D-13).

    `entered`: written down on that day only, with all that is due since the start. `price`: agreed in `currency`.
    """

    article: str
    starts: When
    quantity: Decimal = Decimal(1)
    addons: tuple[str, ...] = ()
    taken_over: Day | None = None
    ends: Day | None = None
    entered: Day | None = None
    currency: str | None = None
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Pays:
    """So many `days` after each invoice (None: within a fortnight); nothing of what was issued since `until`, except
    that the first of these is paid in `part`."""

    days: int | None = None
    until: Day | None = None
    part: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """`block`, `deactivate`, `activate` or `delete` with a reason, or `update` with new values; by whom:
    support, the owner, or the customer."""

    when: Day
    deed: str
    reason: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    by: str = "support"


@dataclass(frozen=True, slots=True)
class Person:
    """A customer's record, contracts, tags, way of paying and what happened to it.

    `came`: before the first contract, or without any.
    """

    values: dict[str, Any]
    contracts: tuple[Contract, ...] = ()
    tags: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    pays: Pays = Pays()
    came: Day | None = None


def someone(salutation: str, name: str, street: str, place: str, email: str, **more: Any) -> dict[str, Any]:
    """The values of a person's record: "Anna Petersen", "Straße 1", "20359 Hamburg"."""
    first, _, last = name.rpartition(" ")
    return _record(street, place, email) | {"salutation": salutation, "first_name": first, "last_name": last} | more


def firm(organization: str, name: str, street: str, place: str, email: str, **more: Any) -> dict[str, Any]:
    """The values of an organisation's record with the person who is written to: "mrs Theresia Hölzl"."""
    salutation, _, person = name.partition(" ")
    return someone(salutation, person, street, place, email) | {"organization": organization} | more


def _record(street: str, place: str, email: str) -> dict[str, Any]:
    zipcode, _, city = place.partition(" ")
    return {"address": street, "zipcode": zipcode, "city": city, "email": email}
