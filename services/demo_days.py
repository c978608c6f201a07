"""Days of the demo company, told as distances from today, so that it is never old whenever it is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from billing.periods import add_months, days_in_month


@dataclass(frozen=True, slots=True)
class Day:
    """So many months before today, on that day of the month (its last day where it is shorter); 0: today's own."""

    months: int
    day: int = 0
    days: int = 0  # and so many days earlier

    def on(self, today: date) -> date:
        day = add_months(today, -self.months)
        if self.day:
            day = day.replace(day=min(self.day, days_in_month(day.year, day.month)))
        return day - timedelta(self.days)


@dataclass(frozen=True, slots=True)
class LongAgo:
    """The last 29 February that lies at least so many months before today."""

    months: int

    def on(self, today: date) -> date:
        latest = add_months(today, -self.months)
        years = (year for year in range(latest.year, latest.year - 9, -1) if days_in_month(year, 2) == 29)
        return next(day for year in years if (day := date(year, 2, 29)) <= latest)


@dataclass(frozen=True, slots=True)
class Long31st:
    """The last 31st of a month that lies at least so many months before today."""

    months: int

    def on(self, today: date) -> date:
        day = add_months(today, -self.months)
        while day.day != 31:
            day -= timedelta(1)
        return day


When = Day | LongAgo | Long31st
