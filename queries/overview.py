"""The start page: what is next, what is stuck, what is open. Eight statements, however large the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Executable, func, select

from extensions import db
from models import Company, Customer, Invoice, Message, Paper, ParkedCustomer, Receivable, Run, Subscription


@dataclass(frozen=True, slots=True)
class House:
    """What stands in the head of every page."""

    name: str
    mode: str
    is_demo: bool


@dataclass(frozen=True, slots=True)
class OpenSum:
    """What is owed in one currency, in cents."""

    currency: str
    open_cents: int
    overdue_cents: int
    count: int


@dataclass(frozen=True, slots=True)
class LastRun:
    id: int
    on_date: date
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts of what a person should look at; `next_due_on` is the next day with something to bill,
    `parked` counts customers, whatever the number of reasons that each waits for."""

    customers: int
    due_now: int
    next_due_on: date | None
    parked: int
    failed_messages: int
    failed_papers: int
    open_sums: tuple[OpenSum, ...]
    last_run: LastRun | None
    invoices_this_month: int


def get_house() -> House:
    """Name and mode of the company, in one statement; empty before it was founded."""
    row = db.session.execute(select(Company.name, Company.mode, Company.is_demo)).first()
    return House(row.name, row.mode, row.is_demo) if row else House("Kontor", "sandbox", False)


def get_overview(today: date) -> Overview:
    """Everything the start page shows."""
    count = select(func.count())
    last = db.session.execute(
        select(Run.id, Run.on_date, Run.started_at, Run.finished_at).order_by(Run.id.desc()).limit(1)
    ).first()
    return Overview(
        customers=_number(count.select_from(Customer).where(Customer.erased_at.is_(None))),
        due_now=_number(count.select_from(Subscription).where(Subscription.next_billing_on <= today)),
        next_due_on=db.session.scalar(
            select(func.min(Subscription.next_billing_on)).where(Subscription.next_billing_on > today)
        ),
        parked=_number(
            select(func.count(ParkedCustomer.customer_id.distinct())).where(ParkedCustomer.resolved_at.is_(None))
        ),
        failed_messages=_number(count.select_from(Message).where(Message.state == "failed")),
        failed_papers=_number(count.select_from(Paper).where(Paper.state == "failed")),
        open_sums=_open_sums(today),
        last_run=LastRun(*last) if last else None,
        invoices_this_month=_number(count.select_from(Invoice).where(Invoice.issued_on >= today.replace(day=1))),
    )


def _number(query: Executable) -> int:
    return int(db.session.scalar(query) or 0)


def _open_sums(today: date) -> tuple[OpenSum, ...]:
    overdue = func.sum(Receivable.open_cents).filter(Receivable.due_on < today, Receivable.open_cents > 0)
    query = (
        select(Receivable.currency_code, func.sum(Receivable.open_cents), func.coalesce(overdue, 0), func.count())
        .where(Receivable.open_cents != 0)
        .group_by(Receivable.currency_code)
        .order_by(Receivable.currency_code)
    )
    return tuple(OpenSum(code, int(open_), int(late), n) for code, open_, late, n in db.session.execute(query))
