"""A coupon is taken up for a contract, within its limits (X-20, S25)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.discounts import state_of
from billing.errors import NotAllowed, NotFound
from billing.periods import Interval, Unit, shift
from extensions import db
from models import Coupon, CouponProduct, CouponRedemption, Product, Subscription, SubscriptionItem
from services import activities, clock, coupons
from services.actor import Actor
from services.customers import find_survivor, lock_survivor
from services.unit import write

_CLOSED = {"off": "coupon_inactive", "early": "coupon_not_yet", "over": "coupon_over", "used_up": "coupon_used_up"}


def redeem(actor: Actor, subscription_id: int, code: str, starts_on: date | None = None) -> int:
    """Take a coupon up for a contract and give the redemption's id. It reduces what is served from `starts_on` on
    (today unless given); a time counts from there, or from the end of a trial.

    Raises NotFound (subscription_id, coupon) and NotAllowed(field="coupon") with the reason: coupon_inactive,
    coupon_not_yet, coupon_over, coupon_used_up, coupon_already_used, coupon_other_customer, coupon_other_products,
    coupon_other_currency.
    """
    with write() as session:
        contract = session.get(Subscription, subscription_id)
        if contract is None:
            raise NotFound("unknown_subscription", field="subscription_id")
        customer = lock_survivor(session, contract.customer_id)
        coupon = coupons.lock_coupon(session, _id_of(session, code))  # after the customer: one order for all
        require_usable(session, coupon, customer.id, _products_of(session, contract.id), contract.currency_code)
        _refuse_twice(session, coupon.id, contract.id)
        row = _redemption(coupon, contract, customer.id, starts_on or clock.today())
        session.add(row)
        session.flush()
        activities.record(
            actor, "coupon.redeemed", "subscription", contract.id, customer_id=customer.id, coupon=coupon.code,
            coupon_id=coupon.id, starts_on=row.starts_on.isoformat(),
        )  # fmt: skip
        return int(row.id)


def end_redemption(actor: Actor, redemption_id: int) -> None:
    """From today on it reduces nothing that begins anew. Raises NotFound."""
    with write() as session:
        row = session.get(CouponRedemption, redemption_id)
        if row is None:
            raise NotFound("unknown_coupon", field="coupon")
        lock_survivor(session, row.customer_id)
        session.refresh(row)
        today = clock.today()
        if row.ends_on is not None and row.ends_on <= today:
            return
        row.ends_on = max(today, row.starts_on)
        coupon = session.get_one(Coupon, row.coupon_id)
        activities.record(
            actor, "coupon.ended", "subscription", row.subscription_id, customer_id=row.customer_id, coupon=coupon.code,
            coupon_id=coupon.id,
        )  # fmt: skip


def is_usable(code: str, article_number: str = "") -> bool:
    """Whether somebody could redeem the code today, for that article or at all: coupon.check."""
    session = cast(Session, db.session())
    try:
        coupon = session.get_one(Coupon, _id_of(session, code))
        products = [] if not article_number else [_product_id(session, article_number)]
        require_usable(session, coupon, None, products, None)
    except (NotAllowed, NotFound):
        return False
    return True


def require_usable(
    session: Session, coupon: Coupon, customer_id: int | None, product_ids: Collection[int], currency: str | None
) -> None:
    """Every rule of redeeming. Without a customer or a currency their rules are passed over."""
    uses = coupons.uses_of(session, coupon.id)
    now = state_of(coupon.is_active, coupon.valid_from, coupon.valid_to, coupon.uses_max, uses, clock.today())
    refusals = (
        *((reason, state == now) for state, reason in _CLOSED.items()),
        ("coupon_other_customer", _is_somebody_elses(session, coupon, customer_id)),
        ("coupon_already_used", customer_id is not None and _has_had_enough(session, coupon, customer_id)),
        ("coupon_other_products", bool(product_ids) and not _suits(session, coupon.id, product_ids)),
        ("coupon_other_currency", bool(currency and coupon.currency_code) and coupon.currency_code != currency),
    )
    for code, refused in refusals:
        if refused:
            raise NotAllowed(code, field="coupon")


def first_day(contract: Subscription, starts_on: date) -> date:
    """The first day on which anything is reduced: not before the trial is over."""
    return max(starts_on, contract.trial_ends_on or starts_on)


def _redemption(coupon: Coupon, contract: Subscription, customer_id: int, starts_on: date) -> CouponRedemption:
    begins, ends_on = first_day(contract, starts_on), None
    if coupon.lasts == "time" and coupon.period_unit:
        ends_on = shift(begins, Interval(Unit(coupon.period_unit), coupon.period_count), 1)
    return CouponRedemption(
        coupon_id=coupon.id, subscription_id=contract.id, customer_id=customer_id, redeemed_at=clock.instant(),
        starts_on=starts_on, ends_on=ends_on, left_cents=coupon.amount_cents if coupon.kind == "voucher" else None,
    )  # fmt: skip


def _id_of(session: Session, code: str) -> int:
    found = session.scalar(select(Coupon.id).where(Coupon.code_key == coupons.key_of(code)))
    if found is None:
        raise NotFound("unknown_coupon", field="coupon")
    return int(found)


def _product_id(session: Session, number: str) -> int:
    found = session.scalar(select(Product.id).where(Product.number == number, Product.is_active))
    if found is None:
        raise NotFound("unknown_product", field="article_number")
    return int(found)


def _products_of(session: Session, subscription_id: int) -> list[int]:
    """What the contract has today or later."""
    query = select(SubscriptionItem.product_id).where(
        SubscriptionItem.subscription_id == subscription_id,
        SubscriptionItem.ends_on.is_(None) | (SubscriptionItem.ends_on > clock.today()),
    )
    return [product_id for product_id in session.scalars(query) if product_id is not None]


def _suits(session: Session, coupon_id: int, product_ids: Collection[int]) -> bool:
    chosen = set(session.scalars(select(CouponProduct.product_id).where(CouponProduct.coupon_id == coupon_id)))
    return not chosen or not chosen.isdisjoint(product_ids)


def _is_somebody_elses(session: Session, coupon: Coupon, customer_id: int | None) -> bool:
    if coupon.customer_id is None or customer_id is None:
        return False
    return coupon.customer_id != customer_id and find_survivor(session, coupon.customer_id).id != customer_id


def _has_had_enough(session: Session, coupon: Coupon, customer_id: int) -> bool:
    return 0 < coupon.uses_per_customer <= coupons.uses_of(session, coupon.id, customer_id)


def _refuse_twice(session: Session, coupon_id: int, subscription_id: int) -> None:
    """A coupon runs once on a contract, however often its customer may use it."""
    query = select(CouponRedemption.id).where(
        CouponRedemption.coupon_id == coupon_id, CouponRedemption.subscription_id == subscription_id
    )
    if session.scalar(query.limit(1)) is not None:
        raise NotAllowed("coupon_already_used", field="coupon")
