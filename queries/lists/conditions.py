"""One wish about the rows of a list, in spellings that a planner can work with, and wishes that many lists share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, literal_column, or_, select, union_all

from extensions import db
from models import Customer

Rows = Select[*tuple[Any, ...]]  # a select of whatever columns
FEW = 1000  # so many rows are found by their ids and sorted in memory; more are met on the way


@dataclass(frozen=True, slots=True)
class Condition:
    """One wish in the spellings that a planner can work with.

    `holds` is asked of a row at hand and must not tempt a planner to begin with it. `members` are the ids of all rows
    for which it holds, by an index; without it the condition is only ever met on the way. `walk` gives these rows in
    the order of ids, or in that of `leads`: it takes a pick and returns it with the condition built in, and the id's
    column to order by.
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


def day_bound(compare: Callable[[date], Any], leads: str) -> Narrow:
    """From or up to a day in ISO's form; the list then stands in the order of these days."""

    def meaning(value: str) -> Condition | None:
        try:
            return Condition(compare(date.fromisoformat(value)), leads=leads)
        except ValueError:
            return None

    return meaning


def met_on_the_way(column: Any, value: str) -> Condition:
    """The rows are walked in their order and asked."""
    return Condition(unindexed(column) == value)


def led_by(column: Any, values: frozenset[str], key: Any, leads: str) -> Narrow:
    """Narrow by a text column that an index has before the columns of an order: rare or common, its rows are found in
    that order."""

    def meaning(value: str) -> Condition | None:
        return _equal(column, value, key, column == value, leads=leads) if value in values else None

    return meaning


def _equal(column: Any, value: str, key: Any, *where: ColumnElement[bool], leads: str = "") -> Condition:
    members = select(key).where(*where)
    return Condition(unindexed(column) == value, members, lambda query: (query.where(*where), key), leads)


def there_is(*where: ColumnElement[bool], beside: Any = None) -> ColumnElement[bool]:
    """Such a row exists, as a question that is asked of each row on the way: PostgreSQL would make a join of EXISTS and
    read both tables. `beside`: the table of the rows, where the question is a column of theirs."""
    found: Rows = select(literal_column("1")).where(*where).limit(1)
    return (found.correlate(beside) if beside is not None else found).scalar_subquery().is_not(None)


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


def fewest(conditions: Sequence[Condition]) -> Condition | None:
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


def is_of_deleted(model: Any) -> ColumnElement[bool]:
    """Whether the row belongs to a deleted customer: such rows stand on its card alone (DSG-2)."""
    return there_is(Customer.id == model.customer_id, Customer.erased_at.is_not(None), beside=model)
