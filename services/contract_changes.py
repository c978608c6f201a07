"""Another product, quantity or add-ons: at once with day-exact proration, or at the end of the period (X-10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from billing.contracts import Rhythm
from billing.errors import AlreadyDone, Invalid, NotAllowed, NotFound
from billing.periods import Interval, Unit
from billing.pricing import line_cents
from models import Claim, Product, SubscriptionItem
from services import clock, contract_versions, redemptions, snapshots
from services import values as check
from services.actor import Actor
from services.bookings import (
    BIGGEST_QUANTITY,
    Booking,
    addon_items,
    check_fits,
    find_plan,
    plan_item,
    require_lawful,
    setup_item,
)
from services.contract_plans import Edition, carry_out, require_free
from services.contract_rows import Held, hold, period_end, settle
from services.customers import require_bookable
from services.products import BIGGEST_PRICE
from services.unit import write

TERMS = tuple(f"{name}_{part}" for name in ("term", "renewal", "notice") for part in ("unit", "count"))


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be changed. `plan`: another article, or the same one with other words or another price; its quantity
    counts only as `quantity` (None: as before). `addons`: booked, or in another quantity; a quantity of 0 removes."""

    plan: Booking | None = None
    quantity: Decimal | None = None
    addons: tuple[Booking, ...] = ()
    reset_addons: bool = False
    at_period_end: bool = False
    coupon: str = ""  # a code that is redeemed with it, from the day on which the change holds


def change(actor: Actor, subscription_id: int, wanted: Change) -> date:
    """Change the contract; gives the day from which it holds.

    At once the old versions end today and what is billed beyond is credited by days; the new ones bill the rest of
    the period. Raises NotFound (article_number), NotAllowed ("wrong_state", "pause_planned", "customer_blocked"),
    Invalid (article_number, quantity, unit_price, currency_code, addons), AlreadyDone("unchanged"); for the coupon as
    `redemptions.redeem`.
    """
    with write() as session:
        held = hold(session, subscription_id, "change")
        edition = edition_of(held, wanted)
        carry_out(held, edition)
        settle(
            actor, held, f"subscription.{'change_planned' if edition.is_planned else 'changed'}",
            effective_on=edition.on.isoformat(), ended=[_told(item) for item in edition.ends],
            begun=[_told(item) for item in edition.begins],
        )  # fmt: skip
        if wanted.coupon:
            redemptions.redeem(actor, subscription_id, wanted.coupon, edition.on)
        return edition.on


def edition_of(held: Held, wanted: Change) -> Edition:
    """What the change comes to, before anything is written. Raises as `change`."""
    require_free(held)
    if wanted.plan or wanted.quantity is not None or any(booking.quantity for booking in wanted.addons):
        require_bookable(held.customer)
    on = max(clock.today(), held.row.started_on)
    if wanted.at_period_end:
        on = max(period_end(held, on), on)
    edition = Edition("addons", on)
    plan = _running_plan(held, on)
    rhythm = _change_plan(held, plan, wanted, edition)
    _change_addons(held, edition, wanted, plan)
    for item in edition.begins:
        item.rhythm = snapshots.kept_rhythm(rhythm) if edition.new_rhythm else plan.rhythm
    if not edition.ends and not edition.begins:
        raise AlreadyDone("unchanged")
    return edition


def _running_plan(held: Held, on: date) -> SubscriptionItem:
    plans = [item for item in contract_versions.running(held, on) if item.kind == "plan"]
    if not plans:
        raise NotAllowed("wrong_state", state=held.row.status, action="change")
    return plans[-1]


def _change_plan(held: Held, plan: SubscriptionItem, wanted: Change, edition: Edition) -> Rhythm:
    """End the plan and begin the other; gives the rhythm that holds then."""
    own = snapshots.item_of(plan).rhythm or held.terms().rhythm
    booking = wanted.plan
    if booking is None and wanted.quantity is not None:
        booking = Booking(plan.article_number)
    if booking is None:
        return own
    booking = replace(booking, quantity=plan.quantity if wanted.quantity is None else wanted.quantity)
    if booking.article_number == plan.article_number:
        _same_article(plan, booking, edition)
        return own
    return _other_article(held, plan, booking, edition, own)


def _same_article(plan: SubscriptionItem, booking: Booking, edition: Edition) -> None:
    new = _as_agreed(plan, booking, edition.on)
    edition.kind = "quantity"
    if any(getattr(new, name) != getattr(plan, name) for name in ("quantity", "unit_price", "title", "description")):
        edition.ends.append(plan)
        edition.begins.append(new)


def _other_article(
    held: Held, plan: SubscriptionItem, booking: Booking, edition: Edition, own: Rhythm
) -> Rhythm:  # fmt: skip
    product = find_plan(held.session, booking.article_number)
    require_lawful(held.customer, product)
    if product.is_gross != held.row.is_gross:
        raise Invalid("article_number", "net_and_gross_in_one_contract")
    edition.kind = "product"
    edition.ends.append(plan)
    edition.begins.append(plan_item(held.session, booking, product, held.row, edition.on))
    _change_setup(held, plan, product, booking, edition)
    edition.values |= {name: getattr(product, name) for name in TERMS}
    interval = Interval(Unit(product.interval_unit or "month"), product.interval_count)
    if (interval, product.in_arrears) == (own.interval, own.in_arrears):
        return own
    begins = max(edition.on, held.row.trial_ends_on or edition.on)
    edition.new_rhythm = True
    edition.values |= {
        "anchor_on": begins.isoformat(), "interval_unit": interval.unit.value, "interval_count": interval.count,
        "in_arrears": product.in_arrears, "number_events": product.number_events,
    }  # fmt: skip
    return Rhythm(begins, interval, product.in_arrears, product.number_events or None)


def _change_setup(held: Held, plan: SubscriptionItem, product: Product, booking: Booking, edition: Edition) -> None:
    """A set-up fee is charged once a contract: one that is not billed yet gives way to the new plan's."""
    fees = [item for item in held.items if item.kind == "setup" and item.product_id == plan.product_id]
    billed = select(Claim.id).where(Claim.item_id.in_([fee.id for fee in fees]), Claim.released_at.is_(None))
    if not fees or held.session.scalar(billed.limit(1)) is not None:
        return
    edition.ends += [fee for fee in fees if fee.ends_on is None]
    if fee := setup_item(held.session, product, held.row, booking, edition.on):
        edition.begins.append(fee)


def _change_addons(held: Held, edition: Edition, wanted: Change, plan: SubscriptionItem) -> None:
    present = [item for item in contract_versions.running(held, edition.on) if item.kind == "addon"]
    named = {booking.article_number for booking in wanted.addons}
    kept = [] if wanted.reset_addons else [item for item in present if item.article_number not in named]
    if wanted.reset_addons:
        edition.ends += present
        present = []
    for line, booking in enumerate(wanted.addons, 1):
        _change_addon(held, edition, booking, present, plan, line)
    _refuse_unfit(held, edition, kept)


def _change_addon(
    held: Held, edition: Edition, booking: Booking, present: Iterable[SubscriptionItem], plan: SubscriptionItem,
    line: int,
) -> None:  # fmt: skip
    old = [item for item in present if item.article_number == booking.article_number]
    if not booking.quantity and not old:
        raise Invalid("addons", "unknown_addon", line=line, part="article_number", addon=booking.article_number)
    if old and booking.quantity and not edition.new_rhythm:
        new = _as_agreed(old[-1], booking, edition.on)
        if len(old) == 1 and (new.quantity, new.unit_price) == (old[0].quantity, old[0].unit_price):
            return
        edition.begins.append(new)
    elif booking.quantity:
        edition.begins += addon_items(
            held.session, booking, _product_of(held, edition, plan), held.row, edition.on, line
        )
    edition.ends += old


def _refuse_unfit(held: Held, edition: Edition, kept: list[SubscriptionItem]) -> None:
    """Add-ons that stay must fit the plan that is to be, and cost what they cost by its rhythm."""
    if kept and edition.new_rhythm:
        raise Invalid("addons", "addons_of_other_rhythm", addon=kept[0].article_number)
    if edition.kind != "product":
        return
    product = held.session.get_one(Product, edition.begins[0].product_id)
    for item in kept:
        if item.product_id is None:
            continue
        try:
            check_fits(held.session, held.session.get_one(Product, item.product_id), product, held.row)
        except Invalid as error:
            raise Invalid("addons", error.code, addon=item.article_number) from None


def _product_of(held: Held, edition: Edition, plan: SubscriptionItem) -> Product:
    product_id = edition.begins[0].product_id if edition.kind == "product" else plan.product_id
    product = None if product_id is None else held.session.get(Product, product_id)
    if product is None:
        raise NotFound("unknown_product", field="article_number")
    return product


def _as_agreed(old: SubscriptionItem, booking: Booking, on: date) -> SubscriptionItem:
    """A further version of the same article: what is not named anew stays as agreed."""
    columns, values = SubscriptionItem.__table__.columns, dict[str, object]()
    values["quantity"] = check.exact("quantity", booking.quantity, Decimal("0.0001"), BIGGEST_QUANTITY, 4)
    if booking.unit_price is not None:
        values["unit_price"] = check.exact("unit_price", booking.unit_price, Decimal(0), BIGGEST_PRICE, 8)
    for name in ("title", "description"):
        if getattr(booking, name) is not None:
            values[name] = check.text_of(columns[name], getattr(booking, name)) or getattr(old, name)
    line_cents(booking.quantity, old.unit_price if booking.unit_price is None else booking.unit_price)
    return contract_versions.copy(old, on, **values)


def _told(item: SubscriptionItem) -> str:
    return f"{item.article_number} × {item.quantity.normalize():f}"
