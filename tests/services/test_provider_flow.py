"""The whole flow over HTTP: Stripe's, Adyen's and Unzer's libraries pay, fail, refund and charge back against their
stand-ins, and the house's books follow from answers and events alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from billing.collecting import TYPE_OF_KIND
from billing.errors import NotAllowed
from billing.periods import add_months
from gateways.base import Charge, ChargeWish, Unanswered
from models import Customer, GatewayEvent, PaymentAttempt, PaymentMethod, Subscription
from services import charging, clock, corrections, gateway_events, providers, refund_calls, refund_rows, refunds
from services.actor import Actor
from services.checks import check_books
from services.unit import write
from tests.gateways.world import World, method_of, worlds
from tests.services.charged import FIRST, Till, open_till

JULE = Actor("staff", 1, "Jule")


@pytest.fixture(params=["stripe", "adyen", "unzer"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with worlds(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
def till(context: Flask, world: World) -> Iterator[Till]:
    with clock.stand_at(world.now()):
        made = open_till(context)
        providers.offered()[world.gateway.traits.name] = world.gateway
        yield made
        found = check_books()
        assert found.ok, found.findings


def keep(till: Till, world: World, card: str) -> None:
    kept = method_of(world, card)
    with write() as session:
        session.execute(update(PaymentMethod).values(is_default=False))
        session.add(PaymentMethod(customer_id=1, kind=kept.kind, gateway=world.gateway.traits.name, is_default=True,
                                  token=kept.token, provider_customer=kept.customer, brand=kept.brand))  # fmt: skip
        session.execute(update(Customer).values(payment_type=TYPE_OF_KIND[kept.kind]))
        session.execute(update(Subscription).values(payment_type=TYPE_OF_KIND[kept.kind]))


def listen(world: World) -> None:
    """Everything the provider told so far, twice and backwards."""
    name = world.gateway.traits.name
    told = world.events()
    with clock.stand_at(world.now()):
        for headers, body in [*reversed(told), *told]:
            gateway_events.take_in(name, headers, body)
    for wait in (0, 1, 2):
        with clock.stand_at(clock.real() + timedelta(hours=wait)):
            for event_id in gateway_events.waiting(1000):
                gateway_events.take(event_id)


@pytest.mark.feature("F12")
@pytest.mark.feature("M2-19")
@pytest.mark.feature("F19")
def test_the_whole_life_of_a_charge(till: Till, world: World) -> None:
    """Billed, declined, tried again on its day with a new card, its answer lost, paid, cancelled, given back, and
    charged back on top: from each of them one thing follows, however often and in which order it is told."""
    keep(till, world, "declines_soft")
    assert till.bill().charging == 1
    assert till.carry_on() == ["declined"] and (till.collection.state, till.receivables) == ("open", [])
    listen(world)
    assert world.captured() == []

    keep(till, world, "succeeds")
    on_its_day = world.now() + timedelta((till.collection.next_try_on - clock.today()).days)
    with clock.stand_at(on_its_day):
        assert charging.due(10) == [till.invoice.id]
        charging.try_again(till.invoice.id)
        lose_the_answer(till, world)
        assert (till.attempt.state, len(world.captured())) == ("unknown", 1)
        assert charging.due(10) == [], "whoever does not know asks nobody for money"
        listen(world)
        till.carry_on()
    bill, (paid,) = till.invoice, till.payments
    assert world.captured() == [(paid.provider_id, bill.gross_cents)]
    assert [each.state for each in till.all(PaymentAttempt)] == ["declined", "accepted"]
    assert bill.number and till.receivables[0].open_cents == 0

    with clock.stand_at(on_its_day):
        storno = corrections.cancel(JULE, bill.id, reason="", bill_again=False)
        given_back(world, storno)
        assert world.given_back() == [(paid.provider_id, bill.gross_cents)]
        world.charge_back(paid.provider_id, bill.gross_cents)
        listen(world)
    assert [(row.kind, row.amount_cents) for row in till.payments] == [
        (kind, bill.gross_cents) for kind in ("payment", "refund", "chargeback")
    ]
    assert [
        (row.cause, row.open_cents) for row in till.receivables if row.open_cents and row.cause != "chargeback"
    ] == [("double_payout", bill.gross_cents)]
    assert "failed" not in {each.state for each in till.all(GatewayEvent)}


def lose_the_answer(till: Till, world: World) -> None:
    """The attempt reaches the provider, which takes the money, and nobody hears of it."""
    with pytest.MonkeyPatch.context() as patch:
        confirm = world.gateway.confirm

        def unheard(wish: ChargeWish, charge_id: str) -> Charge:
            confirm(wish, charge_id)
            raise Unanswered("timeout")

        patch.setattr(world.gateway, "confirm", unheard)
        till.carry_on()


def given_back(world: World, correction: int) -> None:
    """Ordered twice by two clicks, carried on twice by two workers."""
    (refund_id,) = refunds.order(JULE, correction)
    with pytest.raises(NotAllowed, match="all_refunded"):
        refunds.order(JULE, correction)
    for _ in range(2):
        refund_calls.carry_on(refund_id, at_once=True)
    listen(world)
    refund_calls.carry_on(refund_id, at_once=True)
    assert refund_rows.state_of(refund_id) == "succeeded"


@pytest.mark.feature("F12")
def test_a_payment_fails_pays_and_is_charged_back(till: Till, world: World) -> None:
    keep(till, world, "declines_hard")
    till.bill()
    assert till.carry_on() == ["declined"] and till.payments == []
    keep(till, world, "succeeds")
    till.bill(add_months(FIRST, 1))
    assert till.carry_on() == ["accepted"]
    listen(world)
    paid = till.payments[0]
    assert len(till.payments) == 1 and till.receivables[0].open_cents == 0
    world.charge_back(paid.provider_id, paid.amount_cents)
    listen(world)
    assert till.receivables[0].open_cents == paid.amount_cents
    assert [each.kind for each in till.payments].count("chargeback") == 1
    assert "failed" not in {each.state for each in till.all(GatewayEvent)}


@pytest.mark.feature("M2-01")
def test_a_payment_is_refunded_after_its_cancellation(till: Till, world: World) -> None:
    keep(till, world, "succeeds")
    till.bill()
    assert till.carry_on() == ["accepted"]
    correction = corrections.cancel(JULE, till.invoice.id, reason="", bill_again=False)
    (refund_id,) = refunds.order(JULE, correction)
    refund_calls.carry_on(refund_id, at_once=True)
    listen(world)
    refund_calls.carry_on(refund_id, at_once=True)
    assert refund_rows.state_of(refund_id) == "succeeded"
    assert len(world.given_back()) == 1
