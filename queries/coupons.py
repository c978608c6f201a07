"""Coupons as calls and screens show them (R-17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from billing.discounts import state_of
from extensions import db
from models import (
    Coupon,
    CouponProduct,
    CouponRedemption,
    CouponUse,
    Customer,
    Invoice,
    Product,
    Subscription,
    SubscriptionItem,
)
from queries.family import family_of
from queries.lists.names import name_of
from services import clock

SHOWN = 50


@dataclass(frozen=True, slots=True)
class CouponCard:
    """One coupon. `uses` counts redemptions; `state` says whether somebody could redeem it today."""

    coupon: Coupon
    article_numbers: tuple[str, ...]
    uses: int
    state: str
    customer_name: str = ""

    @property
    def uses_left(self) -> int | None:
        """How often one customer may still redeem it who alone may; None: without limit."""
        limits = [limit for limit in (self.coupon.uses_max, self.coupon.uses_per_customer) if limit]
        return max(min(limits) - self.uses, 0) if limits else None


@dataclass(frozen=True, slots=True)
class RedemptionRow:
    """Who took it up for which contract, and what it took off so far (in cents of the contract's currency)."""

    id: int
    coupon_id: int
    code: str
    title: str
    customer_id: int
    customer_name: str
    subscription_id: int
    subscription_title: str
    currency_code: str
    redeemed_at: datetime
    starts_on: date
    ends_on: date | None
    left_cents: int | None
    is_over: bool
    events: int
    taken_cents: int
    events_left: int | None = None  # of a coupon for so many invoices


@dataclass(frozen=True, slots=True)
class UseRow:
    invoice_id: int
    invoice_number: str | None
    billing_on: date
    currency_code: str
    cents: int
    is_released: bool


def find_coupons(code_key: str = "", limit: int = 100, offset: int = 0) -> list[CouponCard]:
    """A page of coupons in the order they were made. Three statements."""
    query = select(Coupon).order_by(Coupon.id)
    if code_key:
        query = query.where(Coupon.code_key == code_key)
    rows = list(db.session.scalars(query.limit(limit).offset(offset)))
    ids = [row.id for row in rows]
    products, uses = _products(ids), _uses(ids)
    return [
        CouponCard(row, products.get(row.id, ()), uses.get(row.id, 0), state(row, uses.get(row.id, 0))) for row in rows
    ]


def get_coupon(coupon_id: int) -> CouponCard | None:
    """One coupon with the name of the one customer it is for. Four statements."""
    row = db.session.get(Coupon, coupon_id)
    if row is None:
        return None
    uses = _uses([coupon_id]).get(coupon_id, 0)
    owner = db.session.get(Customer, row.customer_id) if row.customer_id else None
    return CouponCard(row, _products([coupon_id]).get(coupon_id, ()), uses, state(row, uses),
                      name_of(owner) if owner else "")  # fmt: skip


def offered_to(customer_id: int, limit: int = SHOWN) -> list[CouponCard]:
    """Coupons that this customer alone may redeem, the newest first. Three statements.

    What this customer may not redeem again is used up: there is nobody else for it.
    """
    mine = Coupon.customer_id.in_(family_of(customer_id))
    rows = list(db.session.scalars(select(Coupon).where(mine).order_by(Coupon.id.desc()).limit(limit)))
    ids = [row.id for row in rows]
    products, uses = _products(ids), _uses(ids)
    cards = [
        CouponCard(row, products.get(row.id, ()), uses.get(row.id, 0), state(row, uses.get(row.id, 0))) for row in rows
    ]
    return [replace(card, state="used_up") if card.uses_left == 0 and card.state == "open" else card for card in cards]


def running_coupons(subscription_ids: Sequence[int]) -> dict[int, CouponCard]:
    """The coupon that each contract has, the one redeemed last where it has several. Three statements."""
    query = (
        select(CouponRedemption.subscription_id, Coupon)
        .join(Coupon, Coupon.id == CouponRedemption.coupon_id)
        .where(CouponRedemption.subscription_id.in_(subscription_ids), CouponRedemption.ended_at.is_(None))
        .where(CouponRedemption.ends_on.is_(None) | (CouponRedemption.ends_on > clock.today()))
    )
    found = {row[0]: row[1] for row in db.session.execute(query.order_by(CouponRedemption.id))}
    ids = sorted({row.id for row in found.values()})
    products, uses = _products(ids), _uses(ids)
    return {
        key: CouponCard(row, products.get(row.id, ()), uses.get(row.id, 0), state(row, uses.get(row.id, 0)))
        for key, row in found.items()
    }


def product_ids_of(coupon_id: int) -> list[int]:
    """The chosen products of a coupon; none means all."""
    query = select(CouponProduct.product_id).where(CouponProduct.coupon_id == coupon_id)
    return list(db.session.scalars(query.order_by(CouponProduct.product_id)))


def state(row: Coupon, uses: int) -> str:
    """open, early, over, used_up or off: whether somebody could redeem it today."""
    return state_of(row.is_active, row.valid_from, row.valid_to, row.uses_max, uses, clock.today())


def redemptions_of(
    coupon_id: int = 0, subscription_id: int = 0, customer_id: int = 0, limit: int = SHOWN
) -> list[RedemptionRow]:
    """Redemptions of a coupon, a contract or a customer, the newest first. Two statements.

    A merged customer's count with the survivor's.
    """
    query = (
        select(CouponRedemption, Coupon, Customer, Subscription, _plan_title())
        .join(Coupon, Coupon.id == CouponRedemption.coupon_id)
        .join(Customer, Customer.id == CouponRedemption.customer_id)
        .join(Subscription, Subscription.id == CouponRedemption.subscription_id)
    )
    if coupon_id:
        query = query.where(CouponRedemption.coupon_id == coupon_id)
    if subscription_id:
        query = query.where(CouponRedemption.subscription_id == subscription_id)
    if customer_id:
        query = query.where(Customer.survivor_id == customer_id)
    rows = db.session.execute(query.order_by(CouponRedemption.id.desc()).limit(limit)).all()
    taken = _taken([row[0].id for row in rows])
    return [_redemption(row, *taken.get(row[0].id, (0, 0))) for row in rows]


def uses_of_coupon(coupon_id: int, limit: int = SHOWN) -> list[UseRow]:
    """The invoices that a coupon reduced, the newest first. One statement."""
    query = (
        select(Invoice.id, Invoice.number, CouponUse.billing_on, Invoice.currency_code, CouponUse.cents,
               CouponUse.released_at.is_not(None))
        .join(CouponRedemption, CouponRedemption.id == CouponUse.redemption_id)
        .join(Invoice, Invoice.id == CouponUse.invoice_id)
        .where(CouponRedemption.coupon_id == coupon_id)
        .order_by(CouponUse.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [UseRow(*row) for row in db.session.execute(query)]


def _plan_title() -> Any:
    """What the contract is called where it has no title of its own: its newest plan."""
    query = select(SubscriptionItem.title).where(
        SubscriptionItem.subscription_id == Subscription.id, SubscriptionItem.kind == "plan"
    )
    return query.order_by(SubscriptionItem.id.desc()).limit(1).correlate(Subscription).scalar_subquery()


def _redemption(found: Any, events: int, taken_cents: int) -> RedemptionRow:
    row, coupon, customer, contract, plan = found
    over = row.ended_at is not None or (row.ends_on is not None and row.ends_on <= clock.today())
    return RedemptionRow(
        row.id, coupon.id, coupon.code, coupon.title, customer.survivor_id or customer.id, name_of(customer),
        contract.id, contract.title or plan or "", contract.currency_code, row.redeemed_at, row.starts_on, row.ends_on,
        row.left_cents, over, events, taken_cents,
        max(coupon.events - events, 0) if coupon.lasts == "events" else None,
    )  # fmt: skip


def _products(ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    query = select(CouponProduct.coupon_id, Product.number).join(Product, Product.id == CouponProduct.product_id)
    found: dict[int, tuple[str, ...]] = {}
    for coupon_id, number in db.session.execute(query.where(CouponProduct.coupon_id.in_(ids)).order_by(Product.id)):
        found[coupon_id] = (*found.get(coupon_id, ()), number)
    return found


def _uses(ids: Sequence[int]) -> dict[int, int]:
    query = select(CouponRedemption.coupon_id, func.count()).where(CouponRedemption.coupon_id.in_(ids))
    return {row[0]: row[1] for row in db.session.execute(query.group_by(CouponRedemption.coupon_id))}


def _taken(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Redemption -> events and cents."""
    query = (
        select(CouponUse.redemption_id, func.count(CouponUse.billing_on.distinct()), func.sum(CouponUse.cents))
        .where(CouponUse.redemption_id.in_(ids), CouponUse.released_at.is_(None))
        .group_by(CouponUse.redemption_id)
    )
    return {key: (events, int(cents)) for key, events, cents in db.session.execute(query)}
