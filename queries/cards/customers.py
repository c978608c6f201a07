"""The customer's card."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, or_, select

from extensions import db
from models import Customer, CustomerTag, Invoice, Message, Receivable, Subscription, SubscriptionItem, Tag
from queries.cards.activities import ActivityRow, of_customer
from queries.lists.names import name_of

SHOWN = 10


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    id: int
    title: str
    status: str
    started_on: date
    next_billing_on: date | None


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    id: int
    number: str | None
    kind: str
    issued_on: date | None
    due_on: date | None
    gross_cents: int
    open_cents: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    id: int
    template: str
    subject: str | None
    state: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Balance:
    """What is owed in one currency, in cents; `late_days` of the oldest overdue receivable."""

    currency: str
    open_cents: int
    overdue_cents: int
    count: int
    late_days: int


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """The record and what hangs on it; lists are cut at SHOWN, newest first."""

    customer: Customer
    name: str
    tags: tuple[str, ...]
    balances: tuple[Balance, ...]
    next_billing_on: date | None
    subscriptions: tuple[SubscriptionRow, ...]
    invoices: tuple[InvoiceRow, ...]
    messages: tuple[MessageRow, ...]
    activities: tuple[ActivityRow, ...]


def get_customer_card(customer_id: int, today: date) -> CustomerCard | None:
    """The card, or None. Eight statements."""
    customer = db.session.get(Customer, customer_id)
    if customer is None:
        return None
    next_on = select(func.min(Subscription.next_billing_on)).where(Subscription.customer_id == customer_id)
    return CustomerCard(
        customer=customer, name=name_of(customer), tags=_tags(customer_id), balances=_balances(customer_id, today),
        next_billing_on=db.session.scalar(next_on), subscriptions=_subscriptions(customer_id),
        invoices=_invoices(customer_id), messages=_messages(customer_id), activities=of_customer(customer_id),
    )  # fmt: skip


def _tags(customer_id: int) -> tuple[str, ...]:
    query = select(Tag.name).join(CustomerTag).where(CustomerTag.customer_id == customer_id).order_by(Tag.word)
    return tuple(db.session.scalars(query))


def _balances(customer_id: int, today: date) -> tuple[Balance, ...]:
    late = (Receivable.due_on < today) & (Receivable.open_cents > 0)
    query = (
        select(Receivable.currency_code, func.sum(Receivable.open_cents),
               func.coalesce(func.sum(Receivable.open_cents).filter(late), 0), func.count(),
               func.min(Receivable.due_on).filter(late))
        .where(Receivable.customer_id == customer_id, Receivable.open_cents != 0)
        .group_by(Receivable.currency_code)
        .order_by(Receivable.currency_code)
    )  # fmt: skip
    return tuple(
        Balance(currency, int(open_), int(overdue), count, (today - oldest) // timedelta(days=1) if oldest else 0)
        for currency, open_, overdue, count, oldest in db.session.execute(query)
    )


def _subscriptions(customer_id: int) -> tuple[SubscriptionRow, ...]:
    plan = select(SubscriptionItem.title).where(
        SubscriptionItem.subscription_id == Subscription.id, SubscriptionItem.kind == "plan",
        or_(SubscriptionItem.ends_on.is_(None), SubscriptionItem.ends_on > SubscriptionItem.starts_on),
    ).order_by(SubscriptionItem.id.desc()).limit(1).correlate(Subscription).scalar_subquery()  # fmt: skip
    query = (
        select(Subscription.id, func.coalesce(func.nullif(Subscription.title, ""), plan), Subscription.status,
               Subscription.started_on, Subscription.next_billing_on)
        .where(Subscription.customer_id == customer_id)
        .order_by(Subscription.id.desc())
        .limit(SHOWN)
    )  # fmt: skip
    return tuple(SubscriptionRow(*row) for row in db.session.execute(query))


def _invoices(customer_id: int) -> tuple[InvoiceRow, ...]:
    query = (
        select(Invoice.id, Invoice.number, Invoice.kind, Invoice.issued_on, Receivable.due_on, Invoice.gross_cents,
               Receivable.open_cents, Invoice.currency_code)
        .outerjoin(Receivable, Receivable.invoice_id == Invoice.id)
        .where(Invoice.customer_id == customer_id)
        .order_by(Invoice.id.desc())
        .limit(SHOWN)
    )  # fmt: skip
    return tuple(InvoiceRow(*row) for row in db.session.execute(query))


def _messages(customer_id: int) -> tuple[MessageRow, ...]:
    columns = (Message.id, Message.template, Message.subject, Message.state, Message.recipient)
    query = select(*columns).where(Message.customer_id == customer_id).order_by(Message.id.desc()).limit(SHOWN)
    return tuple(MessageRow(*row) for row in db.session.execute(query))
