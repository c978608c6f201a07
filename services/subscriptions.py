"""Contracts are concluded here, whoever books: a plan with its add-ons, as agreed, counted from an anchor."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from billing.charges import billed_elsewhere, next_due_on
from billing.contracts import ClaimKey, Terms, trial_end
from billing.errors import Invalid
from billing.periods import Interval, Unit, index_of, nth, shift
from models import Claim, Customer, Product, Subscription, SubscriptionItem
from services import activities, clock, due_marks, redemptions, snapshots
from services import values as check
from services.actor import Actor
from services.bookings import Booking, booked_items, find_plan, require_lawful
from services.customers import lock_survivor, require_bookable
from services.unit import write

__all__ = ["Booking", "Order", "create_subscription"]

EARLIEST = date(1950, 1, 1)  # an older START is a slip of the pen, too
MOST_CLAIMS = 5_000  # a daily contract of thirteen years; more is a slip of the pen in START
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Order:
    """A contract to be concluded. Dates are days in Berlin; `ends_on` is the first day without service.

    `next_event` (D-13): the first day billed here; what was due before counts as billed elsewhere.
    """

    customer_id: int
    plan: Booking
    addons: tuple[Booking, ...] = ()
    starts_on: date | None = None
    start_time: time = time()
    next_event: date | None = None
    ends_on: date | None = None
    cancellation_note: str = ""
    currency_code: str | None = None
    ext_uid: str | None = None
    title: str = ""
    invoice_title: str = ""
    x_attributes: tuple[Any, ...] = ()
    features: tuple[Any, ...] = ()
    payment_type: int | None = None
    days_for_payment: int | None = None
    coupon: str = ""  # a code that is redeemed with it, from the first day on
    key: str | None = None  # a form's own: sent twice it is concluded once (F1)


def create_subscription(actor: Actor, order: Order) -> int:
    """Conclude a contract and give its id.

    Raises NotFound (customer_id, article_number), NotAllowed for a blocked or deactivated customer (D-12), and
    Invalid(field). A merged customer's contract is the survivor's.
    """
    with write() as session:
        customer = lock_survivor(session, order.customer_id)
        require_bookable(customer)
        row, items, taken_over = drawn_up(session, customer, order, store=True)
        session.add_all(items)
        session.flush()
        _settle_past(session, row, order.next_event, taken_over)
        if order.coupon:
            redemptions.redeem(actor, row.id, order.coupon, row.started_on)
        activities.record(
            actor, "subscription.created", "subscription", row.id, customer_id=customer.id, **_told(row, items, order)
        )
        return int(row.id)


def drawn_up(
    session: Session, customer: Customer, order: Order, *, store: bool = False
) -> tuple[Subscription, list[SubscriptionItem], bool]:
    """The contract and its items as they would be agreed, and whether it comes in running; stored only with `store`.

    Raises NotFound and Invalid as `create_subscription` does.
    """
    product = find_plan(session, order.plan.article_number)
    require_lawful(customer, product)
    row = Subscription(customer_id=customer.id, **_agreed(order, product))
    taken_over = _set_rhythm(row, order, product)
    if store:
        session.add(row)
        session.flush()
    return row, booked_items(session, row, product, order.plan, order.addons), taken_over


def _told(row: Subscription, items: list[SubscriptionItem], order: Order) -> dict[str, Any]:
    """What was agreed, for the trail: who looks at the tile need not open the contract (P-10)."""
    plan, rest = items[0], items[1:]
    told = {
        "article_number": plan.article_number, "title": plan.title, "starts_on": row.started_on.isoformat(),
        "quantity": str(plan.quantity.normalize()), "unit_price": str(plan.unit_price), "currency": row.currency_code,
        "is_gross": row.is_gross, "addons": [item.article_number for item in rest if item.kind == "addon"],
        "coupon": order.coupon, "ends_on": row.ends_on.isoformat() if row.ends_on else "",
        "payment_type": row.payment_type,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value not in ("", [], None)}


def _agreed(order: Order, product: Product) -> dict[str, Any]:
    """What the contract says, apart from its dates: the order's words, the product's terms."""
    columns = Subscription.__table__.columns
    kept = ("in_arrears", "number_events", "term_unit", "term_count", "renewal_unit", "renewal_count", "notice_unit",
            "notice_count", "interval_unit", "interval_count", "is_gross")  # fmt: skip
    texts = ("title", "invoice_title", "cancellation_note")
    return {
        "hash": secrets.token_hex(16),
        "order_key": order.key,
        "ext_uid": check.text_of(columns["ext_uid"], order.ext_uid or "") or None,
        "currency_code": check.currency("currency_code", order.currency_code or product.currency_code),
        "x_attributes": list(order.x_attributes),
        "features": list(order.features or product.features),
        "payment_type": _optional("payment_type", order.payment_type, 1, 6),
        "days_for_payment": _optional("days_for_payment", order.days_for_payment, 0, 999),
        "created_at": clock.instant(),
        "updated_at": clock.instant(),
        **{name: check.text_of(columns[name], getattr(order, name)) for name in texts},
        **{name: getattr(product, name) for name in kept},
    }


def _optional(field: str, value: int | None, low: int, high: int) -> int | None:
    return None if value is None else check.number_in(field, value, low, high)


def _set_rhythm(row: Subscription, order: Order, product: Product) -> bool:
    """Start, trial, anchor, end and the state that follows from them; whether it was paid for before it came here."""
    row.started_on = order.starts_on or clock.today()
    if row.started_on < EARLIEST:
        raise Invalid("starts_on", "out_of_range")
    row.start_time = order.start_time
    trial = Interval(Unit(product.trial_unit), product.trial_count) if product.trial_unit else None
    row.trial_ends_on = trial_end(row.started_on, trial)
    first_paid_on = row.anchor_on = row.trial_ends_on or row.started_on
    if order.next_event:
        _take_over(row, order.next_event)
    row.ends_on = order.ends_on
    if row.ends_on and row.ends_on <= row.started_on:
        raise Invalid("ends_on", "before_start")
    row.cancelled_at = clock.instant() if row.ends_on else None
    in_trial = row.trial_ends_on is not None and row.trial_ends_on > clock.today()
    row.status = "cancelled" if row.ends_on else "trial" if in_trial else "active"
    return row.anchor_on > first_paid_on


def _take_over(row: Subscription, next_event: date) -> None:
    """D-13: a NEXT_EVENT that is no boundary counted from START moves the anchor; START stays what it is."""
    if next_event < row.started_on:
        raise Invalid("next_event", "before_start")
    interval = Interval(Unit(row.interval_unit), row.interval_count)
    boundary = shift(row.anchor_on, interval, index_of(row.anchor_on, interval, next_event))
    if next_event >= row.anchor_on and boundary == next_event:
        return
    # In arrears the first bill closes a period, so the period before it is the first one that is ours.
    row.anchor_on = shift(next_event, interval, -1) if row.in_arrears else next_event
    if row.trial_ends_on is not None and row.trial_ends_on > row.anchor_on:
        row.trial_ends_on = row.anchor_on if row.anchor_on > row.started_on else None


def _settle_past(session: Session, row: Subscription, next_event: date | None, taken_over: bool) -> None:
    """Claim what was billed elsewhere (D-13), and say when this contract is to be looked at first.

    `taken_over`: the anchor was moved past the first paid day, so set-up fees were billed elsewhere as well.
    """
    terms = snapshots.terms_of(session, row.id)
    if next_event is not None:
        _claim_elsewhere(session, terms, next_event, taken_over)
    due_marks.set_marks(session, {row.id: next_due_on(terms, (next_event or row.started_on) - _DAY)})


def _claim_elsewhere(session: Session, terms: Terms, next_event: date, taken_over: bool) -> None:
    if index_of(terms.anchor_on, terms.interval, next_event) * len(terms.items) > MOST_CLAIMS:
        raise Invalid("next_event", "too_many_periods")
    keys = set(billed_elsewhere(terms, next_event))
    if taken_over:
        keys |= {ClaimKey(item.id, "setup", item.starts_on) for item in terms.items if item.kind == "setup"}
    rows = [
        {"item_id": key.item_id, "kind": key.kind, "period_start": key.period_start,
         "period_end": _claimed_until(key, terms), "state": "elsewhere", "created_at": clock.instant()}
        for key in sorted(keys)
    ]  # fmt: skip
    if rows:
        session.execute(insert(Claim), rows)


def _claimed_until(key: ClaimKey, terms: Terms) -> date:
    if key.kind == "setup":
        return key.period_start + _DAY
    return nth(terms.anchor_on, terms.interval, index_of(terms.anchor_on, terms.interval, key.period_start)).end
