"""The columns of a list and the ways to narrow it, declared."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from admin import kind_words, state_words

Kind = str
Values = tuple[tuple[str, Any], ...]
NUMBERS = frozenset({"money", "price", "quantity", "number", "about", "worth", "uses", "sums"})

SUMS = frozenset({"money", "price", "worth", "sums"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `kind` is how a cell is drawn (admin/cells.py) and written to a file (admin/sheets.py).

    `of` names the state machine or the group of words; `to` is the endpoint of a link, `id_from` the value it takes;
    `arg` names the parameter of the address where it is not the id of a record. `under` stands small below it in the
    same cell; a value that is `usual` there goes without saying. Files have columns of their own.
    """

    name: str
    label: Any
    kind: Kind = "text"
    of: str = ""
    to: str = ""
    id_from: str = "id"
    arg: str = "id"
    under: Column | None = None
    usual: str = ""

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS

    @property
    def is_sum(self) -> bool:
        """An amount says itself what it is; a bare count needs its label."""
        return self.kind in SUMS


@dataclass(frozen=True, slots=True)
class Choice:
    """A way to narrow a list: the name in the address, its label, and the values with their words.

    `kind` is `select`, `day`, or `text` with the values' words as suggestions.
    """

    name: str
    label: Any
    values: Values = ()
    kind: str = "select"

    def word(self, value: str) -> Any:
        """What a value is called above the list."""
        return next((label for known, label in self.values if known == value), value)


def state_choice(machine: str, name: str = "status", label: Any = None) -> Choice:
    """Narrow by state."""
    return Choice(name, label, tuple((state, text) for state, (text, _tone) in state_words.STATES[machine].items()))


def kind_choice(group: str, name: str, label: Any, only: Collection[Any] | None = None) -> Choice:
    """Narrow by kind: by each that has a word, or by those of `only`."""
    words = kind_words.KINDS[group].items()
    offered = ((str(key), text) for key, text in words if text and (only is None or key in only))
    return Choice(name, label, tuple(offered))


def yes_no_choice(name: str, label: Any) -> Choice:
    """Narrow by yes or no."""
    values = (("yes", state_words.STATES["yes_no"]["True"][0]), ("no", state_words.STATES["yes_no"]["False"][0]))
    return Choice(name, label, values)
