"""How the fields of two records are shown side by side, and what an activity tells of a merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from admin import formats
from admin.customer_form import CustomerForm
from admin.field_words import field_label, told
from admin.record_words import HOLDINGS
from services.activities import NOT_SHOWN
from services.merge_fields import UNITS, Difference
from services.merge_preview import Together

_ORDER = [name for _, names in CustomerForm.groups for name in names]


@dataclass(frozen=True, slots=True)
class Row:
    """A unit as the page shows it: its word, the lines of each value, and what is chosen."""

    unit: str
    label: Any
    this: tuple[str, ...]
    other: tuple[str, ...]
    chosen: str
    can_join: bool


def rows(differing: Sequence[Difference], chosen: Mapping[str, str]) -> list[Row]:
    """In the order of the record's form; `chosen` is what a person picked before."""
    found = [
        Row(each.unit, field_label(each.unit), lines(each.unit, each.this), lines(each.unit, each.other),
            chosen.get(each.unit, each.proposed), each.can_join)
        for each in differing
    ]  # fmt: skip
    return sorted(found, key=lambda row: _place(row.unit))


def lines(unit: str, values: Sequence[Any]) -> tuple[str, ...]:
    """A value as people read it, one line for each part that is filled; what is secret is told, not shown."""
    columns = UNITS[unit]
    if len(columns) == 1:
        return _single(unit, values[0])
    filled = [(column, value) for column, value in zip(columns, values, strict=True) if value]
    return tuple(f"{field_label(column)}: {_text(column, value)}" for column, value in filled)


def holding(line: Together) -> Any:
    """The word of the line."""
    return HOLDINGS[line.subject]


def figure(line: Together, cents: int) -> str:
    """A count, or a sum of money."""
    return formats.money(cents, line.currency) if line.currency else formats.quantity(cents)


def _single(column: str, value: Any) -> tuple[str, ...]:
    if column == "x_attributes":
        return tuple(_attribute(each) for each in value or ())
    if value is None or value == "":
        return ()
    return tuple(_text(column, value).splitlines())


def _attribute(each: Any) -> str:
    return f"{each.get('KEY', '')}: {each.get('VALUE', '')}" if isinstance(each, dict) else str(each)


def _text(column: str, value: Any) -> str:
    if column in ("bank_iban", "bank_account_number"):
        return formats.masked_iban(value)
    if column == "payment_token":
        return NOT_SHOWN
    if column in ("country_code", "delivery_country_code"):
        return formats.country(value)
    return formats.day(value) if isinstance(value, date) else told(column, value)


def _place(unit: str) -> int:
    """Bank data stand where the IBAN stands; what no form has comes last."""
    name = "bank_iban" if unit == "bank" else unit
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)
