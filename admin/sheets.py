"""Lists as rows of files: what a column says in a table program, and what a record says to a machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from admin import deed_words, problem_words, words
from admin.columns import Column
from admin.formats import headed, last_day, sums
from documents.sheets import Cell
from services import clock

WITH_CURRENCY = frozenset({"money", "price"})


def with_currency(columns: Sequence[Column], currency: Any) -> tuple[Column, ...]:
    """A file tells the currency beside its amounts."""
    needs = any(column.kind in WITH_CURRENCY for column in columns)
    return (*columns, Column("currency_code", currency)) if needs else tuple(columns)


def heads(columns: Sequence[Column]) -> list[str]:
    return [headed(column.label) for column in columns]


def as_cells(columns: Sequence[Column], rows: Sequence[Any]) -> list[list[Cell]]:
    """Words in the reader's language; amounts, numbers and days as what they are."""
    known: dict[tuple[str, Any], Cell] = {}

    def cell(column: Column, row: Any) -> Cell:
        value = getattr(row, column.name)
        spell = _SPELLED.get(column.kind)
        if spell is None or value is None:
            return _plain(value)
        if column.kind not in _REPEATED:
            return spell(column, value, row)
        key = (column.name, value)
        if key not in known:
            known[key] = spell(column, value, row)
        return known[key]

    return [[cell(column, row) for column in columns] for row in rows]


def as_records(columns: Sequence[Column], rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Machine names, codes, whole cents, days and instants in ISO's form, decimals as text: nothing is rounded."""
    names = ["id", *(column.name for column in columns)]
    return [{name: _for_machines(getattr(row, name)) for name in names} for row in rows]


def _plain(value: Any) -> Cell:
    if isinstance(value, bool):
        return str(words.state_label("yes_no", value)[0])
    if isinstance(value, datetime):
        return clock.berlin(value).replace(tzinfo=None)
    return value if isinstance(value, str | int | Decimal | date) else "" if value is None else str(value)


_REPEATED = frozenset({"state", "yes_no", "kind", "link_kind", "account", "link_deed", "money"})
_SPELLED: Mapping[str, Callable[[Column, Any, Any], Cell]] = {
    "money": lambda _c, value, _row: Decimal(value).scaleb(-2),
    "price": lambda _c, value, _row: _shortest(value),
    "sums": lambda _c, value, _row: sums(value),
    "quantity": lambda _c, value, _row: _shortest(value) if isinstance(value, Decimal) else value,
    "state": lambda c, value, _row: str(words.state_label(c.of, value)[0]),
    "yes_no": lambda _c, value, _row: str(words.state_label("yes_no", value)[0]),
    "kind": lambda c, value, _row: str(words.kind_label(c.of, value)),
    "link_kind": lambda c, value, _row: str(words.kind_label(c.of, value)),
    "link_deed": lambda _c, value, _row: str(deed_words.deed_label(value)),
    "problem": lambda _c, value, _row: problem_words.problem_label(value),
    "account": lambda _c, value, _row: words.account_label(value),
    "last_day": lambda _c, value, _row: last_day(value),
    "rhythm": lambda _c, value, row: words.rhythm(value, row.interval_count),
    "object": lambda _c, value, row: f"{words.kind_label('object', value)} {row.object_name or row.object_id}",
}


def _shortest(value: Decimal) -> Decimal:
    """Without zeros at the end, but with two places: a price is no 9.9."""
    places = max(2, -int(value.normalize().as_tuple().exponent))
    return value.quantize(Decimal(1).scaleb(-places))


def _for_machines(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return f"{_shortest(value):f}" if isinstance(value, Decimal) else value
