"""How the ids of one page are found: few are collected, a filter's index is walked, or the order's index is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, false, literal, select, tuple_, union_all

from queries.lists.conditions import Rows
from queries.lists.position import Position
from queries.lists.shape import Asked, Listing, Sort


def pick(listing: Listing, asked: Asked, size: int, at: Position | None, backward: bool) -> Rows:
    """The ids of the rows of a page, in one of three ways: few are collected, an index of a filter is walked, or the
    index of the order is walked and the filters are asked on the way."""
    sort = sort_of(listing, asked)
    query: Rows = select(listing.key.label("id")).where(*listing.base)
    key, asked_last = listing.key, list(asked.conditions)
    few = asked.few
    order = asked.sort if sort.columns else ""
    walk = next((c for c in asked.conditions if c.walk and c.leads.removeprefix("-") == order), None)
    if few is not None and few.members is not None:
        query, asked_last = query.where(key.in_(few.members)), [c for c in asked.conditions if c is not few]
    elif walk is not None and walk.walk is not None:
        query, key = walk.walk(query)
        asked_last = [c for c in asked.conditions if c is not walk]
    query = query.where(*(condition.holds for condition in asked_last))
    if sort.nullable:
        return _pick_with_gaps(query, sort, key, asked.descending, size, at, backward)
    keys = (*sort.columns, key)
    if at is not None:
        query = query.where(_beyond(keys, at.values, asked.descending ^ backward))
    return query.order_by(*order_of(sort, keys, asked.descending, backward)).limit(size)


def _pick_with_gaps(
    query: Rows, sort: Sort, key: Any, descending: bool, size: int, at: Position | None, backward: bool
) -> Rows:
    """Rows with a value and rows without one as two ranges of the same index, each at most a page long."""
    keys, down = (*sort.columns, key), descending ^ backward
    first = sort.columns[0]
    with_value, without = query.where(first.isnot(None)), query.where(first.is_(None))
    if at is not None and at.values[0] is None:
        without = without.where(_beyond((key,), at.values[-1:], down))
        with_value = with_value if backward else with_value.where(false())
    elif at is not None:
        with_value = with_value.where(_beyond(keys, at.values, down))
        without = without.where(false()) if backward else without
    parts: list[Rows] = []
    for number, part in enumerate((without, with_value) if backward else (with_value, without)):
        named = part.add_columns(*(each.label(f"key_{n}") for n, each in enumerate(keys)))
        ordered = named.order_by(*(each.desc() if down else each.asc() for each in keys)).limit(size).subquery()
        parts.append(select(literal(number).label("part"), *ordered.c))
    both = union_all(*parts).subquery()
    inside = [both.c[f"key_{n}"] for n in range(len(keys))]
    return select(both.c.id).order_by(both.c.part, *(c.desc() if down else c.asc() for c in inside)).limit(size)


def _beyond(keys: Sequence[Any], values: Sequence[Any], down: bool) -> ColumnElement[bool]:
    """Behind these values in the order, as a comparison of rows, which both databases answer from an index."""
    if len(keys) == 1:
        single: ColumnElement[bool] = keys[0] < values[0] if down else keys[0] > values[0]
        return single
    given = tuple_(*(literal(value, key.type) for key, value in zip(keys, values, strict=True)))
    row = tuple_(*keys)
    compared: ColumnElement[bool] = row < given if down else row > given
    return compared


def order_of(sort: Sort, keys: Sequence[Any], descending: bool, backward: bool) -> list[Any]:
    down = descending ^ backward
    order = [key.desc() if down else key.asc() for key in keys]
    if sort.nullable:
        missing = keys[0].is_(None)
        order.insert(0, missing.desc() if backward else missing.asc())
    return order


def sort_of(listing: Listing, asked: Asked) -> Sort:
    return listing.sorts.get(asked.sort, Sort())


def keys_of(listing: Listing, asked: Asked) -> tuple[Any, ...]:
    return (*sort_of(listing, asked).columns, listing.key)
