"""What a list is: one select, how it is searched, narrowed and sorted. A page and an export are one statement each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Select

from extensions import db

Rows = Select[*tuple[Any, ...]]  # a select of whatever columns
LONGEST_SEARCH = 200
LAST_PAGE = 10_000  # a page beyond it is a mistyped address, not a wish (S26)
STREAMED = 500  # rows fetched at a time by an export


@dataclass(frozen=True, slots=True)
class Listing:
    """`statement` selects labelled columns, the first of which is `id`; `key` is that column.

    `sorts` and `narrows` name what a person may sort and narrow by, so that nothing else reaches SQL (S16). `search`
    gives the condition for a typed text.
    """

    statement: Callable[[], Rows]
    key: Any
    order: tuple[Any, ...] = ()
    sorts: Mapping[str, Any] = field(default_factory=dict)
    narrows: Mapping[str, Callable[[str], ColumnElement[bool]]] = field(default_factory=dict)
    search: Callable[[str], ColumnElement[bool]] | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked of a list. Names that the list does not know are passed over."""

    search: str = ""
    narrow: Mapping[str, str] = field(default_factory=dict)
    sort: str | None = None
    descending: bool = False


def page(listing: Listing, wish: Wish, number: int, size: int) -> tuple[list[Row[Any]], bool]:
    """The rows of page `number` (from 0) and whether there are more after them. One statement."""
    number = max(0, min(number, LAST_PAGE))
    query = select_rows(listing, wish).limit(size + 1).offset(number * size)
    found: Sequence[Row[Any]] = db.session.execute(query).all()
    return list(found[:size]), len(found) > size


def stream(listing: Listing, wish: Wish) -> Iterator[Row[Any]]:
    """All rows, a few hundred at a time, on a connection of their own.

    The read door is a deferred transaction in WAL mode: those who write meanwhile wait for nobody, and the export
    shows one moment.
    """
    with db.engine.connect() as connection:
        options = {"stream_results": True, "yield_per": STREAMED}
        yield from connection.execute(select_rows(listing, wish), execution_options=options)


def select_rows(listing: Listing, wish: Wish) -> Rows:
    """The statement for a wish, in a stable order."""
    query = listing.statement()
    text = wish.search.strip()[:LONGEST_SEARCH]
    if text and listing.search is not None:
        query = query.where(listing.search(text))
    for name, value in wish.narrow.items():
        if value and name in listing.narrows:
            query = query.where(listing.narrows[name](value))
    return query.order_by(*_order(listing, wish))


def equals(column: Any) -> Callable[[str], ColumnElement[bool]]:
    """Narrow by the value of a text column."""
    return lambda value: column == value


def _order(listing: Listing, wish: Wish) -> tuple[Any, ...]:
    column = listing.sorts.get(wish.sort) if wish.sort else None
    if column is None:
        return (*listing.order, listing.key.desc())
    return (column.desc(), listing.key.desc()) if wish.descending else (column.asc(), listing.key.asc())
