"""How numbers look, and with which one a range begins. A begun series has no jumps and uses no number twice (NUM-1)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing import numbering
from billing.errors import Invalid, NotFound
from models import NumberRange, Sequence
from services import activities, clock
from services.actor import Actor
from services.unit import write

BIGGEST_START = 999_999_999
# Documents are numbered without gaps, and check-books looks for them (L3).
MAY_JUMP = frozenset(("customer", "mandate"))


def change_range(
    actor: Actor, range_id: int, *, pattern: str, yearly: bool, first_value: int, next_value: int | None = None
) -> None:
    """Change a range's pattern and start, or let the counter of customer numbers go on higher up.

    Numbers already drawn keep theirs. Raises NotFound, and Invalid: "pattern" when no numbers can be made of it or
    when a yearly one does not name its year (two years would draw the same numbers), or when another series has it;
    "yearly" and "first_value" when the series has begun;
    "next_value" for a number that was drawn before, or for documents, whose series has no gaps
    (NUM-1). The first value of a yearly range counts from the next year on.
    """
    _check(pattern, yearly, first_value)
    with write() as session:
        row = session.get(NumberRange, range_id, with_for_update=True)
        if row is None:
            raise NotFound("number_range")
        values = {"pattern": pattern.strip(), "yearly": yearly, "first_value": first_value}
        changes = activities.changes_between(row, values)
        changes |= _go_on_at(session, row, next_value)
        if not changes:
            return
        _refuse_begun(session, row, changes)
        if "pattern" in changes:
            _refuse_shared(session, row, values["pattern"])
        for field in changes.keys() & values.keys():
            setattr(row, field, values[field])
        row.updated_at, row.version = clock.instant(), row.version + 1
        activities.record(actor, "number_range.changed", "number_range", range_id, changes=changes)


def _refuse_shared(session: Session, row: NumberRange, pattern: object) -> None:
    """Two series of one look would draw the same numbers, and the second one could issue nothing."""
    others = (NumberRange.id != row.id, NumberRange.code.not_in(MAY_JUMP), NumberRange.pattern == pattern)
    if row.code not in MAY_JUMP and session.scalar(select(NumberRange.id).where(*others)) is not None:
        raise Invalid("pattern", "pattern_taken")


def _check(pattern: str, yearly: bool, first_value: int) -> None:
    numbering.validate_pattern(pattern.strip())
    if yearly and "{YY" not in pattern:
        raise Invalid("pattern", "pattern_without_year")
    if not 1 <= first_value <= BIGGEST_START:
        raise Invalid("first_value", "out_of_range")
    numbering.format_number(pattern.strip(), clock.today().year, first_value)


def _go_on_at(session: Session, row: NumberRange, value: int | None) -> dict[str, tuple[int, int]]:
    """Move the counter of the customers' range upwards; what changed, as an activity tells it."""
    query = select(Sequence).where(Sequence.range_id == row.id, Sequence.year == _year_of(row)).with_for_update()
    counter = session.scalars(query.execution_options(populate_existing=True)).one_or_none() if value else None
    if value is None or counter is None or value == counter.next_value:
        return {}
    if row.code not in MAY_JUMP or value < counter.next_value:
        raise Invalid("next_value", "number_already_used" if row.code in MAY_JUMP else "series_without_gaps")
    if value > BIGGEST_START:
        raise Invalid("next_value", "out_of_range")
    before, counter.next_value = counter.next_value, value
    return {"next_value": (before, value)}


def _year_of(row: NumberRange) -> int:
    return clock.today().year if row.yearly else 0


def _refuse_begun(session: Session, row: NumberRange, changes: Collection[str]) -> None:
    begun = session.scalar(select(Sequence.id).where(Sequence.range_id == row.id).limit(1)) is not None
    if begun and "yearly" in changes:
        raise Invalid("yearly", "number_already_used")
    if begun and "first_value" in changes and not row.yearly:
        raise Invalid("first_value", "number_already_used")
