"""Numbers of the house's own documents and records.

One counter row per range and year, locked by its own UPDATE until the transaction ends: what is rolled back was
never drawn, so a series has no gaps and no number is used twice (NUM-1, NUM-2, EB-47 to EB-49). Draw last, hold short.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, update

from billing.errors import Conflict
from billing.numbering import format_number
from models import NumberRange, Sequence
from services.sql import insert
from services.unit import write

DEFAULT_RANGES = {
    "customer": ("{N:5}", False, 10001),
    "invoice": ("RE-{YYYY}-{N:5}", True, 1),
    "cancellation": ("SR-{YYYY}-{N:5}", True, 1),
}


@dataclass(frozen=True, slots=True)
class Block:
    """`count` numbers in a row, beginning with `first`, of one range in one year."""

    range_id: int
    year: int
    pattern: str
    pattern_year: int
    first: int
    count: int
    last_used_on: date | None

    def number(self, offset: int) -> str:
        return format_number(self.pattern, self.pattern_year, self.first + offset)


def draw_block(code: str, on: date, count: int) -> Block:
    """Take `count` numbers of the range inside the open transaction. Raises Conflict for an unknown range.

    `last_used_on` is the day of the last number before: a document must not be dated earlier.
    """
    with write() as session:
        row = session.execute(select(NumberRange).where(NumberRange.code == code)).scalar_one_or_none()
        if row is None:
            raise Conflict("unknown_number_range", range=code)
        year = on.year if row.yearly else 0
        before = _lock(row, year)
        used_on = max(filter(None, (before.last_used_on, on)))
        session.execute(
            update(Sequence)
            .where(Sequence.id == before.id)
            .values(next_value=before.next_value + count, last_used_on=used_on)
            .execution_options(synchronize_session=False)
        )
        return Block(row.id, year, row.pattern, on.year, before.next_value, count, before.last_used_on)


def draw(code: str, on: date, taken: Callable[[str], bool] = lambda number: False) -> str:
    """One number; those that somebody took by hand are passed over (M1-34, M1-36)."""
    while True:
        number = draw_block(code, on, 1).number(0)
        if not taken(number):
            return number


def last_of_series(code: str, on: date) -> date | None:
    """The day of the series' last number, over all its years."""
    with write() as session:
        query = select(func.max(Sequence.last_used_on)).join(NumberRange).where(NumberRange.code == code)
        found: date | None = session.execute(query).scalar()
        return found


@dataclass(frozen=True, slots=True)
class _Counter:
    id: int
    next_value: int
    last_used_on: date | None


def _lock(row: NumberRange, year: int) -> _Counter:
    """The counter's state under its row lock; makes the row of a new year."""
    with write() as session:
        columns = (Sequence.id, Sequence.next_value, Sequence.last_used_on)
        query = select(*columns).where(Sequence.range_id == row.id, Sequence.year == year).with_for_update()
        found = session.execute(query).one_or_none()
        if found is None:
            return _open_year(row, year)
        return _Counter(found.id, found.next_value, found.last_used_on)


def _open_year(row: NumberRange, year: int) -> _Counter:
    """Begin a counter. Two that begin it at once meet at the unique index; the second waits, then reads the first's."""
    with write() as session:
        values = {"range_id": row.id, "year": year, "first_value": row.first_value, "next_value": row.first_value}
        session.execute(insert(Sequence).values(**values).on_conflict_do_nothing())
        columns = (Sequence.id, Sequence.next_value, Sequence.last_used_on)
        query = select(*columns).where(Sequence.range_id == row.id, Sequence.year == year).with_for_update()
        one = session.execute(query).one()
        return _Counter(one.id, one.next_value, one.last_used_on)
