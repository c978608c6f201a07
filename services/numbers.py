"""Numbers of the house's own documents and records.

One counter row per range and year, locked by its own UPDATE until the transaction ends: what is rolled back was
never drawn, so a series has no gaps and no number is used twice (NUM-1, NUM-2, EB-47 to EB-49). Draw last, hold short.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select, update

from billing.errors import Conflict
from billing.numbering import format_number
from extensions import db
from models import NumberRange, Sequence
from services.sql import insert
from services.unit import write

DEFAULT_RANGES = {
    "customer": ("{N:5}", False, 10001),
    "invoice": ("RE-{YYYY}-{N:5}", True, 1),
    "cancellation": ("SR-{YYYY}-{N:5}", True, 1),
    "correction": ("RK-{YYYY}-{N:5}", True, 1),
    "mandate": ("M-{N:6}", False, 1),
}


@dataclass(frozen=True, slots=True)
class Block:
    """Numbers in a row, beginning with `first`, of one range in one year; `issued_on` is the day they may bear."""

    range_id: int
    year: int
    pattern: str
    issued_on: date
    first: int

    def number(self, offset: int) -> str:
        return format_number(self.pattern, self.issued_on.year, self.first + offset)


def draw_documents(code: str, on: date, count: int) -> Block:
    """Take `count` numbers of a series of documents, inside the open transaction.

    They are dated `on`, or the day of the series' last document where that is later: numbers and days ascend
    together. Raises Conflict for an unknown range.
    """
    with write():
        row, latest = _range(code)
        day = max(on, latest) if latest else on
        year = day.year if row.yearly else 0
        counter = _lock(row, year)
        _advance(counter, count, day)
        return Block(row.id, year, row.pattern, day, counter.next_value)


def draw(code: str, on: date, taken: Callable[[str], bool] = lambda number: False) -> str:
    """One number of a range whose members bear no day; numbers taken by hand are passed over (M1-34, M1-36)."""
    with write():
        row, _ = _range(code)
        counter = _lock(row, on.year if row.yearly else 0)
        value = counter.next_value
        while taken(format_number(row.pattern, on.year, value)):
            value += 1
        _advance(counter, value + 1 - counter.next_value, None)
        return format_number(row.pattern, on.year, value)


def peek(code: str, on: date, taken: Callable[[str], bool] = lambda number: False) -> str:
    """The number that `draw` would give now. It draws nothing, so that somebody else may be the first."""
    session = db.session()
    row = session.execute(select(NumberRange).where(NumberRange.code == code)).scalar_one()
    counter = Sequence.year == (on.year if row.yearly else 0)
    next_value = session.scalar(select(Sequence.next_value).where(Sequence.range_id == row.id, counter))
    value = row.first_value if next_value is None else next_value
    while taken(format_number(row.pattern, on.year, value)):
        value += 1
    return format_number(row.pattern, on.year, value)


def _range(code: str) -> tuple[NumberRange, date | None]:
    """The range, locked, and then the day of its last document over all its years: one queue for each range, so
    that two runs at the turn of the year cannot number past each other."""
    with write() as session:
        row = session.execute(
            select(NumberRange).where(NumberRange.code == code).with_for_update()
        ).scalar_one_or_none()
        if row is None:
            raise Conflict("unknown_number_range", range=code)
        latest = session.scalar(select(func.max(Sequence.last_used_on)).where(Sequence.range_id == row.id))
        return row, latest


def _advance(counter: _Counter, count: int, day: date | None) -> None:
    with write() as session:
        values: dict[str, Any] = {"next_value": counter.next_value + count}
        if day is not None:
            values["last_used_on"] = day
        session.execute(
            update(Sequence).where(Sequence.id == counter.id).values(**values),
            execution_options={"synchronize_session": False},
        )


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
