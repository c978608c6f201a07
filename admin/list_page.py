"""What a list's template draws: heads, rows, filters, chips and the ways to other pages, all as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from admin.cells import rows_as_html
from admin.columns import Choice, Column
from admin.formats import headed
from queries.lists.position import END
from queries.lists.shape import Page


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column; `url` sorts by it, `direction` is that of the present order."""

    label: str
    is_number: bool
    url: str = ""
    direction: str = ""  # ascending, descending, or of another column


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, and the address without it."""

    label: Any
    value: Any
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its cells as HTML, and the row itself for what a screen adds."""

    id: int
    cells: Markup
    row: Any


@dataclass(frozen=True, slots=True)
class ListPage:
    """The page. `args` is what stands in the address beside the place; `all_url` is the list without any of it."""

    heads: list[Head]
    lines: list[Line]
    chips: list[Chip]
    args: Mapping[str, str]
    query: str
    all_url: str
    first_url: str = ""
    before_url: str = ""
    after_url: str = ""
    last_url: str = ""
    first: int | None = None
    last: int | None = None
    total: int | None = None
    many: bool = False


def build(
    path: str, args: Mapping[str, str], columns: Sequence[Column], choices: Sequence[Choice], page: Page, lead: str,
    search_label: Any,
) -> ListPage:  # fmt: skip
    """Everything that the template needs; `args` are the search, the filters that are set, and the sort."""
    cells = rows_as_html(columns, page.rows, lead)
    lines = [Line(row.id, html, row) for row, html in zip(page.rows, cells, strict=True)]
    first = None if page.number is None else page.number + 1
    last = None if page.number is None else page.number + len(lines)
    return ListPage(
        heads=[_head(path, args, column, page) for column in columns], lines=lines,
        chips=_chips(path, args, choices, search_label), args=args, query=urlencode(dict(args)), all_url=path,
        first_url=_url(path, args) if page.before else "",
        before_url=_url(path, args, before=page.before), after_url=_url(path, args, after=page.after),
        last_url=_url(path, args, before=END) if page.after else "",
        first=first, last=last, total=last if last and not page.after else None, many=page.many,
    )  # fmt: skip


def _head(path: str, args: Mapping[str, str], column: Column, page: Page) -> Head:
    """The first click sorts upwards, the second downwards, the third goes back to the list's own order, unless that is
    the one it stands in."""
    label = headed(column.label)
    if column.name not in page.offered:
        return Head(label, column.is_number)
    direction = ("descending" if page.descending else "ascending") if page.sort == column.name else ""
    following = {"": column.name, "ascending": f"-{column.name}", "descending": ""}[direction]
    if direction == "descending" and page.usual == f"-{column.name}":
        following = column.name
    return Head(label, column.is_number, _url(path, {**args, "sort": following}), direction)


def _chips(path: str, args: Mapping[str, str], choices: Sequence[Choice], search_label: Any) -> list[Chip]:
    known: dict[str, tuple[Any, Any]] = {
        choice.name: (choice.label, choice.word(args[choice.name])) for choice in choices if choice.name in args
    }
    if args.get("search"):
        known["search"] = (search_label, args["search"])
    return [Chip(label, value, _url(path, {**args, name: ""})) for name, (label, value) in known.items()]


def _url(path: str, args: Mapping[str, str], **place: str | None) -> str:
    """The address of the list with these arguments; nothing where the wanted place is not there."""
    if place and not any(place.values()):
        return ""
    given = {name: value for name, value in {**args, **place}.items() if value}
    return f"{path}?{urlencode(given)}" if given else path
