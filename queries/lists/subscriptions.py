"""Subscriptions and the periods that they claimed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models import Claim, Customer, InvoiceLine, Subscription, SubscriptionItem
from queries.lists.finding import customer_words
from queries.lists.listing import Listing, Rows, equals
from queries.lists.names import customer_name


def _plan() -> Any:
    """The plan's title as agreed; the first of its versions."""
    plan = select(SubscriptionItem.title).where(
        SubscriptionItem.subscription_id == Subscription.id, SubscriptionItem.kind == "plan"
    )
    return plan.order_by(SubscriptionItem.id).limit(1).correlate(Subscription).scalar_subquery()


def _subscriptions() -> Rows:
    return select(
        Subscription.id, _plan().label("plan"), Subscription.customer_id, Customer.number.label("customer_number"),
        customer_name().label("customer"), Subscription.status, Subscription.started_on, Subscription.ends_on,
        Subscription.interval_unit, Subscription.interval_count, Subscription.next_billing_on,
    ).join(Customer, Customer.id == Subscription.customer_id)  # fmt: skip


SUBSCRIPTIONS = Listing(
    statement=_subscriptions,
    key=Subscription.id,
    sorts={"next_billing_on": Subscription.next_billing_on, "started_on": Subscription.started_on},
    narrows={"status": equals(Subscription.status)},
    search=lambda text: customer_words(Subscription.customer_id, text),
)


def _claims() -> Rows:
    return (
        select(
            Claim.id, SubscriptionItem.subscription_id, SubscriptionItem.title, Claim.kind, Claim.period_start,
            Claim.period_end, Claim.state, Claim.released_at, InvoiceLine.invoice_id, Claim.created_at,
        )
        .join(SubscriptionItem, SubscriptionItem.id == Claim.item_id)
        .outerjoin(InvoiceLine, InvoiceLine.claim_id == Claim.id)
    )  # fmt: skip


def _of_subscription(value: str) -> Any:
    return SubscriptionItem.subscription_id == (int(value) if value.isdecimal() and len(value) < 19 else 0)


CLAIMS = Listing(
    statement=_claims,
    key=Claim.id,
    narrows={"state": equals(Claim.state)},
    search=_of_subscription,
)
