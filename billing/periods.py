"""Billing periods, counted from the anchor: period n starts at anchor + n intervals, never at previous + 1 (EB-1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import MAXYEAR, date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from billing.errors import Invalid

# A daily contract of a hundred years. Whoever asks for more is in a loop (EB-12, EB-31).
MAX_PERIODS = 40_000

_DAY = timedelta(days=1)
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Unit(StrEnum):
    """What an interval counts."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Interval:
    """`count` units, 1 to 999. `months` and `days` say the same in the arithmetic's own terms; one of them is 0."""

    unit: Unit
    count: int = 1
    months: int = field(init=False, repr=False, compare=False)
    days: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= self.count <= 999:
            raise Invalid("interval", "count_out_of_range", count=self.count)
        per_unit = {Unit.DAY: (0, 1), Unit.WEEK: (0, 7), Unit.MONTH: (1, 0), Unit.YEAR: (12, 0)}[Unit(self.unit)]
        object.__setattr__(self, "months", per_unit[0] * self.count)
        object.__setattr__(self, "days", per_unit[1] * self.count)

    @classmethod
    def parse(cls, text: str) -> Interval:
        """Read the call API's form, "1 month" or "3 months" (any case). Raises Invalid("interval")."""
        number, _, word = text.strip().lower().partition(" ")
        try:
            return cls(Unit(word.strip().removesuffix("s")), _whole_number(number))
        except ValueError:
            raise Invalid("interval", "unreadable_interval", text=text[:40]) from None

    def format(self) -> str:
        """The call API's form, always in the singular: "3 month"."""
        return f"{self.count} {self.unit.value}"

    def __str__(self) -> str:
        return self.format()


class Period(NamedTuple):
    """Half-open: `start` belongs to it, `end` does not."""

    start: date
    end: date

    @property
    def last_day(self) -> date:
        """The inclusive end, as people print it (EB-9)."""
        return self.end - _DAY

    @property
    def days(self) -> int:
        return (self.end - self.start).days


def shift(anchor: date, interval: Interval, n: int) -> date:
    """The anchor plus n intervals (n may be negative).

    31 January + 1 month is 28 or 29 February, + 2 months is 31 March again; 29 February + 1 year is 28 February.
    Raises Invalid when the day lies outside the calendar.
    """
    return _shift(anchor, interval.months, interval.days, n)


def add_months(anchor: date, months: int) -> date:
    """The same day `months` later, or the last day of that month where it is shorter."""
    total = anchor.year * 12 + anchor.month - 1 + months
    year, month = total // 12, total % 12 + 1
    if not 1 <= year <= MAXYEAR:
        raise Invalid("date", "outside_calendar")
    day = anchor.day
    return date(year, month, day if day <= 28 else min(day, days_in_month(year, month)))


def days_in_month(year: int, month: int) -> int:
    if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        return 29
    return _MONTH_DAYS[month - 1]


def nth(anchor: date, interval: Interval, n: int) -> Period:
    """Period number n; 0 is the one that starts at the anchor."""
    return _nth(anchor, interval.months, interval.days, n)


def index_of(anchor: date, interval: Interval, day: date) -> int:
    """The number of the period that `day` lies in, in constant time; negative before the anchor."""
    if interval.days:
        return (day.toordinal() - anchor.toordinal()) // interval.days
    distance = (day.year - anchor.year) * 12 + day.month - anchor.month
    n = distance // interval.months
    # The guess is right in months; within the start's own month the day decides.
    return n - 1 if add_months(anchor, n * interval.months) > day else n


def periods(anchor: date, interval: Interval, first_index: int, until: date) -> Iterator[Period]:
    """The periods from number `first_index` on that start before `until` (exclusive).

    Raises Invalid rather than run on for ever (EB-12).
    """
    last = index_of(anchor, interval, until - _DAY)
    if last - first_index >= MAX_PERIODS:
        raise Invalid("until", "too_many_periods", periods=last - first_index + 1)
    start = shift(anchor, interval, first_index)
    for n in range(first_index, last + 1):
        end = shift(anchor, interval, n + 1)
        yield Period(start, end)
        start = end


def _shift(anchor: date, months: int, days: int, n: int) -> date:
    if months:
        return add_months(anchor, months * n)
    try:
        return anchor + timedelta(days=days * n)
    except OverflowError:
        raise Invalid("date", "outside_calendar") from None


# A run asks for the same few periods ten thousand times; plain numbers hash faster than an Interval.
@lru_cache(maxsize=65_536)
def _nth(anchor: date, months: int, days: int, n: int) -> Period:
    return Period(_shift(anchor, months, days, n), _shift(anchor, months, days, n + 1))


def _whole_number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 3:
        raise Invalid("interval", "unreadable_interval", text=text[:40])
    return int(text)
