"""The months of the overview's pictures: kept figures, and for months that nobody measured yet, measured now."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import func, literal, select, union_all

from billing.recurring import months_until
from billing.taxes import RateTable, Seller
from extensions import db
from models import MonthlyFigure, Receivable
from models.receivables import OPEN
from queries.measures import Figure, measure

AGES = (0, 14, 30, 60, 90)  # days overdue, each the last of its group; further groups: not due, and beyond


@dataclass(frozen=True, slots=True)
class Month:
    """One month in one currency: sums in cents, contracts and invoices counted."""

    first: date
    recurring_cents: int = 0
    contracts: int = 0
    issued_cents: int = 0
    invoices: int = 0
    settled_cents: int = 0


@dataclass(frozen=True, slots=True)
class Months:
    """Twelve months by currency, the running one last. `measured_at`: the oldest kept figure, None if all are new."""

    by_currency: dict[str, tuple[Month, ...]]
    measured_at: datetime | None


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed in one currency, in cents; `ages` has (cents, items) for not due, 1-14, 15-30, 31-60, 61-90, more.

    `open_cents` counts credit balances against what is owed; overdue is owed money only.
    """

    currency: str
    open_cents: int
    overdue_cents: int
    overdue_count: int
    count: int
    ages: tuple[tuple[int, int], ...]


def get_months(today: date, seller: Seller, rates: RateTable) -> Months:
    """One statement, and three more while a month of the twelve was never measured (a job keeps them)."""
    firsts = months_until(today)
    columns = (MonthlyFigure.month, MonthlyFigure.name, MonthlyFigure.currency_code, MonthlyFigure.cents,
               MonthlyFigure.count, MonthlyFigure.measured_at)  # fmt: skip
    kept = db.session.execute(select(*columns).where(MonthlyFigure.month.between(firsts[0], firsts[-1]))).all()
    missing = [first for first in firsts if first not in {row.month for row in kept}]
    figures = [Figure(*row[:5]) for row in kept] + measure(missing, today, seller, rates)
    running = [row.measured_at for row in kept if row.month == firsts[-1]]
    return Months(_by_currency(figures, firsts), min(running, default=None))


def get_owed(today: date) -> tuple[Owed, ...]:
    """Open items by currency and age. One statement over the index of what is open, never over what is settled."""
    found: dict[str, dict[int, tuple[int, ...]]] = {}
    for currency, group, *sums in db.session.execute(union_all(*_age_groups(today))):
        found.setdefault(currency, {})[group] = tuple(map(int, sums))
    return tuple(_owed(currency, found[currency]) for currency in sorted(found))


def _age_groups(today: date) -> Iterator[Any]:
    """One range of due days for each group, the youngest first: ranges are far cheaper than a CASE over every item."""
    owed = Receivable.open_cents > 0
    sums = (
        func.sum(Receivable.open_cents), func.count(),
        func.coalesce(func.sum(Receivable.open_cents).filter(owed), 0), func.count().filter(owed),
    )  # fmt: skip
    days = [date.max, *(today - timedelta(age) for age in AGES), date.min]
    for n, (until, since) in enumerate(pairwise(days)):
        in_group = (Receivable.due_on >= since, Receivable.due_on < until)
        yield (
            select(Receivable.currency_code, literal(n), *sums)
            .where(OPEN, *in_group)
            .group_by(Receivable.currency_code)
        )


def _owed(currency: str, groups: dict[int, tuple[int, ...]]) -> Owed:
    """Group 0 is not due yet."""
    rows = [groups.get(n, (0, 0, 0, 0)) for n in range(len(AGES) + 1)]
    return Owed(
        currency, sum(row[0] for row in rows), sum(row[2] for row in rows[1:]), sum(row[3] for row in rows[1:]),
        sum(row[1] for row in rows), tuple((row[2], row[3]) for row in rows),
    )  # fmt: skip


def _by_currency(figures: Collection[Figure], firsts: tuple[date, ...]) -> dict[str, tuple[Month, ...]]:
    sums = {(one.currency, one.month, one.name): one for one in figures}
    currencies = sorted({one.currency for one in figures})

    def month(currency: str, first: date) -> Month:
        one = {name: sums.get((currency, first, name)) for name in ("recurring", "issued", "settled")}
        cents = {name: figure.cents if figure else 0 for name, figure in one.items()}
        count = {name: figure.count if figure else 0 for name, figure in one.items()}
        return Month(
            first, cents["recurring"], count["recurring"], cents["issued"], count["issued"], cents["settled"]
        )  # fmt: skip

    return {currency: tuple(month(currency, first) for first in firsts) for currency in currencies}
