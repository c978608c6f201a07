"""The first page of a customer's card: what is overdue, what is open, what comes next (M1-05, R-26)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from extensions import db
from models import Receivable, Subscription
from queries.family import family_of
from queries.lists.owing import OPEN


@dataclass(frozen=True, slots=True)
class Balance:
    """What is owed in one currency, in cents; `late_days` of the oldest overdue receivable."""

    currency: str
    open_cents: int
    overdue_cents: int
    count: int
    late_days: int


@dataclass(frozen=True, slots=True)
class CustomerOverview:
    balances: tuple[Balance, ...]
    next_billing_on: date | None


def get_customer_overview(customer_id: int, today: date) -> CustomerOverview:
    """Two statements."""
    mine = Subscription.customer_id.in_(family_of(customer_id))
    next_on = db.session.scalar(select(func.min(Subscription.next_billing_on)).where(mine))
    return CustomerOverview(_balances(customer_id, today), next_on)


def _balances(customer_id: int, today: date) -> tuple[Balance, ...]:
    late = (Receivable.due_on < today) & (Receivable.open_cents > 0)
    query = (
        select(Receivable.currency_code, func.sum(Receivable.open_cents),
               func.coalesce(func.sum(Receivable.open_cents).filter(late), 0), func.count(),
               func.min(Receivable.due_on).filter(late))
        .where(Receivable.customer_id.in_(family_of(customer_id)), OPEN)
        .group_by(Receivable.currency_code)
        .order_by(Receivable.currency_code)
    )  # fmt: skip
    return tuple(
        Balance(currency, int(open_), int(overdue), count, (today - oldest) // timedelta(days=1) if oldest else 0)
        for currency, open_, overdue, count, oldest in db.session.execute(query)
    )
