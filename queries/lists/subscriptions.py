"""Subscriptions and the periods that they claimed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, or_, select, union_all
from sqlalchemy.orm import aliased

from billing.states import states
from extensions import db
from models import Claim, Customer, InvoiceLine, Product, Subscription, SubscriptionItem
from queries.lists.conditions import Condition, Rows, equals, is_of_deleted, there_is, unless_common
from queries.lists.finding import customer_words
from queries.lists.names import customer_name
from queries.lists.shape import Listing, Sort

MOST_PLANS = 500
_plan, _newer = aliased(SubscriptionItem), aliased(SubscriptionItem)


def plan_title() -> Any:
    """The plan's title as agreed; the newest of its versions that was not withdrawn."""
    plan = select(SubscriptionItem.title).where(
        SubscriptionItem.subscription_id == Subscription.id, SubscriptionItem.kind == "plan",
        or_(SubscriptionItem.ends_on.is_(None), SubscriptionItem.ends_on > SubscriptionItem.starts_on),
    )  # fmt: skip
    return plan.order_by(SubscriptionItem.id.desc()).limit(1).correlate(Subscription).scalar_subquery()


def _newest_plan() -> tuple[Any, list[Any]]:
    """The version of the plan that `plan_title` names: the newest that was not withdrawn."""
    stands = [or_(each.ends_on.is_(None), each.ends_on > each.starts_on) for each in (_plan, _newer)]
    later = exists().where(_newer.subscription_id == _plan.subscription_id, _newer.kind == "plan", _newer.id > _plan.id,
                           stands[1])  # fmt: skip
    return _plan, [_plan.kind == "plan", stands[0], ~later]


def _has_plan(value: str) -> Condition | None:
    """By the product of the plan, as its id."""
    if not (value.isascii() and value.isdecimal() and len(value) < 19):
        return None
    plan, stands = _newest_plan()
    of_product = [plan.product_id == int(value), *stands]
    return Condition(
        there_is(plan.subscription_id == Subscription.id, *of_product, beside=Subscription),
        select(plan.subscription_id).where(*of_product),
    )


def offered_plans() -> list[tuple[int, str]]:
    """(id, words) of the plans that were ever sold, for a select; a price list is short. One statement."""
    query = select(Product.id, Product.number, Product.title).where(Product.kind == "plan").order_by(Product.number)
    return [(row.id, f"{row.number} · {row.title}") for row in db.session.execute(query.limit(MOST_PLANS))]


def _subscriptions() -> Rows:
    return select(
        Subscription.id, plan_title().label("plan"), Subscription.customer_id, Customer.number.label("customer_number"),
        customer_name().label("customer"), Subscription.status, Subscription.started_on, Subscription.ends_on,
        Subscription.interval_unit, Subscription.interval_count, Subscription.next_billing_on,
    ).join(Customer, Customer.id == Subscription.customer_id)  # fmt: skip


SUBSCRIPTIONS = Listing(
    statement=_subscriptions,
    key=Subscription.id,
    sorts={"started_on": Sort((Subscription.started_on,))},
    narrows={"status": equals(Subscription.status, states("subscription"), Subscription.id), "plan": _has_plan},
    base=(~is_of_deleted(Subscription),),
    search=lambda text: customer_words(Subscription.customer_id, Subscription.id, text),
)

CLAIM_STATES = frozenset({"billed", "elsewhere", "skipped", "reserved", "given_up"})


def _claims() -> Rows:
    return (
        select(
            Claim.id, SubscriptionItem.subscription_id, SubscriptionItem.title, Claim.kind, Claim.period_start,
            Claim.period_end, Claim.state, Claim.released_at, InvoiceLine.invoice_id, Claim.created_at,
        )
        .join(SubscriptionItem, SubscriptionItem.id == Claim.item_id)
        .outerjoin(InvoiceLine, InvoiceLine.claim_id == Claim.id)
    )  # fmt: skip


def _of_subscription(text: str) -> list[Condition]:
    """By the number of the subscription; released claims stand in an index beside the one of those that hold."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    items = select(SubscriptionItem.id).where(SubscriptionItem.subscription_id == number)
    mine = select(Claim.id).where(Claim.item_id.in_(items))
    both = union_all(mine.where(Claim.released_at.is_(None)), mine.where(Claim.released_at.isnot(None))).subquery()
    return [Condition(Claim.item_id.in_(items), select(both.c.id))]


CLAIMS = Listing(
    statement=_claims,
    key=Claim.id,
    narrows={"state": unless_common(Claim.state, CLAIM_STATES, ("billed",), Claim.id)},
    search=_of_subscription,
)
