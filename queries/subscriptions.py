"""Contracts as a call needs them: one page in four statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, time
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select

from extensions import db
from models import Claim, Customer, Subscription, SubscriptionItem
from queries.customers import of_customers
from queries.products import rates_today
from services import clock


@dataclass(frozen=True, slots=True)
class SubscriptionFilter:
    """What to look for; empty fields do not count. A merged customer's keys find the survivor's contracts.

    Contracts of deleted records are told by nobody's call (DSG-2); `also_deleted` is for the answer to a deed.
    """

    ids: tuple[int, ...] = ()
    customer_ids: tuple[int, ...] = ()
    ext_uids: tuple[str, ...] = ()
    customer_ext_uids: tuple[str, ...] = ()
    customer_numbers: tuple[str, ...] = ()
    also_deleted: bool = False


@dataclass(frozen=True, slots=True)
class ItemCard:
    """The plan or an add-on as agreed in the contract; `vat_percent` is today's rate."""

    kind: str
    article_number: str
    title: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    starts_on: date
    ends_on: date | None
    vat_percent: Decimal


@dataclass(frozen=True, slots=True)
class SubscriptionCard:
    """One contract. `last_event` is the start of the last claimed period, `paid_until` the first day after it.

    `plan` and `addons` are those of today; `plan_upcoming` is the one that is planned, if there is one.
    """

    id: int
    customer_id: int
    hash: str
    ext_uid: str | None
    title: str
    invoice_title: str
    status: str
    x_attributes: Any
    features: Any
    started_on: date
    start_time: time
    trial_ends_on: date | None
    next_billing_on: date | None
    ends_on: date | None
    cancellation_note: str
    currency_code: str
    last_event: date | None
    paid_until: date | None
    plan: ItemCard
    addons: tuple[ItemCard, ...]
    plan_upcoming: ItemCard | None


_OWN = ("last_event", "paid_until", "plan", "addons", "plan_upcoming")
_COLUMNS = [field.name for field in fields(SubscriptionCard) if field.name not in _OWN]
_ITEM_COLUMNS = [field.name for field in fields(ItemCard) if field.name != "vat_percent"]


def find_subscriptions(wanted: SubscriptionFilter, limit: int, offset: int = 0) -> list[SubscriptionCard]:
    """A page of contracts in the order they were made. Four statements."""
    query = select(*(getattr(Subscription, name) for name in _COLUMNS))
    if wanted.ids:
        query = query.where(Subscription.id.in_(wanted.ids))
    if wanted.ext_uids:
        query = query.where(Subscription.ext_uid.in_(wanted.ext_uids))
    keys = (wanted.customer_ids, wanted.customer_ext_uids, wanted.customer_numbers)
    query = query.where(*of_customers(Subscription.customer_id, *keys))
    if not wanted.also_deleted:
        query = query.join(Customer, Customer.id == Subscription.customer_id).where(Customer.erased_at.is_(None))
    rows = db.session.execute(query.order_by(Subscription.id).limit(limit).offset(offset)).all()
    ids = [row.id for row in rows]
    items, events = _items(ids), _events(ids)
    return [_card(row, items[row.id], events.get(row.id, (None, None))) for row in rows]


def get_subscription(subscription_id: int) -> SubscriptionCard | None:
    """One contract, or None."""
    found = find_subscriptions(SubscriptionFilter(ids=(subscription_id,), also_deleted=True), 1)
    return found[0] if found else None


def _items(ids: Sequence[int]) -> dict[int, list[ItemCard]]:
    """All versions of plan and add-ons, the newest first; set-up fees, and what never began, are not shown."""
    columns = (getattr(SubscriptionItem, name) for name in _ITEM_COLUMNS)
    query = select(SubscriptionItem.subscription_id, SubscriptionItem.vat_category, *columns).where(
        SubscriptionItem.subscription_id.in_(ids),
        SubscriptionItem.kind != "setup",
        or_(SubscriptionItem.ends_on.is_(None), SubscriptionItem.ends_on > SubscriptionItem.starts_on),
    )
    rates, found = rates_today(), {id_: list[ItemCard]() for id_ in ids}
    for row in db.session.execute(query.order_by(SubscriptionItem.kind.desc(), SubscriptionItem.id.desc())):
        values = {name: getattr(row, name) for name in _ITEM_COLUMNS}
        found[row.subscription_id].append(ItemCard(**values, vat_percent=rates.get(row.vat_category, Decimal(0))))
    return found


def _events(ids: Sequence[int]) -> dict[int, tuple[date | None, date | None]]:
    query = (
        select(SubscriptionItem.subscription_id, func.max(Claim.period_start), func.max(Claim.period_end))
        .join(Claim, Claim.item_id == SubscriptionItem.id)
        .where(SubscriptionItem.subscription_id.in_(ids), Claim.released_at.is_(None), Claim.kind == "period")
        .where(Claim.state.in_(("billed", "elsewhere")))
        .group_by(SubscriptionItem.subscription_id)
    )
    return {subscription_id: (start, end) for subscription_id, start, end in db.session.execute(query)}


def _card(row: Any, items: list[ItemCard], event: tuple[date | None, date | None]) -> SubscriptionCard:
    """Add-ons stand in the order they were booked."""
    values = {name: getattr(row, name) for name in _COLUMNS}
    today = clock.today()
    if row.status == "trial" and row.trial_ends_on <= today:
        values["status"] = "active"  # the day decides, whether or not a job has moved the state already
    plans = [item for item in items if item.kind == "plan"]
    ahead = [item for item in plans if item.starts_on > today]
    plan = next((item for item in plans if item not in ahead), plans[-1])
    addons = [item for item in items if item.kind == "addon" and (item.ends_on or date.max) > today]
    return SubscriptionCard(
        **values, last_event=event[0], paid_until=event[1], plan=plan, addons=tuple(reversed(addons)),
        plan_upcoming=next((item for item in reversed(ahead) if item is not plan), None),
    )  # fmt: skip
