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


def change_range(actor: Actor, range_id: int, *, pattern: str, yearly: bool, first_value: int) -> None:
    """Change a range's pattern and start. Numbers already drawn keep theirs.

    Raises NotFound, and Invalid: "pattern" when no numbers can be made of it or when a yearly one does not name its
    year (two years would draw the same numbers); "yearly" and "first_value" when the series has begun. The first
    value of a yearly range counts from the next year on.
    """
    _check(pattern, yearly, first_value)
    with write() as session:
        row = session.get(NumberRange, range_id, with_for_update=True)
        if row is None:
            raise NotFound("number_range")
        values = {"pattern": pattern.strip(), "yearly": yearly, "first_value": first_value}
        changes = activities.changes_between(row, values)
        if not changes:
            return
        _refuse_begun(session, row, changes)
        for field in changes:
            setattr(row, field, values[field])
        row.updated_at, row.version = clock.instant(), row.version + 1
        activities.record(actor, "number_range.changed", "number_range", range_id, changes=changes)


def _check(pattern: str, yearly: bool, first_value: int) -> None:
    numbering.validate_pattern(pattern.strip())
    if yearly and "{YY" not in pattern:
        raise Invalid("pattern", "pattern_without_year")
    if not 1 <= first_value <= BIGGEST_START:
        raise Invalid("first_value", "out_of_range")
    numbering.format_number(pattern.strip(), clock.today().year, first_value)


def _refuse_begun(session: Session, row: NumberRange, changes: Collection[str]) -> None:
    begun = session.scalar(select(Sequence.id).where(Sequence.range_id == row.id).limit(1)) is not None
    if begun and "yearly" in changes:
        raise Invalid("yearly", "number_already_used")
    if begun and "first_value" in changes and not row.yearly:
        raise Invalid("first_value", "number_already_used")
