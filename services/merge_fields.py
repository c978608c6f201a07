"""What of two records is chosen at a merge, and what the survivor's fields become (R-21, DSG-4).

A unit is what is chosen at once: mostly one field. Bank data with its mandate is one unit, because a mandate of one
record with the account of the other would be no mandate; so is a provider with its token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from billing.errors import Invalid
from models import Customer
from models.record_fates import COLUMNS, ColumnMerge

THIS, OTHER, BOTH = "this", "other", "both"

_TOGETHER: Mapping[str, tuple[str, ...]] = {
    "bank": (
        *("bank_account_owner", "bank_iban", "bank_bic", "bank_name", "bank_account_number", "bank_code"),
        *("bank_account_owner_address", "bank_account_owner_zipcode", "bank_account_owner_city"),
        *("bank_account_owner_email", "mandate_reference", "mandate_signed_on"),
    ),
    "provider": ("payment_provider", "payment_token"),
}
_INSIDE = {column for columns in _TOGETHER.values() for column in columns}
_CHOSEN = [name for name, fate in COLUMNS.items() if fate.merge is ColumnMerge.CHOSEN]

# unit -> its columns, in the order of the record
UNITS: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in _CHOSEN if name not in _INSIDE},
    **_TOGETHER,
}
JOINABLE = frozenset({"comment", "x_attributes"})  # both values can stand together


@dataclass(frozen=True, slots=True)
class Difference:
    """A unit in which two records differ: its values by column, and what is proposed."""

    unit: str
    this: tuple[Any, ...]
    other: tuple[Any, ...]
    proposed: str
    can_join: bool


def differences(survivor: Customer, other: Customer) -> tuple[Difference, ...]:
    """Where the records differ, in the order of the units. What is empty here and filled there is proposed from there:
    nothing is to be lost unasked."""
    found = []
    for unit, columns in UNITS.items():
        mine, theirs = _values(survivor, columns), _values(other, columns)
        if mine != theirs:
            joins = unit in JOINABLE and any(mine) and any(theirs)
            proposed = BOTH if joins else THIS if _is_filled(mine) else OTHER
            found.append(Difference(unit, mine, theirs, proposed, joins))
    return tuple(found)


def settled(survivor: Customer, other: Customer, choices: Mapping[str, str]) -> dict[str, str]:
    """The choice of every unit that differs: the person's, else what is proposed.

    Raises Invalid(unit, "not_a_choice"); Invalid("choices", "unknown_field") for a unit that there is not.
    """
    if unknown := choices.keys() - UNITS.keys():
        raise Invalid("choices", "unknown_field", fields=sorted(unknown))
    found: dict[str, str] = {}
    for each in differences(survivor, other):
        choice = choices.get(each.unit, each.proposed)
        if choice not in (THIS, OTHER, BOTH) or (choice == BOTH and not each.can_join):
            raise Invalid(each.unit, "not_a_choice")
        found[each.unit] = choice
    return found


def taken_over(survivor: Customer, other: Customer, choices: Mapping[str, str]) -> dict[str, Any]:
    """column -> value: what the survivor takes over, by choice and by rule; what it has already is not named."""
    values: dict[str, Any] = {}
    for unit, choice in choices.items():
        for column in UNITS[unit]:
            mine, theirs = getattr(survivor, column), getattr(other, column)
            values[column] = {THIS: mine, OTHER: theirs}[choice] if choice != BOTH else _joined(mine, theirs)
    values |= _by_rule(survivor, other)
    return {column: value for column, value in values.items() if value != getattr(survivor, column)}


def _by_rule(survivor: Customer, other: Customer) -> dict[str, Any]:
    """The earlier registration; a hold that lies on either; the longer time."""
    return {
        "registered_at": min(filter(None, (survivor.registered_at, other.registered_at)), default=None),
        "retain_until": max(filter(None, (survivor.retain_until, other.retain_until)), default=None),
        "legal_hold": survivor.legal_hold or other.legal_hold,
    }


def _joined(mine: Any, theirs: Any) -> Any:
    """Two notes under one another; attributes of both, where a key of the survivor wins."""
    if isinstance(mine, str):
        return f"{mine}\n{theirs}"
    own = {_key(each) for each in mine}
    return [*mine, *(each for each in theirs if _key(each) not in own)]


def _key(attribute: Any) -> str:
    """An attribute is a map with a KEY (M1-38); anything else is its own key."""
    return str(attribute.get("KEY", attribute)) if isinstance(attribute, dict) else str(attribute)


def _values(row: Customer, columns: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(row, column) for column in columns)


def _is_filled(values: tuple[Any, ...]) -> bool:
    """A "no" is an answer; an empty text, list or date is none."""
    return any(value is False or bool(value) or value == 0 for value in values if value is not None)
