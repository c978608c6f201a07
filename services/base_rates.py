"""The base rates of section 247 BGB, entered by the operator as the Bundesbank announces them (MAH-3).

None is built in: a rate that nobody looked up is a guess, and where one is missing no interest is charged.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from billing.errors import AlreadyDone, Invalid, NotFound
from billing.interest import BaseRates, half_year_of
from billing.periods import add_months
from extensions import db
from models import BaseRate
from services import activities, clock
from services.actor import Actor
from services.unit import write

HIGHEST = Decimal(10)  # it was never beyond 3.62: what is further away is a decimal point in the wrong place
EARLIEST = date(2002, 1, 1)  # section 247 BGB itself is of that day


def table() -> BaseRates:
    """The table of section 247 BGB as far as the operator entered it."""
    return BaseRates((row.valid_from, row.percent) for row in listed())


def listed() -> list[BaseRate]:
    """The entered rates, the newest first."""
    return list(db.session.scalars(select(BaseRate).order_by(BaseRate.valid_from.desc())))


def enter(actor: Actor, valid_from: date, percent: Decimal) -> None:
    """Enter the base rate of a half-year as the Bundesbank announced it, or put it right.

    Interest that was asked for stays; what is asked for later counts by the rate of then. Raises Invalid: "valid_from"
    that is neither 1 January nor 1 July, or lies more than a half-year ahead; "percent". AlreadyDone for the same rate.
    """
    with write() as session:
        if valid_from != half_year_of(valid_from) or not EARLIEST <= valid_from <= _latest():
            raise Invalid("valid_from", "not_a_half_year")
        if not percent.is_finite() or abs(percent) > HIGHEST or percent != round(percent, 2):
            raise Invalid("percent", "out_of_range")
        row = session.get(BaseRate, valid_from)
        if row is not None and row.percent == percent:
            raise AlreadyDone("unchanged")
        old = None if row is None else str(row.percent)
        if row is None:
            session.add(BaseRate(valid_from=valid_from, percent=percent, created_at=clock.instant()))
        else:
            row.percent = percent
        activities.record(actor, "dunning.base_rate_entered", "dunning", 1, valid_from=valid_from.isoformat(),
                          changes={"percent": (old, str(percent))})  # fmt: skip


def remove(actor: Actor, valid_from: date) -> None:
    """Take a rate out that was entered by mistake. Raises NotFound."""
    with write() as session:
        row = session.get(BaseRate, valid_from)
        if row is None:
            raise NotFound("base_rate", field="valid_from")
        session.delete(row)
        activities.record(actor, "dunning.base_rate_removed", "dunning", 1, valid_from=valid_from.isoformat(),
                          percent=str(row.percent))  # fmt: skip


def _latest() -> date:
    """A rate is announced shortly before its half-year begins; one further ahead is a slip of the pen."""
    return add_months(half_year_of(clock.today()), 6)
