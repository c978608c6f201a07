"""A record changed by form: two people who edit at once lose nothing.

The form carries what it showed. Fields that only one of both touched are joined; a field that both touched otherwise is
a matter for a person, who sees both values side by side (templates/admin/customer_clash.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from billing.errors import Conflict
from billing.likeness import iban_key
from models import Customer
from services import tags
from services.actor import Actor
from services.customer_fields import FIELDS
from services.customers import lock_survivor, update_customer
from services.unit import write

_NEVER_SEEN = object()  # a form that lost what it showed


def shown_of(session: Session, row: Customer) -> dict[str, Any]:
    """What a form shows of the record, by field, as JSON can hold it. The IBAN is told by a digest: enough to see that
    it was changed, nothing to read it from."""
    shown = {field: _plain(row, field, getattr(row, field)) for field in FIELDS if field != "x_attributes"}
    return shown | {"tags": sorted(tags.worn_by(session, row.id).values())}


def told(row: Customer, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a form in the same words as `shown_of`."""
    return {field: _plain(row, field, value) for field, value in values.items()}


def edit_customer(
    actor: Actor, customer_id: int, seen: Mapping[str, Any], wanted: Mapping[str, Any]
) -> tuple[str, ...]:
    """Store what differs from `seen`; gives the fields that somebody else changed meanwhile and that stay so.

    Raises as `customers.update_customer`, and Conflict("changed_meanwhile", fields=...) for fields that both touched.
    """
    with write() as session:
        row = lock_survivor(session, customer_id)
        now = shown_of(session, row)
        given = told(row, wanted)
        touched = {field for field in given if given[field] != seen.get(field, _NEVER_SEEN)} & _differing(given, now)
        theirs = {field for field in given if now[field] != seen.get(field, _NEVER_SEEN)}
        clashes = (touched & theirs) - {"tags"}
        if clashes:
            raise Conflict("changed_meanwhile", fields=[field for field in wanted if field in clashes])
        values = {field: wanted[field] for field in wanted if field in touched}
        if "tags" in values:
            values["tags"] = _joined(seen.get("tags", ()), given["tags"], now["tags"])
        update_customer(actor, row.id, values)
        return tuple(field for field in wanted if field in theirs - touched and field in seen)


def _differing(given: Mapping[str, Any], now: Mapping[str, Any]) -> set[str]:
    """Where both came to the same, nothing is left to do."""
    return {field for field in given if given[field] != now[field]}


def _joined(seen: Any, mine: list[str], theirs: list[str]) -> list[str]:
    """Tags that either put on, without those that either took off."""
    known, kept = {tags.word_of(name) for name in seen}, {tags.word_of(name) for name in mine}
    stay = [name for name in theirs if tags.word_of(name) in kept or tags.word_of(name) not in known]
    return stay + [name for name in mine if tags.word_of(name) not in known]


def _plain(row: Customer, field: str, value: Any) -> Any:
    if field == "tags":
        names = value.split(",") if isinstance(value, str) else value
        return sorted(name.strip() for name in names if name.strip())
    if field == "bank_iban":
        return sha256(f"{row.hash}{iban_key(value)}".encode()).hexdigest()[:32] if value else ""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip()
    return value.isoformat() if isinstance(value, date) else value
