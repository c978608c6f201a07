"""What a list is and how a page of it is found: by the place of the last row that was seen, never by counting rows.

A page is one statement. Inside it a *pick* finds the ids of at most a page of rows by an index, outside of it their
columns are read; so page 1,000 costs what page 1 costs. Where filters are set, one more statement looks how many
rows each of them leaves, up to FEW: few are collected and sorted, many are met while walking the order's own index
(docs/adr, "A page begins after a row").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select

from extensions import db
from queries.lists import position
from queries.lists.conditions import Condition, Rows, fewest
from queries.lists.picking import keys_of, order_of, pick, sort_of
from queries.lists.position import Position
from queries.lists.shape import NEWEST, Asked, Listing, Page, Wish

LONGEST_SEARCH = 200


def page(listing: Listing, wish: Wish, size: int, after: str = "", before: str = "", in_full: bool = False) -> Page:
    """The page after or before a token, else the first one; `before="end"` is the last. At most two statements.

    A token that is garbled, or of another order, leads to the first page.
    """
    asked = understand(listing, wish)
    keys = keys_of(listing, asked)
    at = position.read(after or before, keys)
    backward = bool(before) and not after and (at is not None or before == position.END)
    query = _page_query(listing, asked, size, at, backward, in_full)
    found: Sequence[Row[Any]] = db.session.execute(query).all()
    more, rows = len(found) > size, list(found[:size])
    if backward:
        rows.reverse()
    return _page(rows, asked, keys, at, backward, more)


def exceeds(listing: Listing, wish: Wish, most: int) -> bool:
    """Whether there are more rows than that; no more are looked at. At most two statements."""
    some = pick(listing, understand(listing, wish), most + 1, None, False).order_by(None).subquery()
    return (db.session.scalar(select(func.count()).select_from(some)) or 0) > most


def understand(listing: Listing, wish: Wish) -> Asked:
    """The wish in terms of the list; unknown names, values and sorts are passed over."""
    conditions: list[Condition] = []
    if wish.ids:
        conditions.append(Condition(listing.key.in_(wish.ids), select(listing.key).where(listing.key.in_(wish.ids))))
    text = "".join(char for char in wish.search if char.isprintable()).strip()[:LONGEST_SEARCH]
    if text and listing.search is not None:
        conditions += listing.search(text)
    for name, value in wish.narrow.items():
        known = name in listing.narrows and value.isprintable()  # PostgreSQL takes no NUL, not even to compare
        condition = listing.narrows[name](value) if value and known else None
        if condition is not None:
            conditions.append(condition)
    led = next((each.leads for each in conditions if each.leads), "")
    few = fewest(conditions)
    free = {name for name, sort in listing.sorts.items() if not sort.led}
    kept = free if few else free.intersection(*(each.orders for each in conditions if each.orders is not None))
    offered = {led.removeprefix("-")} if led else {NEWEST, *kept}
    walked = few is None and any(each.walk for each in conditions)  # by ids: another order would ask every row
    usual = led or (listing.order if listing.order.removeprefix("-") in offered and not walked else f"-{NEWEST}")
    wanted = wish.sort if wish.sort.removeprefix("-") in offered else usual
    return Asked(tuple(conditions), few, len(kept) < len(free), wanted.removeprefix("-"), wanted.startswith("-"),
                 frozenset(offered), usual)  # fmt: skip


def _page_query(listing: Listing, asked: Asked, size: int, at: Position | None, backward: bool, in_full: bool) -> Rows:
    """The pick inside, the columns outside, and the values of the sort beside them for the tokens."""
    picked = pick(listing, asked, size + 1, at, backward).subquery("picked")
    statement = (listing.in_full if in_full and listing.in_full else listing.statement)()
    sort, keys = sort_of(listing, asked), keys_of(listing, asked)
    query = statement.add_columns(*(key.label(f"key_{n}") for n, key in enumerate(keys)))
    query = query.where(listing.key.in_(select(picked.c.id)))
    return query.order_by(*order_of(sort, keys, asked.descending, backward))


def _page(
    rows: list[Row[Any]], asked: Asked, keys: Sequence[Any], at: Position | None, backward: bool, more: bool
) -> Page:
    """Which neighbours there are: the page that was come from, and one more row than was asked for."""
    first, order = _number_of_first(at, backward, len(rows)), (asked.sort, asked.descending, asked.offered, asked.many)
    if not rows:
        return Page(rows, *order, number=None if at else 0, usual=asked.usual)
    earlier, later = (more, at is not None) if backward else (at is not None, more)
    before = position.write(_values(rows[0], keys), first) if earlier else None
    after = position.write(_values(rows[-1], keys), None if first is None else first + len(rows)) if later else None
    return Page(rows, *order, before, after, first, asked.usual)


def _number_of_first(at: Position | None, backward: bool, count: int) -> int | None:
    if at is None:
        return None if backward else 0
    if at.number is None:
        return None
    return max(0, at.number - count) if backward else at.number


def _values(row: Row[Any], keys: Sequence[Any]) -> list[Any]:
    return [getattr(row, f"key_{n}") for n in range(len(keys))]
