"""subscription.create, subscription.get (M1-12, D-13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from api import outward
from api.coupons import coupon_object
from api.customer_fields import CUSTOMER_KEYS
from api.fields import Field, list_field
from api.kinds import (
    ATTRIBUTES,
    CURRENCY,
    FEATURES,
    ID,
    IDS,
    MOMENT,
    PERCENT,
    PRICE,
    QUANTITY,
    text,
)
from api.registry import Ask, Service, Source, declare
from queries.coupons import CouponCard, running_coupons
from queries.subscriptions import ItemCard, SubscriptionCard, SubscriptionFilter, find_subscriptions, get_subscription
from services.subscriptions import Booking, Order, create_subscription

STATES = {"cancelled": "canceled", "paused": "inactive", "deactivated": "inactive"}

BOOKED = (
    Field("ARTICLE_NUMBER", text(40), "article_number", required=True),
    Field("QUANTITY", QUANTITY, "quantity", note="default 1"),
    Field("TITLE", text(200), "title", note="instead of the article's, in this subscription only"),
    Field("DESCRIPTION", text(10_000, lines=True), "description", note="instead of the article's"),
    Field("UNIT_PRICE", PRICE, "unit_price", note="instead of the article's"),
)
ADDON_FIELDS = (
    *BOOKED,
    Field("VAT_PERCENT", PERCENT, "vat_percent", note="the article's own rate; another is refused"),
)


def _addon(values: Mapping[str, Any]) -> Booking:
    return Booking(**values)


ADDONS = list_field("ADDONS", "ADDON", ADDON_FIELDS, _addon)
FIELDS = (
    *BOOKED,
    Field("CUSTOMER_ID", ID, "customer_id", required=True),
    Field("SUBSCRIPTION_EXT_UID", text(100), "ext_uid"),
    Field("COUPON", text(40), "coupon", note="code of a coupon, redeemed from the first day on"),
    Field("CURRENCY_CODE", CURRENCY, "currency_code", note="default: the article's currency"),
    Field("SUBSCRIPTION_TITLE", text(200), "subscription_title"),
    Field("INVOICE_TITLE", text(200), "invoice_title"),
    Field("START_DATE", MOMENT, "starts_on", aliases=("START",), note="default: today; may lie in the past"),
    Field("NEXT_EVENT", MOMENT, "next_event", note="first day billed here; earlier periods were billed elsewhere"),
    Field("CANCELLATION_DATE", MOMENT, "ends_on", note="first day without service"),
    Field("CANCELLATION_NOTE", text(2_000, lines=True), "cancellation_note"),
    Field("X_ATTRIBUTES", ATTRIBUTES, "x_attributes"),
    Field("FEATURES", FEATURES, "features"),
    ADDONS,
)
FILTERS = (
    Field("SUBSCRIPTION_ID", IDS, "ids"),
    Field("SUBSCRIPTION_EXT_UID", text(100), "ext_uid"),
    *CUSTOMER_KEYS,
)


def _create(ask: Ask) -> dict[str, object]:
    card = get_subscription(create_subscription(ask.actor, _order(ask.values)))
    assert card is not None
    return {"STATUS": "success", "SUBSCRIPTION_ID": card.id, "HASH": card.hash}


def _order(values: Mapping[str, Any]) -> Order:
    """The order: what belongs to the plan, the dates as days, the rest by name."""
    rest = {name: value for name, value in values.items() if value is not None}
    names = ("article_number", "quantity", "title", "description", "unit_price")
    plan = Booking(**{name: rest.pop(name) for name in names if name in rest})
    start: datetime | None = rest.get("starts_on")
    for name in ("starts_on", "next_event", "ends_on"):
        if name in rest:
            rest[name] = rest[name].date()
    for name in ("addons", "x_attributes", "features"):
        rest[name] = tuple(rest.get(name, ()))
    order = Order(plan=plan, title=rest.pop("subscription_title", ""), **rest)
    return replace(order, start_time=start.time()) if start else order


def _get(ask: Ask) -> dict[str, object]:
    values: dict[str, Any] = dict(ask.values)
    ext_uid = values.pop("ext_uid", None)
    wanted = SubscriptionFilter(ext_uids=(ext_uid,) if ext_uid else (), **values)
    cards = find_subscriptions(wanted, ask.page.limit, ask.page.offset)
    running = running_coupons([card.id for card in cards])
    return {"SUBSCRIPTIONS": [subscription_object(card, running.get(card.id)) for card in cards]}


def subscription_object(card: SubscriptionCard, coupon: CouponCard | None = None) -> dict[str, object]:
    """The contract as an answer shows it: day and time of START are kept by all its dates."""
    clock = card.start_time
    return {
        "SUBSCRIPTION_ID": card.id,
        "SUBSCRIPTION_HASH": card.hash,
        "HASH": card.hash,
        "CUSTOMER_ID": card.customer_id,
        "SUBSCRIPTION_TITLE": card.title,
        "START": outward.moment(card.started_on, clock),
        "NEXT_EVENT": outward.moment(card.next_billing_on, clock),
        "CANCELLATION_DATE": outward.moment(card.ends_on, clock),
        "STATUS": STATES.get(card.status, card.status),
        "X_ATTRIBUTES": outward.listed(card.x_attributes),
        "ARTICLE_NUMBER": card.plan.article_number,
        "QUANTITY": outward.count(card.plan.quantity),
        "CURRENCY_CODE": card.currency_code,
        "PLAN": _item(card.plan),
        "SUBSCRIPTION_EXT_UID": card.ext_uid or "",
        "INVOICE_TITLE": card.invoice_title,
        "LAST_EVENT": outward.moment(card.last_event, clock),
        "CANCELLATION_NOTE": card.cancellation_note,
        "ADDONS": [_item(addon) for addon in card.addons],
        "PLAN_UPCOMING": _item(card.plan_upcoming) if card.plan_upcoming else [],
        "COUPON": coupon_object(coupon) if coupon else [],
        "EXPIRATION_DATE": outward.moment(card.ends_on or card.paid_until, clock),
        "FEATURES": card.features or [],
    }


def _item(item: ItemCard) -> dict[str, object]:
    return {
        "ARTICLE_NUMBER": item.article_number,
        "QUANTITY": outward.count(item.quantity),
        "TITLE": item.title,
        "DESCRIPTION": item.description,
        "UNIT_PRICE": outward.price(item.unit_price),
        "VAT_PERCENT": outward.hundredths(item.vat_percent),
    }


declare(
    Service(
        "subscription.create", "Book an article for a customer; overrides hold in this subscription only.",
        Source.DATA, FIELDS, _create, ("STATUS", "SUBSCRIPTION_ID", "HASH"), writes=True, subject="Subscription",
    )
)  # fmt: skip
declare(
    Service(
        "subscription.get", "Find subscriptions.", Source.FILTER, FILTERS, _get, ("SUBSCRIPTIONS",),
        subject="Subscription",
    )
)  # fmt: skip
