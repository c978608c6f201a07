"""The overview's months, measured by a job and kept: nobody's click adds up a year of a million invoices.

The running month is measured whenever the job comes; the eleven before it once a day, for a payment may be booked late
and a contract begun in the past.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from sqlalchemy import delete, func, insert, select

from billing.recurring import months_until
from extensions import db
from models import MonthlyFigure
from queries import measures
from services import clock, company
from services.unit import end_reading, write


def refresh() -> int:
    """Measure every month that is no longer fresh, one transaction each; gives how many they were."""
    months = stale_months()
    for month in months:
        keep(month)
    return len(months)


def stale_months() -> Sequence[date]:
    """The running month, and those before it that were not measured today."""
    end_reading()
    *before, running = months_until(clock.today())
    newest = select(MonthlyFigure.month, func.max(MonthlyFigure.measured_at)).where(MonthlyFigure.month >= before[0])
    measured = dict(db.session.execute(newest.group_by(MonthlyFigure.month)).tuples().all())
    midnight = datetime.combine(clock.today(), time(), tzinfo=clock.BERLIN)
    return [*(month for month in before if month not in measured or measured[month] < midnight), running]


def keep(month: date) -> None:
    """Measure one month and replace what was kept of it. The sums are read before the write door is taken."""
    end_reading()
    today = clock.today()
    facts = company.tax_facts(today)
    found = measures.measure([month], today, facts.seller, facts.rates)
    rows = [
        {"month": one.month, "name": one.name, "currency_code": one.currency, "cents": one.cents, "count": one.count,
         "measured_at": clock.instant()}
        for one in found
    ] or [_nothing(month)]  # fmt: skip
    with write() as session:
        session.execute(delete(MonthlyFigure).where(MonthlyFigure.month == month))
        session.execute(insert(MonthlyFigure), rows)


def _nothing(month: date) -> dict[str, object]:
    """A month of nothing is measured, too."""
    return {"month": month, "name": "issued", "currency_code": company.get_company().currency_code, "cents": 0,
            "count": 0, "measured_at": clock.instant()}  # fmt: skip
