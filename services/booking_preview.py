"""What a contract would mean before it is concluded: by the booking's and the run's own steps, writing nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.charges import billed_elsewhere, next_due_on
from billing.contracts import Terms
from billing.errors import NotFound
from billing.invoices import plan
from billing.notice import Notice, binding, ordinary_end
from billing.periods import index_of, nth
from extensions import db
from models import Coupon as CouponRow
from models import Customer, Subscription, SubscriptionItem
from services import clock, company, extras, quotes, snapshots, upcoming
from services.bookings import notice_rules
from services.coupons import key_of
from services.customers import find_survivor
from services.debtors import debtors_of
from services.redemptions import require_usable
from services.subscriptions import Order, drawn_up
from services.upcoming import Upcoming

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`first`: the first invoice, None where nothing would be billed; `earliest_end` is exclusive, as are
    `trial_ends_on` and `ends_on`."""

    starts_on: date
    trial_ends_on: date | None
    ends_on: date | None
    earliest_end: date | None
    rules: Notice
    interval: tuple[str, int]
    in_arrears: bool
    first: Upcoming | None


def foresee(order: Order) -> Foreseen:
    """What the order would come to. A fixed number of statements. Raises NotFound and Invalid as the booking does, and
    NotAllowed for a coupon that cannot be redeemed."""
    session = db.session()
    customer = find_survivor(session, order.customer_id)
    row, items, _ = drawn_up(session, customer, order)
    terms = _terms(session, customer, row, items, order)
    rules = binding(notice_rules(row), customer.customer_type == "consumer")
    end = None if row.ends_on else _earliest_end(row, rules, terms)
    return Foreseen(
        row.started_on, row.trial_ends_on, row.ends_on, end, rules,
        (row.interval_unit, row.interval_count), row.in_arrears, _first(session, customer, terms, order),
    )  # fmt: skip


def _terms(
    session: Session, customer: Customer, row: Subscription, items: list[SubscriptionItem], order: Order
) -> Terms:
    """Rows that are not stored have no ids yet: any will do, as long as they differ."""
    row.id = 0
    numbered = [replace(snapshots.item_of(item), id=number) for number, item in enumerate(items, 1)]
    days = company.get_company().days_for_payment if customer.days_for_payment is None else customer.days_for_payment
    terms = snapshots.drawn_terms(row, numbered, customer.payment_type, days)
    if not order.coupon:
        return terms
    coupon = session.scalars(select(CouponRow).where(CouponRow.code_key == key_of(order.coupon))).one_or_none()
    if coupon is None:
        raise NotFound("unknown_coupon", field="coupon")
    product_ids = [item.product_id for item in items if item.product_id is not None]
    require_usable(session, coupon, customer.id, product_ids, row.currency_code)
    return replace(terms, coupons=(quotes.coupon_terms(session, coupon, row.started_on),))


def _earliest_end(row: Subscription, rules: Notice, terms: Terms) -> date:
    """X-09, for a cancellation that were given at once."""
    given = max(clock.today(), row.started_on)
    if given < terms.anchor_on:
        return ordinary_end(row.started_on, given, rules, terms.anchor_on)
    period = nth(terms.anchor_on, terms.interval, index_of(terms.anchor_on, terms.interval, given))
    return ordinary_end(row.started_on, given, rules, period.end)


def _first(session: Session, customer: Customer, terms: Terms, order: Order) -> Upcoming | None:
    """The first invoice of this contract alone, with the VAT of this customer and their granted credit."""
    claimed = set(billed_elsewhere(terms, order.next_event)) if order.next_event else set()
    begin = (order.next_event or min(terms.anchor_on, *(item.starts_on for item in terms.items))) - _DAY
    day = next_due_on(terms, begin)
    if day is None:
        return None
    facts = company.tax_facts(max(day, clock.today()))
    granted = extras.grants(session, select(Customer.id).where(Customer.id == customer.id)).get(customer.id, ())
    payer = debtors_of(session, [customer.id])[customer.id].payer(terms.currency, granted)
    drafts = plan(payer, [terms], claimed, day, facts.seller, facts.rates, {terms.subscription_id}).drafts
    return upcoming.told(drafts[0]) if drafts else None
