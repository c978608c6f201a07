"""The columns of a list, declared; templates draw them by kind, exports spell them by kind."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from admin import formats, words

Kind = str


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `kind` is how a cell is drawn (templates/admin/parts.html); numbers stand to the right.

    `of` names the state machine or the group of words; `to` is the endpoint of a link, `id_from` the value it takes.
    """

    name: str
    label: Any
    kind: Kind = "text"
    of: str = ""
    to: str = ""
    id_from: str = "id"

    @property
    def is_number(self) -> bool:
        return self.kind in ("money", "price", "quantity", "number")


@dataclass(frozen=True, slots=True)
class Choice:
    """A way to narrow a list: the name in the address, its label, and the values with their words."""

    name: str
    label: Any
    values: tuple[tuple[str, Any], ...]


def state_choice(machine: str, name: str = "status", label: Any = None) -> Choice:
    """Narrow by state."""
    values = tuple((state, text) for state, (text, _tone) in words.STATES[machine].items())
    return Choice(name, label, values)


def kind_choice(group: str, name: str, label: Any) -> Choice:
    """Narrow by kind."""
    return Choice(name, label, tuple((str(key), text) for key, text in words.KINDS[group].items() if text))


def exported(column: Column, row: Any) -> str:
    """A cell as it stands in a file: no markup, decimals with a comma and without a thousands separator."""
    value = getattr(row, column.name)
    if value is None:
        return ""
    if column.kind == "money":
        return f"{Decimal(value).scaleb(-2):.2f}".replace(".", ",")
    if column.kind in ("price", "quantity"):
        return f"{value.normalize():f}".replace(".", ",")
    return _as_words(column, row, value)


def _as_words(column: Column, row: Any, value: Any) -> str:
    spelled = {
        "state": lambda: words.state_label(column.of, value)[0],
        "yes_no": lambda: words.state_label("yes_no", value)[0],
        "kind": lambda: words.kind_label(column.of, value),
        "link_deed": lambda: words.deed_label(value),
        "link_kind": lambda: words.kind_label(column.of, value),
        "link_day": lambda: formats.day(value),
        "due": lambda: formats.day(value),
        "problem": lambda: words.problem_label(value),
        "account": lambda: words.account_label(value),
        "day": lambda: formats.day(value),
        "last_day": lambda: formats.day(formats.last_day(value)),
        "moment": lambda: formats.moment(value),
        "rhythm": lambda: words.rhythm(value, row.interval_count),
    }.get(column.kind)
    return str(spelled() if spelled else value)
