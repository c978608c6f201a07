"""What a customer sees of themselves at the portal: the record, running contracts, the latest invoices (M1-43)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select

from extensions import db
from models import Customer, Invoice, Paper, Receivable, Subscription, SubscriptionPause
from queries.family import family_of
from queries.invoice_states import state_of
from queries.lists.subscriptions import plan_title

CONTRACTS, INVOICES = 50, 12  # as many are shown


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract that is not over. `paused_until` is exclusive, None while nobody knows; `ends_on` exclusive too."""

    title: str
    status: str
    started_on: date
    ends_on: date | None
    paused_until: date | None


@dataclass(frozen=True, slots=True)
class Document:
    """An issued document; `state` as queries.invoice_states tells it, `token` that of its PDF, empty without a link."""

    number: str
    kind: str
    issued_on: date
    gross_cents: int
    currency: str
    state: str
    token: str


@dataclass(frozen=True, slots=True)
class Portal:
    customer: Customer
    contracts: tuple[Contract, ...]
    documents: tuple[Document, ...]


def get_portal(customer_id: int, today: date) -> Portal:
    """All of it, with that of records merged into this one. Three statements."""
    customer = db.session.get_one(Customer, customer_id)
    return Portal(customer, tuple(_contracts(customer_id, today)), tuple(_documents(customer_id, today)))


def _contracts(customer_id: int, today: date) -> list[Contract]:
    paused = select(func.max(SubscriptionPause.ends_on)).where(
        SubscriptionPause.subscription_id == Subscription.id, SubscriptionPause.starts_on <= today,
        SubscriptionPause.ends_on > today,
    )  # fmt: skip
    title = func.coalesce(func.nullif(Subscription.title, ""), plan_title(), "")
    query = (
        select(title, Subscription.status, Subscription.started_on, Subscription.ends_on, paused.scalar_subquery())
        .where(Subscription.customer_id.in_(family_of(customer_id)), Subscription.status != "closed",
               or_(Subscription.ends_on.is_(None), Subscription.ends_on > today))
        .order_by(Subscription.started_on.desc(), Subscription.id.desc())
        .limit(CONTRACTS)
    )  # fmt: skip
    return [Contract(*row) for row in db.session.execute(query)]


def _documents(customer_id: int, today: date) -> list[Document]:
    """The newest first."""
    linked = (Paper.invoice_id == Invoice.id) & (Paper.kind == "pdf") & Paper.token_revoked_at.is_(None)
    query = (
        select(Invoice.number, Invoice.kind, Invoice.issued_on, Invoice.gross_cents, Invoice.currency_code,
               state_of(today), func.coalesce(Paper.token, ""))
        .outerjoin(Receivable, Receivable.invoice_id == Invoice.id)
        .outerjoin(Paper, linked)
        .where(Invoice.customer_id.in_(family_of(customer_id)), Invoice.issued_at.is_not(None))
        .order_by(Invoice.id.desc())
        .limit(INVOICES)
    )  # fmt: skip
    return [
        Document(number or "", kind, on, cents, currency, state, token)
        for number, kind, on, cents, currency, state, token in db.session.execute(query)
        if on is not None
    ]
