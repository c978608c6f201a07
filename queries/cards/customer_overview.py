"""The first page of a customer's card: what is owed, and how the VAT id stands (UI: read before click)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from billing.vat_ids import DEFINITE
from extensions import db
from models import DunningLevel, Receivable, VatCheck
from queries.family import family_of
from queries.lists.owing import OPEN


@dataclass(frozen=True, slots=True)
class Balance:
    """What is owed in one currency, in cents; `late_days` of the oldest overdue receivable, `level` the name of the
    highest dunning level, or ""."""

    currency: str
    open_cents: int = 0
    overdue_cents: int = 0
    count: int = 0
    late_days: int = 0
    level: str = ""


@dataclass(frozen=True, slots=True)
class VatState:
    """The last definite answer about the VAT id that stands in the record: valid, invalid or decided."""

    result: str
    checked_at: datetime


def get_balances(customer_id: int, today: date) -> tuple[Balance, ...]:
    """What is owed, by currency. One statement."""
    late = (Receivable.due_on < today) & (Receivable.open_cents > 0)
    sums = (
        select(Receivable.currency_code, func.sum(Receivable.open_cents),
               func.coalesce(func.sum(Receivable.open_cents).filter(late), 0), func.count(),
               func.min(Receivable.due_on).filter(late), func.max(Receivable.dunning_level).label("level"))
        .where(Receivable.customer_id.in_(family_of(customer_id)), OPEN)
        .group_by(Receivable.currency_code)
        .subquery()
    )  # fmt: skip
    columns: list[Any] = [*list(sums.c)[:-1], func.coalesce(DunningLevel.name, "")]
    query = select(*columns).outerjoin(DunningLevel, DunningLevel.level == sums.c.level).order_by(sums.c.currency_code)
    return tuple(
        Balance(currency, int(open_), int(overdue), count,
                (today - oldest) // timedelta(days=1) if oldest else 0, level)
        for currency, open_, overdue, count, oldest, level in db.session.execute(query)
    )  # fmt: skip


def get_vat_state(customer_id: int, vat_id: str) -> VatState | None:
    """What was last answered about this id for the record or one that was merged into it. One statement."""
    query = select(VatCheck.result, VatCheck.checked_at).where(
        VatCheck.customer_id.in_(family_of(customer_id)), VatCheck.vat_id == vat_id, VatCheck.result.in_(DEFINITE)
    )
    found = db.session.execute(query.order_by(VatCheck.id.desc()).limit(1)).first()
    return VatState(found.result, found.checked_at) if found else None
