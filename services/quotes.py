"""What a booking would cost first, before there is a contract: the planner's work on a contract that is not stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.contracts import Item, Terms, trial_end
from billing.discounts import Coupon
from billing.drafts import Payer, total
from billing.errors import NotFound
from billing.invoices import plan
from billing.periods import Interval, Unit
from billing.taxes import Buyer
from extensions import db
from models import Coupon as CouponRow
from models import CouponProduct, Product, Subscription, SubscriptionItem
from services import clock, company, snapshots
from services import values as check
from services.bookings import Booking, booked_items, find_plan
from services.coupons import key_of
from services.redemptions import is_usable


def first_amount(booking: Booking, addons: Iterable[Booking] = (), coupon: str = "", country: str = "") -> int:
    """Gross cents of the first invoice, for a consumer in that country (the seller's own unless given).

    With a trial it is the invoice at its end. Raises NotFound and Invalid as a booking does (article_number, addons,
    coupon, country_code).
    """
    session = db.session()
    product = find_plan(session, booking.article_number)
    row = Subscription(customer_id=0, currency_code=product.currency_code, is_gross=product.is_gross,
                       started_on=clock.today())  # fmt: skip
    booked = booked_items(session, row, product, booking, addons)
    terms = _terms(product, [_item(n, item) for n, item in enumerate(booked, 1)])
    if coupon:
        terms = replace(terms, coupons=(_coupon(session, coupon, booking.article_number),))
    facts = company.tax_facts(terms.anchor_on)
    home = check.country("country_code", country) if country else company.get_company().country_code
    payer = Payer(0, product.currency_code, Buyer(home, False, ""))
    planned = plan(payer, [terms], (), terms.anchor_on, facts.seller, facts.rates)
    return sum(total(draft).gross_cents for draft in planned.drafts)


def _terms(product: Product, items: list[Item]) -> Terms:
    today = clock.today()
    trial = Interval(Unit(product.trial_unit), product.trial_count) if product.trial_unit else None
    trial_ends = trial_end(today, trial)
    interval = Interval(Unit(product.interval_unit or "month"), product.interval_count)
    return Terms(
        0, 0, trial_ends or today, interval, trial_ends, None, product.number_events or None, False,
        product.currency_code, product.is_gross, 1, "invoice_first", 0, "", "", "active", tuple(items),
    )  # fmt: skip


def _item(number: int, row: SubscriptionItem) -> Item:
    return replace(snapshots.item_of(row), id=number)


def _coupon(session: Session, code: str, article_number: str) -> Coupon:
    row = session.scalars(select(CouponRow).where(CouponRow.code_key == key_of(code))).one_or_none()
    if row is None or not is_usable(code, article_number):
        raise NotFound("unknown_coupon", field="coupon")
    return coupon_terms(session, row, clock.today())


def coupon_terms(session: Session, row: CouponRow, starts_on: date) -> Coupon:
    """The coupon as billing would see it once it is redeemed from that day on."""
    products = session.scalars(select(CouponProduct.product_id).where(CouponProduct.coupon_id == row.id))
    return Coupon(
        0, 0, row.code, starts_on, row.percent, row.amount_cents or 0, row.currency_code or "",
        row.kind == "voucher", frozenset(products),
    )  # fmt: skip
