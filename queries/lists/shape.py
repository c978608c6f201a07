"""What a list is: its rows, what it may be sorted and narrowed by, what a person asked of it, and a page of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row

from queries.lists.conditions import Condition, Narrow, Rows

NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Sort:
    """An order that an index serves: its columns, of the list's own table, and then the id.

    Rows without a value in a `nullable` first column stand last, whichever way the list is sorted. `led` is an order
    that only a filter brings with it, because its index holds no other rows.
    """

    columns: tuple[Any, ...] = ()
    nullable: bool = False
    led: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """`statement` selects labelled columns, the first of which is `id`; `key` is that column.

    `sorts` and `narrows` name what a person may sort and narrow by, so that nothing else reaches SQL (S16). `search`
    gives the conditions of a typed text. `order` is the sort without a wish: a name, with "-" for descending.
    `base` holds for every row. `in_full` selects more columns, for exports.
    """

    statement: Callable[[], Rows]
    key: Any
    order: str = f"-{NEWEST}"
    sorts: Mapping[str, Sort] = field(default_factory=dict)
    narrows: Mapping[str, Narrow] = field(default_factory=dict)
    search: Callable[[str], Sequence[Condition]] | None = None
    base: tuple[ColumnElement[bool], ...] = ()
    in_full: Callable[[], Rows] | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked of a list. Names that the list does not know are passed over."""

    search: str = ""
    narrow: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""  # a name of the list's sorts, with "-" for descending
    ids: tuple[int, ...] = ()  # rows that were chosen by hand; empty: all


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish, understood: the conditions, the order, and which sorts may be chosen while it holds.

    `few` is the condition that leaves no more than FEW rows, if one does; `many` says that sorts are missing because
    none does. `usual` is the sort without a wish, with "-" for descending.
    """

    conditions: tuple[Condition, ...]
    few: Condition | None
    many: bool
    sort: str
    descending: bool
    offered: frozenset[str]
    usual: str


@dataclass(frozen=True, slots=True)
class Page:
    """Rows and where they stand. `before` and `after` are tokens for the neighbouring pages, None where there is none.

    `number` counts the rows before the first one, as far as it is known.
    """

    rows: list[Row[Any]]
    sort: str
    descending: bool
    offered: frozenset[str]
    many: bool = False
    before: str | None = None
    after: str | None = None
    number: int | None = 0
    usual: str = ""
