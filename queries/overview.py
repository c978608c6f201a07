"""The start page: what waits for a person, what is next, what was done, what is owed and how the months went.

A fixed number of statements, each over an index or over what is unfinished; nothing that the reader may not see is
asked for (S22).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from billing.taxes import RateTable, Seller
from extensions import db
from models import Company, Customer, Invoice, Product, Subscription
from queries.figures import Months, Owed, get_months, get_owed
from queries.recent import Deed, recent_deeds
from queries.waiting import Sight, Waiting, get_waiting


@dataclass(frozen=True, slots=True)
class House:
    """What stands in the head of every page."""

    name: str
    mode: str
    is_demo: bool
    account_hash: str = ""


@dataclass(frozen=True, slots=True)
class Next:
    """`due` contracts are due up to `run_on`, the day of the next run; `later_on` is the next day with more."""

    run_on: date
    due: int
    later_on: date | None
    later: int


@dataclass(frozen=True, slots=True)
class Steps:
    """Which of the first steps have been taken."""

    has_product: bool
    has_customer: bool
    has_subscription: bool
    has_invoice: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """What the reader may not see is None, or empty."""

    steps: Steps
    waiting: Waiting
    next: Next | None
    owed: tuple[Owed, ...] | None
    months: Months | None
    deeds: tuple[Deed, ...] | None


def get_house() -> House:
    """Name and mode of the company, in one statement; empty before it was founded."""
    row = db.session.execute(select(Company.name, Company.mode, Company.is_demo, Company.account_hash)).first()
    return House(*row) if row else House("Kontor", "sandbox", False)


def get_overview(today: date, run_on: date, sight: Sight, seller: Seller, rates: RateTable) -> Overview:
    """Everything the start page shows. `run_on`: the day of the next run on the timetable."""
    return Overview(
        steps=_steps(),
        waiting=get_waiting(today, sight),
        next=_next(run_on) if sight.subscriptions else None,
        owed=get_owed(today) if sight.receivables else None,
        months=get_months(today, seller, rates) if sight.months else None,
        deeds=recent_deeds(sight.customers) if sight.activities else None,
    )


def _steps() -> Steps:
    asked = (Product, Customer, Subscription, Invoice)
    return Steps(*map(bool, db.session.execute(select(*(select(each.id).exists() for each in asked))).one()))


def _next(run_on: date) -> Next:
    """Two walks through the index of marks, which holds nothing but marks."""
    mark = Subscription.next_billing_on
    due, later_on = db.session.execute(
        select(func.count().filter(mark <= run_on), func.min(mark).filter(mark > run_on)).where(mark.is_not(None))
    ).one()
    later = select(func.count()).select_from(Subscription).where(mark <= (later_on or date.min))
    return Next(run_on, due, later_on, int(db.session.scalar(later) or 0))
