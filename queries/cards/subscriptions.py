"""A subscription's page: terms, items, claimed periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from billing.contracts import PLANNED_KINDS
from billing.corrections import UNSERVED
from extensions import db
from models import Claim, Customer, Invoice, InvoiceLine, ParkedCustomer, Subscription, SubscriptionItem
from queries.family import family_of
from queries.lists.names import name_of

SHOWN = 50


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """`credited_from`: the first of its days that a correction took back, up to the end of the period."""

    id: int
    title: str
    kind: str
    period_start: date
    period_end: date
    state: str
    invoice_id: int | None
    invoice_number: str | None
    credited_from: date | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionCard:
    """`parked_codes`: why the last run left this contract out, if it still waits for a person; its own reason stands
    before what the customer as a whole waits for."""

    subscription: Subscription
    customer: Customer
    customer_name: str
    items: tuple[SubscriptionItem, ...]
    claims: tuple[ClaimRow, ...]
    parked_codes: tuple[str, ...]


def get_subscription_card(subscription_id: int) -> SubscriptionCard | None:
    """The page, or None. Five statements."""
    query = select(Subscription, Customer).join(Customer, Customer.id == Subscription.customer_id)
    found = db.session.execute(query.where(Subscription.id == subscription_id)).first()
    if found is None:
        return None
    subscription, customer = found
    items = select(SubscriptionItem).where(SubscriptionItem.subscription_id == subscription_id)
    return SubscriptionCard(
        subscription,
        customer,
        name_of(customer),
        tuple(db.session.scalars(items.order_by(SubscriptionItem.id))),
        _claims(subscription_id),
        _parked_codes(subscription),
    )


def _parked_codes(subscription: Subscription) -> tuple[str, ...]:
    query = select(ParkedCustomer.code).where(
        ParkedCustomer.customer_id.in_(family_of(subscription.customer_id)), ParkedCustomer.resolved_at.is_(None),
        ParkedCustomer.subscription_id.in_((0, subscription.id)),
    )  # fmt: skip
    own_first = query.order_by(ParkedCustomer.subscription_id.desc(), ParkedCustomer.id.desc())
    return tuple(dict.fromkeys(db.session.scalars(own_first)))


def _claims(subscription_id: int) -> tuple[ClaimRow, ...]:
    query = (
        select(Claim.id, SubscriptionItem.title, Claim.kind, Claim.period_start, Claim.period_end, Claim.state,
               Invoice.id, Invoice.number, InvoiceLine.id)
        .join(SubscriptionItem, SubscriptionItem.id == Claim.item_id)
        .outerjoin(InvoiceLine, InvoiceLine.claim_id == Claim.id)
        .outerjoin(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(SubscriptionItem.subscription_id == subscription_id, Claim.released_at.is_(None),
               Claim.kind.in_(PLANNED_KINDS))
        .order_by(Claim.period_start.desc(), Claim.id.desc())
        .limit(SHOWN)
    )  # fmt: skip
    credited = _credited(subscription_id)
    return tuple(
        ClaimRow(id_, title, kind, start, end, state, invoice_id, number, credited.get(line_id))
        for id_, title, kind, start, end, state, invoice_id, number, line_id in db.session.execute(query)
    )


def _credited(subscription_id: int) -> dict[int | None, date]:
    """Line -> the first day that its corrections took back (X-10)."""
    query = (
        select(InvoiceLine.original_line_id, func.min(InvoiceLine.period_start))
        .where(InvoiceLine.subscription_id == subscription_id, InvoiceLine.reason == UNSERVED)
        .group_by(InvoiceLine.original_line_id)
    )
    return {line_id: day for line_id, day in db.session.execute(query) if day is not None}
