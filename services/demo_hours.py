"""The hours of the demo company's days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from services import clock

OPENS, OFFICE, RUN_AT = time(8, 30), time(10), time(17)
MAILED_AFTER = timedelta(minutes=3)


def at(day: date, hour: time) -> datetime:
    """That hour of the day on the wall clock in Berlin."""
    return datetime.combine(day, hour, tzinfo=clock.BERLIN)
