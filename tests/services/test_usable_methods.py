"""By which method an invoice may be collected without its customer: one answer for button, run and preview."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from billing.collecting import KIND_OF_TYPE
from extensions import db
from models import Customer, Invoice, PaymentAttempt, PaymentMethod, Receivable, Subscription
from services import billing_run, clock, dunning_run
from services.actor import SYSTEM
from services.load import seed_load
from services.unit import end_reading, write
from services.usable_methods import usable_method
from tests.services.reminding import LEVELS, after, set_levels, statements
from tests.services.test_dunning_lists import looked

FIRST = date(2026, 11, 1)
TRANSFER, PAYPAL, CARD = 1, 4, 6


@dataclass(frozen=True)
class Kept:
    """A method; `who`: "" for the customer's own, "survivor" for one of the record it was merged into."""

    name: str
    type: int = CARD
    is_default: bool = False
    state: str = "active"
    expires_on: date | None = None
    gateway: str = "sandbox"
    is_held: bool = False


@dataclass(frozen=True)
class Way:
    """How a customer and each contract on the invoice pay: (type, name of its own method); and what may be charged."""

    why: str
    theirs: int
    kept: tuple[Kept, ...]
    own: tuple[tuple[int | None, str], ...]
    charged: str
    is_merged: bool = False


A, B = Kept("A", is_default=True), Kept("B")
THEIRS = ((None, ""),)
WAYS = (
    Way("nothing is kept", TRANSFER, (), THEIRS, ""),
    Way("kept later than the invoice on account", CARD, (A,), THEIRS, "A"),
    Way("the customer changed to transfers", TRANSFER, (B,), THEIRS, ""),
    Way("the contract's own card, not the customer's", CARD, (A, B), ((CARD, "B"),), "B"),
    Way("the contract is paid by transfer", CARD, (A,), ((TRANSFER, ""),), ""),
    Way("only the contract is paid by card", TRANSFER, (B,), ((CARD, "B"),), "B"),
    Way("its own card is expired: no other in its stead", CARD, (A, replace(B, state="expired")), ((CARD, "B"),), ""),
    Way("its own card expires before the day", CARD, (A, replace(B, expires_on=after(6))), ((CARD, "B"),), ""),
    Way("its own card holds on its last day", CARD, (A, replace(B, expires_on=after(7))), ((CARD, "B"),), "B"),
    Way("declined for good: no other in its stead", CARD, (A, replace(B, is_held=True)), ((CARD, "B"),), ""),
    Way("the default was charged back", CARD, (replace(A, is_held=True), B), THEIRS, ""),
    Way("its own card was removed", CARD, (A, replace(B, state="removed")), ((CARD, "B"),), "A"),
    Way("its own is of another kind", CARD, (A, Kept("P", PAYPAL)), ((PAYPAL, "A"),), "P"),
    Way("nothing of its own kind is kept", CARD, (A,), ((PAYPAL, ""),), ""),
    Way("the newest of two where neither is the default", TRANSFER, (B, Kept("C")), ((CARD, ""),), "C"),
    Way("our own debit is no try", 2, (Kept("D", 2, is_default=True, gateway=""),), THEIRS, ""),
    Way("the surviving record pays", CARD, (A,), THEIRS, "A", is_merged=True),
    Way("its own card moved along with the record", TRANSFER, (B,), ((CARD, "B"),), "B", is_merged=True),
    Way("contracts that agree", CARD, (A, B), ((CARD, "B"), (CARD, "B")), "B"),
    Way("contracts that agree on a transfer", CARD, (A,), ((TRANSFER, ""), (TRANSFER, "")), ""),
    Way("contracts that do not agree: the customer's", CARD, (A, B), ((CARD, "B"), (None, "")), "A"),
    Way("one of two by transfer: the customer's", CARD, (A,), ((TRANSFER, ""), (None, "")), "A"),
)  # fmt: skip


def billed(ways: tuple[Way, ...], on: date) -> dict[int, Way]:
    """An invoice on account for each, whose customer and contracts pay otherwise since; by invoice."""
    contracts = sum(len(way.own) + way.is_merged for way in ways)
    seed_load(SYSTEM, contracts, on)
    with write() as session:
        found = _furnish(session, ways, contracts)
    billing_run.bill(on, SYSTEM)
    with write() as session:
        for customer_id, way in found.items():
            _pay_otherwise(session, customer_id, way)
    query = select(Invoice.customer_id, Invoice.id).where(Invoice.customer_id.in_(found))
    return {invoice_id: found[customer_id] for customer_id, invoice_id in db.session.execute(query).tuples()}


def _furnish(session: Session, ways: tuple[Way, ...], contracts: int) -> dict[int, Way]:
    """One customer each, with as many contracts; a merged one has another record that it is merged into."""
    rows = session.scalars(select(Subscription).order_by(Subscription.id.desc()).limit(contracts)).all()[::-1]
    left, found = iter(rows), {}
    for way in ways:
        first, *others = [next(left) for _ in way.own]
        for each in others:
            each.customer_id = first.customer_id
        found[first.customer_id] = way
        if way.is_merged:
            other = next(left)
            survivor, other.customer_id, other.next_billing_on = other.customer_id, first.customer_id, None
            merged = update(Customer).where(Customer.id == first.customer_id).values(survivor_id=survivor)
            session.execute(merged)
    return found


def _pay_otherwise(session: Session, customer_id: int, way: Way) -> None:
    payer = session.get_one(Customer, session.get_one(Customer, customer_id).survivor_id or customer_id)
    payer.payment_type, ids = way.theirs, {"": None}
    for each in way.kept:
        row = PaymentMethod(customer_id=payer.id, kind=KIND_OF_TYPE[each.type], gateway=each.gateway, state=each.state,
                            is_default=each.is_default, expires_on=each.expires_on, token="tok",
                            brand=each.name, held_at=clock.instant() if each.is_held else None)  # fmt: skip
        session.add(row)
        session.flush()
        ids[each.name] = cast(Any, row.id)
    query = select(Subscription).where(
        Subscription.customer_id == customer_id, Subscription.next_billing_on.is_not(None)
    )
    for contract, (own_type, own) in zip(session.scalars(query.order_by(Subscription.id)), way.own, strict=True):
        contract.payment_type, contract.payment_method_id = own_type, ids[own]


@pytest.mark.feature("M2-16")
@pytest.mark.feature("M1-19")
def test_button_run_and_preview_charge_what_the_contract_says_and_nothing_else(context: Flask) -> None:
    set_levels(replace(LEVELS[0], collect_before=True), LEVELS[1])
    ways = billed(WAYS, FIRST)
    with clock.stand_at(after(7)):
        end_reading()
        session = cast(Session, db.session())
        by_button = {key: getattr(usable_method(session, key), "brand", "") for key in ways}
        assert {way.why: by_button[key] for key, way in ways.items()} == {way.why: way.charged for way in WAYS}
        end_reading()
        counted = looked(after(7))
        done = dunning_run.dun(after(7), SYSTEM).done
    tried = db.session.execute(select(PaymentAttempt.invoice_id, PaymentMethod.brand).join(
        PaymentMethod, PaymentMethod.id == PaymentAttempt.method_id)).tuples()  # fmt: skip
    assert {ways[key].why: name for key, name in tried} == {way.why: way.charged for way in WAYS if way.charged}
    assert counted.collected == done.collected == sum(bool(way.charged) for way in WAYS)
    assert counted.reminded == len(done.reminded) == sum(not way.charged for way in WAYS)


@pytest.mark.feature("M2-16")
def test_looking_for_methods_takes_as_many_statements_for_many_as_for_few(context: Flask) -> None:
    set_levels(replace(LEVELS[0], collect_before=True), LEVELS[1])
    counted = []
    for ways, on in ((WAYS[:4], FIRST), (WAYS[:4], date(2026, 12, 1)), (WAYS[:4] * 4, date(2027, 1, 1))):
        billed(ways, on)
        with write() as session:
            session.execute(update(Subscription).values(next_billing_on=None))
        due = db.session.scalars(select(Receivable.due_on).order_by(Receivable.id.desc())).first() or on
        day = due + timedelta(7)
        with clock.stand_at(day):
            end_reading()
            preview = statements(lambda day=day: looked(day))
            counted.append((preview, statements(lambda day=day: dunning_run.dun(day, SYSTEM))))
    assert counted[1] == counted[2]
