"""Small contracts and customers to plan with; the tests say only what matters to them."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from billing.contracts import ClaimKey, Item, Moved, Rhythm, Terms, Usage
from billing.discounts import Coupon, Grant
from billing.drafts import Draft, Payer
from billing.invoices import Plan, plan
from billing.periods import Interval
from billing.taxes import GERMAN_RATES, Buyer, RateTable, Seller

GERMANY = Seller("DE", small_business=False)
SMALL = Seller("DE", small_business=True)
CONSUMER = Buyer("DE", is_business=False, vat_id="")
RATES = RateTable(GERMAN_RATES)
PERCENT, AMOUNT, VOUCHER = "percent", "amount", "voucher"
MONTHLY = Interval.parse("1 month")


def day(text: str) -> date:
    return date.fromisoformat(text)


def item(
    id: int = 1,
    price: str = "10.00",
    quantity: str = "1",
    starts: str = "2026-01-01",
    ends: str | None = None,
    kind: str = "plan",
    vat: str = "standard",
    supply: str = "service",
    settled_before: str | None = None,
    rhythm: Rhythm | None = None,
) -> Item:
    return Item(
        id=id,
        kind=kind,
        product_id=None,
        article_number=str(id),
        title="Tarif",
        description="",
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        vat_category=vat,
        supply_kind=supply,
        starts_on=day(starts),
        ends_on=None if ends is None else day(ends),
        settled_before=None if settled_before is None else day(settled_before),
        rhythm=rhythm,
    )


def terms(
    *items: Item,
    id: int = 1,
    anchor: str = "2026-01-01",
    every: str = "1 month",
    ends: str | None = None,
    trial_ends: str | None = None,
    events: int | None = None,
    in_arrears: bool = False,
    currency: str = "EUR",
    is_gross: bool = False,
    payment_type: int = 1,
    collection: str = "invoice_first",
    days_for_payment: int = 14,
    status: str = "active",
    usage: Sequence[Usage] = (),
    coupons: Sequence[Coupon] = (),
    moved: Sequence[tuple[str, str]] = (),
    silent_from: str | None = None,
) -> Terms:
    return Terms(
        subscription_id=id,
        customer_id=7,
        anchor_on=day(anchor),
        interval=Interval.parse(every),
        trial_ends_on=None if trial_ends is None else day(trial_ends),
        ends_on=None if ends is None else day(ends),
        number_events=events,
        in_arrears=in_arrears,
        currency=currency,
        is_gross=is_gross,
        payment_type=payment_type,
        collection=collection,
        days_for_payment=days_for_payment,
        title="Tarif",
        invoice_title="",
        status=status,
        items=items or (item(starts=anchor),),
        usage=tuple(usage),
        coupons=tuple(coupons),
        moved=tuple(Moved(day(start), day(due)) for start, due in moved),
        silent_from=None if silent_from is None else day(silent_from),
    )


def used(
    on: str,
    id: int = 1,
    recorded: str | None = None,
    quantity: str = "1",
    price: str = "0.10",
    article: str = "minute",
    vat: str = "standard",
    supply: str = "service",
    description: str = "",
) -> Usage:
    return Usage(
        id=id,
        item_id=1,
        product_id=9,
        article_number=article,
        title="Minuten",
        description=description,
        unit="MIN",
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        vat_category=vat,
        supply_kind=supply,
        used_on=day(on),
        recorded_on=day(recorded or on),
    )


def coupon(kind: str, value: str, id: int = 1, contract: int = 1, **more: Any) -> Coupon:
    """20 percent, or so many cents."""
    worth: dict[str, Any] = {"percent": Decimal(value)}
    if kind != PERCENT:
        worth = {"cents": int(value), "currency": "EUR", "is_voucher": kind == VOUCHER}
    return Coupon(id, contract, f"C{id}", **{"starts_on": day("2026-01-01")} | worth | more)


def payer(buyer: Buyer = CONSUMER, status: str = "active", grants: Sequence[Grant] = (), language: str = "de") -> Payer:
    return Payer(7, "EUR", buyer, status, language, tuple(grants))


def planned(
    contracts: Sequence[Terms],
    on: str | date,
    claimed: Container[ClaimKey] = (),
    buyer: Buyer = CONSUMER,
    seller: Seller = GERMANY,
    status: str = "active",
    confirmed: Container[int] = (),
    grants: Sequence[Grant] = (),
) -> Plan:
    until = day(on) if isinstance(on, str) else on
    return plan(payer(buyer, status, grants), contracts, claimed, until, seller, RATES, confirmed)


def keys(drafts: Sequence[Draft]) -> set[ClaimKey]:
    return {charge.key for draft in drafts for charge in draft.charges}


def run_by_run(contracts: Sequence[Terms], days: Sequence[date]) -> list[Draft]:
    """The drafts of one run after the other, each knowing the claims of those before it."""
    claimed: set[ClaimKey] = set()
    drafts: list[Draft] = []
    for on in days:
        fresh = planned(contracts, on, claimed).drafts
        claimed |= keys(fresh)
        drafts += fresh
    return drafts
