"""How far a number range has come, for its form."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from extensions import db
from models import NumberRange, Sequence


@dataclass(frozen=True, slots=True)
class RangeState:
    """`begun`: numbers were drawn, in whichever year; `next_value` is the counter's next in the year asked for."""

    begun: bool
    next_value: int


def get_range_state(row: NumberRange, year: int) -> RangeState:
    """Where the range stands in that year, in one statement."""
    of_year = Sequence.year == (year if row.yearly else 0)
    query = select(func.count(), func.max(Sequence.next_value).filter(of_year)).where(Sequence.range_id == row.id)
    count, next_value = db.session.execute(query).one()
    return RangeState(bool(count), int(next_value or row.first_value))
