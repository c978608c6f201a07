"""What a list is and how a page of it is found: by the place of the last row that was seen, never by counting rows.

A page is one statement. Inside it a *pick* finds the ids of at most a page of rows by an index, outside of it their
columns are read; so page 1,000 costs what page 1 costs. Where filters are set, one more statement looks how many
rows each of them leaves, up to FEW: few are collected and sorted, many are met while walking the order's own index
(docs/adr, "A page begins after a row").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, false, func, literal, literal_column, or_, select, tuple_, union_all

from extensions import db
from queries.lists import position
from queries.lists.position import Position

Rows = Select[*tuple[Any, ...]]  # a select of whatever columns
LONGEST_SEARCH = 200
FEW = 1000  # so many rows are found by their ids and sorted in memory; more are met on the way
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
class Condition:
    """One wish in the spellings that a planner can work with.

    `holds` is asked of a row at hand and must not tempt a planner to begin with it. `members` are the ids of all rows
    for which it holds, by an index; without it the condition is only ever met on the way. `walk` gives these rows in
    the order of ids: it takes a pick and returns it with the condition built in, and the id's column to order by.
    `orders` are the sorts that stay possible while it leaves more than FEW rows (None: all): what is found in another
    order than it is sorted by could stand at the far end of it. `leads` names the one order whose index finds these
    rows, with "-" for descending: the list then stands in it.
    """

    holds: ColumnElement[bool]
    members: Rows | None = None
    walk: Callable[[Rows], tuple[Rows, Any]] | None = None
    leads: str = ""
    orders: frozenset[str] | None = None


Narrow = Callable[[str], Condition | None]  # what a value out of an address means; None: nothing


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
    none does.
    """

    conditions: tuple[Condition, ...]
    few: Condition | None
    many: bool
    sort: str
    descending: bool
    offered: frozenset[str]


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


def page(listing: Listing, wish: Wish, size: int, after: str = "", before: str = "", in_full: bool = False) -> Page:
    """The page after or before a token, else the first one; `before="end"` is the last. At most two statements.

    A token that is garbled, or of another order, leads to the first page.
    """
    asked = understand(listing, wish)
    keys = _keys(listing, asked)
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
    some = _pick(listing, understand(listing, wish), most + 1, None, False).order_by(None).subquery()
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
    few = _fewest(conditions)
    free = {name for name, sort in listing.sorts.items() if not sort.led}
    kept = free if few else free.intersection(*(each.orders for each in conditions if each.orders is not None))
    offered = {led.removeprefix("-")} if led else {NEWEST, *kept}
    usual = led or (listing.order if listing.order.removeprefix("-") in offered else f"-{NEWEST}")
    wanted = wish.sort if wish.sort.removeprefix("-") in offered else usual
    return Asked(tuple(conditions), few, len(kept) < len(free), wanted.removeprefix("-"), wanted.startswith("-"),
                 frozenset(offered))  # fmt: skip


def _page_query(listing: Listing, asked: Asked, size: int, at: Position | None, backward: bool, in_full: bool) -> Rows:
    """The pick inside, the columns outside, and the values of the sort beside them for the tokens."""
    pick = _pick(listing, asked, size + 1, at, backward).subquery("picked")
    statement = (listing.in_full if in_full and listing.in_full else listing.statement)()
    sort, keys = _sort(listing, asked), _keys(listing, asked)
    query = statement.add_columns(*(key.label(f"key_{n}") for n, key in enumerate(keys)))
    query = query.where(listing.key.in_(select(pick.c.id)))
    return query.order_by(*_order(sort, keys, asked.descending, backward))


def _pick(listing: Listing, asked: Asked, size: int, at: Position | None, backward: bool) -> Rows:
    """The ids of the rows of a page, in one of three ways: few are collected, an index of a filter is walked, or the
    index of the order is walked and the filters are asked on the way."""
    sort = _sort(listing, asked)
    query: Rows = select(listing.key.label("id")).where(*listing.base)
    key, asked_last = listing.key, list(asked.conditions)
    few = asked.few
    walk = next((each for each in asked.conditions if each.walk), None) if not sort.columns else None
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
    return query.order_by(*_order(sort, keys, asked.descending, backward)).limit(size)


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


def _fewest(conditions: Sequence[Condition]) -> Condition | None:
    """The condition that leaves the fewest rows, if these are FEW. One statement, whose work is bounded."""
    sized = [each for each in conditions if each.members is not None]
    if not sized:
        return None
    counts = [_count(each.members) for each in sized if each.members is not None]
    sizes = list(db.session.execute(select(*counts)).one())
    smallest = min(range(len(sized)), key=lambda n: sizes[n])
    return sized[smallest] if sizes[smallest] <= FEW else None


def _count(members: Rows) -> Any:
    some = members.limit(FEW + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _sort(listing: Listing, asked: Asked) -> Sort:
    return listing.sorts.get(asked.sort, Sort())


def _keys(listing: Listing, asked: Asked) -> tuple[Any, ...]:
    return (*_sort(listing, asked).columns, listing.key)


def _beyond(keys: Sequence[Any], values: Sequence[Any], down: bool) -> ColumnElement[bool]:
    """Behind these values in the order, as a comparison of rows, which both databases answer from an index."""
    if len(keys) == 1:
        single: ColumnElement[bool] = keys[0] < values[0] if down else keys[0] > values[0]
        return single
    given = tuple_(*(literal(value, key.type) for key, value in zip(keys, values, strict=True)))
    row = tuple_(*keys)
    compared: ColumnElement[bool] = row < given if down else row > given
    return compared


def _order(sort: Sort, keys: Sequence[Any], descending: bool, backward: bool) -> list[Any]:
    down = descending ^ backward
    order = [key.desc() if down else key.asc() for key in keys]
    if sort.nullable:
        missing = keys[0].is_(None)
        order.insert(0, missing.desc() if backward else missing.asc())
    return order


def _page(
    rows: list[Row[Any]], asked: Asked, keys: Sequence[Any], at: Position | None, backward: bool, more: bool
) -> Page:
    """Which neighbours there are: the page that was come from, and one more row than was asked for."""
    first = _number_of_first(at, backward, len(rows))
    if not rows:
        return Page(rows, asked.sort, asked.descending, asked.offered, asked.many, number=None if at else 0)
    earlier, later = (more, at is not None) if backward else (at is not None, more)
    before = position.write(_values(rows[0], keys), first) if earlier else None
    after = position.write(_values(rows[-1], keys), None if first is None else first + len(rows)) if later else None
    return Page(rows, asked.sort, asked.descending, asked.offered, asked.many, before, after, first)


def _number_of_first(at: Position | None, backward: bool, count: int) -> int | None:
    if at is None:
        return None if backward else 0
    if at.number is None:
        return None
    return max(0, at.number - count) if backward else at.number


def _values(row: Row[Any], keys: Sequence[Any]) -> list[Any]:
    return [getattr(row, f"key_{n}") for n in range(len(keys))]


# Conditions that many lists share.

NOTHING = Condition(false())


def equals(column: Any, values: frozenset[str], key: Any = None) -> Narrow:
    """Narrow by the value of a text column. With `key`, an index on (column, key) finds the rows."""

    def meaning(value: str) -> Condition | None:
        if value not in values:
            return None
        return _equal(column, value, key, column == value) if key is not None else met_on_the_way(column, value)

    return meaning


def unless_common(column: Any, values: frozenset[str] | None, common: tuple[str, ...], key: Any) -> Narrow:
    """Narrow by a text column whose index on (column, key) leaves out the values that most rows have.

    Such an index costs nothing where rows are written by the thousand, and finds what is rare; what is common is met
    on the way.
    """
    # The index's own condition, with literals: SQLite recognises it in no other spelling.
    rare = [column != literal_column(f"'{value}'") for value in common]

    def meaning(value: str) -> Condition | None:
        if values is not None and value not in values:
            return None
        return met_on_the_way(column, value) if value in common else _equal(column, value, key, column == value, *rare)

    return meaning


def met_on_the_way(column: Any, value: str) -> Condition:
    """The rows are walked in their order and asked."""
    return Condition(unindexed(column) == value)


def _equal(column: Any, value: str, key: Any, *where: ColumnElement[bool]) -> Condition:
    return Condition(unindexed(column) == value, select(key).where(*where), lambda query: (query.where(*where), key))


def there_is(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Such a row exists, as a question that is asked of each row on the way: PostgreSQL would make a join of EXISTS and
    read both tables."""
    found = select(literal_column("1")).where(*where).limit(1).scalar_subquery()
    return found.is_not(None)


def unindexed(column: Any) -> Any:
    """The text column's value, spelled so that no planner begins with an index on it."""
    return column.concat("")


def any_of(*conditions: Condition) -> Condition:
    """At least one of them holds; the ids are those of all."""
    members = [each.members for each in conditions if each.members is not None]
    holds = or_(*(each.holds for each in conditions))
    orders = next((each.orders for each in conditions if each.orders is not None), None)
    if len(members) < len(conditions):
        return Condition(holds, orders=orders)
    ids = union_all(*members).subquery()
    return Condition(holds, select(ids.c[0]), orders=orders)
