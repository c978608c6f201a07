"""The contract with payment providers: one test that every gateway passes against its provider's side."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateways.base import BadEvent, Charge, ChargeWish, Gateway, Kind, Refused, Unanswered
from tests.gateways.world import (
    NAMES,
    World,
    charge,
    method_of,
    refund_wish,
    refunded,
    setup_wish,
    state_of,
    told,
    wish_of,
    worlds,
)  # fmt: skip


@pytest.fixture(params=NAMES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with worlds(request.param, tmp_path) as opened:
        yield opened


# --- payment data -----------------------------------------------------------------------------------------------------


def test_payment_data_is_entered_on_the_providers_page_and_comes_back_as_a_token(world: World) -> None:
    setup = world.gateway.begin_setup(setup_wish())
    assert setup.id and "://" in setup.url
    assert world.gateway.read_setup(setup.id).status == "open"
    world.enter(setup, "succeeds")
    state = world.gateway.read_setup(setup.id)
    assert state.status == "done" and state.method is not None
    assert state.method.token and state.method.kind == "card"
    assert len(state.method.last4) in (0, 4)


@pytest.mark.parametrize("kind", ["card", "paypal", "sepa_debit"])
def test_every_kind_that_is_named_can_be_set_up_and_charged(world: World, kind: Kind) -> None:
    if kind not in world.gateway.traits.kinds:
        with pytest.raises(Refused):
            world.gateway.begin_setup(setup_wish(kind))
        return
    card = "debit" if kind == "sepa_debit" else "succeeds"
    method = method_of(world, card, kind)
    assert method.kind == kind
    assert charge(world.gateway, wish_of(method)).status in ("succeeded", "processing")


def test_who_is_forgotten_is_not_charged_any_more_and_may_be_forgotten_twice(world: World) -> None:
    method = method_of(world)
    world.gateway.forget(method)
    world.gateway.forget(method)
    if not world.forgets:
        return
    try:
        assert charge(world.gateway, wish_of(method)).status == "declined"
    except Refused as error:
        assert error.permanent
    assert world.captured() == []


# --- one charge -------------------------------------------------------------------------------------------------------


def test_a_charge_takes_the_money_once_and_can_be_read(world: World) -> None:
    wish = wish_of(method_of(world))
    made = world.gateway.create(wish)
    assert world.captured() == [], "nothing moves before it is set off"
    assert (made is not None) == world.gateway.traits.prepares
    if made:
        assert made.status == "created" and world.gateway.fetch(made.id) == made
    paid = world.gateway.confirm(wish, made.id if made else "")
    assert (paid.status, paid.cents, paid.currency) == ("succeeded", 11_900, "EUR")
    assert world.captured() == [(paid.id, 11_900)]
    read = state_of(world, paid.id)
    assert read is not None and (read.status, read.cents) == ("succeeded", 11_900)


@pytest.mark.parametrize(
    ("card", "kind"), [("declines_hard", "hard"), ("declines_soft", "soft"), ("needs_action", "action")]
)
def test_a_decline_says_whether_asking_again_can_help(world: World, card: str, kind: str) -> None:
    answer = charge(world.gateway, wish_of(method_of(world, card)))
    if kind == "action" and answer.status == "needs_action":
        assert "://" in answer.url, "the customer is sent there"
    else:
        assert (answer.status, answer.decline_kind) == ("declined", kind)
        assert answer.decline_code
    assert world.captured() == []
    read = state_of(world, answer.id)
    assert read is None or read.status == answer.status
    if world.gateway.traits.reads:
        assert read is None or read.decline_kind == answer.decline_kind


@pytest.mark.parametrize("ok", [True, False])
def test_who_has_to_act_decides(world: World, ok: bool) -> None:
    answer = charge(world.gateway, wish_of(method_of(world, "needs_action")))
    if answer.status == "declined":
        assert answer.decline_kind == "action", "the provider asks for new payment data instead"
        return
    world.act(answer.id, ok)
    read = world.gateway.fetch(answer.id)
    assert read is not None and read.status == ("succeeded" if ok else "declined")
    assert len(world.captured()) == int(ok)


def test_what_nobody_knows_is_none(world: World) -> None:
    if world.gateway.traits.reads:
        assert world.gateway.fetch("pi_unknown000000000000") is None
    else:
        with pytest.raises(Unanswered):
            world.gateway.fetch("pi_unknown000000000000")
    if not world.finds_by_key_alone:
        assert world.gateway.find(wish_of(method_of(world), key="never-asked")) is None
        assert world.captured() == []


def test_what_was_not_set_off_is_cancelled_and_what_has_moved_is_not(world: World) -> None:
    wish = wish_of(method_of(world))
    made = world.gateway.create(wish)
    if made:
        assert world.gateway.cancel(made.id, "cancel-1").status == "cancelled"
        assert world.gateway.cancel(made.id, "cancel-1").status == "cancelled"
        assert world.captured() == []
    paid = charge(world.gateway, replace(wish, key="charge-2"))
    with suppress(Refused):
        assert world.gateway.cancel(paid.id, "cancel-2").status == "succeeded"
    assert world.captured() == [(paid.id, 11_900)]
    assert world.given_back() == []


@pytest.mark.parametrize("ok", [True, False])
def test_a_debit_is_taken_in_and_the_bank_answers_later(world: World, ok: bool) -> None:
    if "sepa_debit" not in world.gateway.traits.kinds:
        return
    taken = charge(world.gateway, wish_of(method_of(world, "debit", "sepa_debit")))
    if taken.status == "succeeded":
        return  # a provider that pays out at once and charges back later
    assert (taken.status, taken.cents) == ("processing", 11_900)
    world.settle(taken.id, ok)
    read = world.gateway.fetch(taken.id)
    assert read is not None and read.status == ("succeeded" if ok else "declined")


# --- the same key -----------------------------------------------------------------------------------------------------


def one_key_charges_once(world: World, gateway: Gateway) -> None:
    """What F3 asks for: sent again after a crash that lost the answer, the same key takes the money once."""
    wish = wish_of(method_of(world))
    ids = {charge(gateway, wish).id, charge(gateway, wish).id}
    assert len(ids) == 1
    assert [cents for _, cents in world.captured()] == [11_900]


def one_key_refunds_once(world: World, gateway: Gateway) -> None:
    paid = charge(world.gateway, wish_of(method_of(world)))
    ids = {refunded(gateway, paid, cents=4_000).id, refunded(gateway, paid, cents=4_000).id}
    assert len(ids) == 1
    assert world.given_back() == [(paid.id, 4_000)]


@pytest.mark.feature("F3")
def test_the_same_key_takes_the_money_once(world: World) -> None:
    one_key_charges_once(world, world.gateway)


@pytest.mark.feature("F3")
def test_the_same_key_gives_back_once(world: World) -> None:
    one_key_refunds_once(world, world.gateway)


@pytest.mark.feature("F3")
@pytest.mark.parametrize("rule", [one_key_charges_once, one_key_refunds_once])
def test_without_the_key_this_very_test_fails(world: World, rule: Callable[[World, Gateway], None]) -> None:
    with pytest.raises(AssertionError):
        rule(world, world.without_key())


@pytest.mark.feature("F1")
def test_the_same_key_at_the_same_time_takes_the_money_once(world: World) -> None:
    wish, answers, start = wish_of(method_of(world)), [], threading.Barrier(4)

    def ask() -> None:
        start.wait()
        try:
            answers.append(charge(world.gateway, wish).status)
        except (Refused, Unanswered) as error:
            assert not error.permanent, error.facts
            answers.append("busy")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4 and set(answers) <= {"succeeded", "busy"}
    charge(world.gateway, wish)
    assert [cents for _, cents in world.captured()] == [11_900]


def test_the_same_key_with_another_body_is_refused(world: World) -> None:
    wish = wish_of(method_of(world))
    paid = charge(world.gateway, wish)
    with pytest.raises(Refused) as refusal:
        charge(world.gateway, replace(wish, cents=12_000))
    assert refusal.value.permanent
    assert world.captured() == [(paid.id, 11_900)]


# --- no answer --------------------------------------------------------------------------------------------------------


def read_again(gateway: Gateway, wish: ChargeWish, made: Charge | None) -> Charge | None:
    return gateway.fetch(made.id) if made else gateway.find(wish)


@pytest.mark.feature("F12", "EB-51")
def test_a_charge_whose_answer_got_lost_is_found_by_reading(world: World) -> None:
    wish = wish_of(method_of(world))
    made = world.gateway.create(wish)
    world.lose_answer()
    with pytest.raises(Unanswered):
        world.gateway.confirm(wish, made.id if made else "")
    found = read_again(world.gateway, wish, made)
    assert found is not None and (found.status, found.cents) == ("succeeded", 11_900)
    assert world.gateway.find(wish) == found
    assert world.captured() == [(found.id, 11_900)]


@pytest.mark.feature("F12")
def test_an_object_whose_id_got_lost_is_found_by_its_key(world: World) -> None:
    if not world.gateway.traits.prepares:
        return
    wish = wish_of(method_of(world))
    world.lose_answer()
    with pytest.raises(Unanswered):
        world.gateway.create(wish)
    found = world.gateway.find(wish)
    assert found is not None and found.status == "created" and found.key == wish.key
    assert world.gateway.confirm(wish, found.id).status == "succeeded"
    assert len(world.captured()) == 1


@pytest.mark.feature("F12")
def test_a_charge_that_broke_before_has_moved_nothing_and_is_set_off_by_the_same_key_later(world: World) -> None:
    wish = wish_of(method_of(world))
    made = world.gateway.create(wish)
    world.fail()
    with pytest.raises(Unanswered):
        world.gateway.confirm(wish, made.id if made else "")
    assert world.captured() == []
    read = read_again(world.gateway, wish, made)
    assert read is None or read.status in ("created", "succeeded")
    assert world.gateway.confirm(wish, made.id if made else "").status == "succeeded"
    assert [cents for _, cents in world.captured()] == [11_900]


@pytest.mark.feature("F12")
def test_a_busy_provider_has_done_nothing_and_may_be_asked_again(world: World) -> None:
    wish = wish_of(method_of(world))
    made = world.gateway.create(wish)
    world.be_busy()
    with pytest.raises(Refused) as refusal:
        world.gateway.confirm(wish, made.id if made else "")
    assert not refusal.value.permanent
    assert world.captured() == []
    assert world.gateway.confirm(wish, made.id if made else "").status == "succeeded"


# --- money back -------------------------------------------------------------------------------------------------------


def not_given(world: World, paid: Charge, key: str, cents: int) -> None:
    """Refused at once, or taken in by a provider that cannot be read, and told as failed."""
    try:
        refund = refunded(world.gateway, paid, key, cents)
    except Refused as error:
        assert error.permanent
        return
    assert not world.gateway.traits.reads and refund.status == "pending"
    states = [event.refund for event in told(world) if event.object_id == refund.id]
    assert states[-1] is not None and states[-1].status == "failed"


@pytest.mark.feature("M2-07")
def test_a_refund_gives_back_in_parts_and_never_more_than_was_taken(world: World) -> None:
    paid = charge(world.gateway, wish_of(method_of(world)))
    first = refunded(world.gateway, paid, "refund-1", 4_000)
    assert first.status in ("pending", "succeeded") and (first.cents, first.currency) == (4_000, "EUR")
    refunded(world.gateway, paid, "refund-2", 7_900)
    not_given(world, paid, "refund-3", 1)
    assert world.given_back() == [(paid.id, 4_000), (paid.id, 7_900)]
    read = state_of(world, paid.id)
    assert read is not None
    assert not world.gateway.traits.reads or read.refunded_cents == 11_900


def test_more_than_was_taken_is_never_given_back(world: World) -> None:
    paid = charge(world.gateway, wish_of(method_of(world)))
    not_given(world, paid, "refund-1", 11_901)
    assert world.given_back() == []


def test_a_refund_of_what_nobody_knows_is_refused(world: World) -> None:
    with pytest.raises(Refused):
        world.gateway.refund(refund_wish("pi_unknown000000000000"))


@pytest.mark.feature("F12")
def test_a_refund_whose_answer_got_lost_is_found_and_not_given_twice(world: World) -> None:
    paid = charge(world.gateway, wish_of(method_of(world)))
    wish = refund_wish(paid.id, cents=4_000)
    world.lose_answer()
    with pytest.raises(Unanswered):
        world.gateway.refund(wish)
    found = world.gateway.find_refund(wish)
    assert found is not None and found.cents == 4_000
    if world.gateway.traits.reads:
        assert world.gateway.fetch_refund(found.id, paid.id) == found
    assert world.gateway.refund(wish).id == found.id
    assert world.given_back() == [(paid.id, 4_000)]


# --- events -----------------------------------------------------------------------------------------------------------


@pytest.mark.feature("S20")
def test_an_event_names_the_charge_and_can_be_read_in_any_order_and_again(world: World) -> None:
    paid = charge(world.gateway, wish_of(method_of(world)))
    refund = refunded(world.gateway, paid, cents=4_000)
    events = told(world)
    different = len(events) if world.signs != "nothing" else len({body for _, body in world.events()})
    assert len({event.id for event in events}) == different, "each has an id of its own"
    assert paid.id in {event.object_id for event in events if event.kind == "charge"}
    assert refund.id in {event.object_id for event in events if event.kind == "refund"} or any(
        event.object_id == paid.id for event in events[1:] if event.kind == "charge"
    )
    requests = world.events()
    random.Random(1).shuffle(requests)
    again = [event for headers, body in requests * 2 for event in world.gateway.read_events(headers, body, world.now())]
    assert {event.id for event in again} == {event.id for event in events}


def test_what_is_charged_back_says_how_much_and_its_undoing_too(world: World) -> None:
    paid = charge(world.gateway, wish_of(method_of(world)))
    world.charge_back(paid.id, 11_900)
    if world.signs == "nothing":
        assert paid.id == told(world)[-1].object_id, "no sum is believed, but the charge is read again"
        read = world.gateway.fetch(paid.id)
        assert read is not None and (read.status, read.charged_back_cents) == ("succeeded", 11_900)
        return
    taken = [event for event in told(world) if event.kind == "chargeback"]
    assert taken and {(event.object_id, event.cents, event.currency) for event in taken} == {(paid.id, 11_900, "EUR")}
    assert len({event.facts.get("case", event.id) for event in taken}) == 1, "told twice or once, it is one case"
    world.win(paid.id)
    undone = [event for event in told(world) if event.kind == "chargeback_reversed"]
    assert undone and {(event.object_id, event.cents) for event in undone} == {(paid.id, 11_900)}


def test_payment_data_that_was_entered_is_told(world: World) -> None:
    setup = world.gateway.begin_setup(setup_wish(reference="K-77"))
    world.enter(setup, "succeeds")
    assert setup.id in {event.object_id for event in told(world) if event.kind == "setup"}


@pytest.mark.feature("S20")
def test_a_forged_event_is_refused(world: World) -> None:
    charge(world.gateway, wish_of(method_of(world)))
    headers, body = world.events()[0]
    for wrong in (b"", b"[]", b"{}", b"\xff\xfe", b"null", b'{"id": 1}'):
        with pytest.raises(BadEvent):
            world.gateway.read_events(headers, wrong, world.now())
    if world.signs == "nothing":
        return
    headers, body = next((headers, body) for headers, body in world.events() if b"11900" in body)
    forged = body.replace(b"11900", b"11901")
    with pytest.raises(BadEvent):
        world.gateway.read_events(headers, forged, world.now())
    other = json.dumps(json.loads(body), indent=7).encode()
    if world.signs == "bytes":
        with pytest.raises(BadEvent):
            world.gateway.read_events({}, body, world.now())
        with pytest.raises(BadEvent):
            world.gateway.read_events(headers, other, world.now())


@pytest.mark.feature("S20")
@pytest.mark.parametrize("seconds", [301, -301])
def test_an_old_event_is_refused(world: World, seconds: int) -> None:
    charge(world.gateway, wish_of(method_of(world)))
    headers, body = world.events()[0]
    read = world.gateway.read_events(headers, body, world.now() + timedelta(seconds=seconds // 2))
    if world.signs_time:
        with pytest.raises(BadEvent):
            world.gateway.read_events(headers, body, world.now() + timedelta(seconds=seconds))
    else:
        later = world.gateway.read_events(headers, body, world.now() + timedelta(seconds=seconds))
        assert [event.object_id for event in later] == [event.object_id for event in read]
