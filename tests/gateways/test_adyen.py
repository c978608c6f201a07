"""Adyen beyond the contract: what is sent, what its words mean, what its stand-in refuses, and which events count."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways import wire
from gateways.adyen import AdyenGateway
from gateways.adyen_words import ours, theirs
from gateways.base import BadEvent, Event, Kind, Method, Refused, Unanswered
from tests.gateways.adyen_server import ACCOUNT, API_KEY, HMAC_KEY, AdyenServer, signed_item
from tests.gateways.adyen_world import gateway_of
from tests.gateways.loopback import Fault, listening
from tests.gateways.wild import answers, require_plain, saying
from tests.gateways.world import kept_by, refund_wish, setup_wish, wish_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[AdyenServer]:
    server = AdyenServer()
    with listening(server):
        yield server


def kept(server: AdyenServer, card: str = "succeeds", kind: Kind = "card") -> Method:
    return kept_by(gateway_of(server), server.enter, card, kind)


def events(server: AdyenServer, *numbers: int, **how: str) -> list[Event]:
    headers, body = server.request_of(*(numbers or range(len(server.told))), **how)
    return gateway_of(server).read_events(headers, body, NOW)


def last(server: AdyenServer) -> Event:
    return events(server, len(server.told) - 1)[0]


# --- what is sent


def test_a_page_authorises_nothing_and_keeps_what_was_entered(server: AdyenServer) -> None:
    setup = gateway_of(server).begin_setup(setup_wish(reference="K-7"))
    sent = server.calls[0].json
    assert (sent["mode"], sent["amount"]) == ("hosted", {"value": 0, "currency": "EUR"})
    assert (sent["storePaymentMethodMode"], sent["recurringProcessingModel"]) == ("enabled", "Subscription")
    assert sent["allowedPaymentMethods"] == ["scheme"] and sent["shopperReference"] == setup.id
    server.enter(setup.id, "succeeds")
    method = gateway_of(server).read_setup(setup.id).method
    assert method is not None
    assert (method.brand, method.last4, method.expires_on) == ("visa", "1111", date(2030, 3, 31))
    assert method.customer == setup.id != gateway_of(server).begin_setup(setup_wish(reference="K-7")).id


def test_a_charge_is_sent_as_one_without_the_customer_and_with_its_key(server: AdyenServer) -> None:
    method = kept(server)
    gateway_of(server).confirm(replace(wish_of(method), statement="Müller & Co. RE-2026-0001 Rechnung"), "")
    call = server.calls[-1]
    assert call.headers["idempotency-key"] == "charge-1"
    assert call.json == {
        "merchantAccount": ACCOUNT, "amount": {"value": 11_900, "currency": "EUR"}, "reference": "charge-1",
        "merchantOrderReference": "RE-2026-0001", "shopperReference": method.customer,
        "paymentMethod": {"type": "scheme", "storedPaymentMethodId": method.token}, "shopperInteraction": "ContAuth",
        "recurringProcessingModel": "Subscription", "returnUrl": "https://kontor.example/",
        "shopperStatement": "Mller  Co. RE-2026-000",
    }  # fmt: skip


def test_live_calls_go_to_the_address_of_ones_own() -> None:
    asked: list[str] = []

    def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> wire.Answer:
        asked.append(url)
        raise Unanswered

    for prefix in ("", "1797a841fbb37ca7-Kontor"):
        gateway = AdyenGateway(API_KEY, ACCOUNT, (HMAC_KEY,), "https://kontor.example/", prefix, send=send)
        with pytest.raises(Unanswered):
            gateway.read_setup("K-7 / ä")
    query = "storedPaymentMethods?merchantAccount=KontorECOM&shopperReference=K-7%20%2F%20%C3%A4"
    assert asked == [
        f"https://checkout-test.adyen.com/v72/{query}",
        f"https://1797a841fbb37ca7-Kontor-checkout-live.adyenpayments.com/checkout/v72/{query}",
    ]


@pytest.mark.parametrize(
    ("currency", "cents", "amount"),
    [("EUR", 1999, 1999), ("JPY", 1999, 1999), ("ISK", 500, 50_000), ("CLP", 500, 50_000), ("IDR", 5_000, 50)],
)
def test_amounts_are_in_adyens_own_units(currency: str, cents: int, amount: int) -> None:
    assert theirs(cents, currency) == amount and ours(amount, currency) == cents


def test_an_amount_that_adyen_has_no_unit_for_is_not_sent(server: AdyenServer) -> None:
    wish = replace(wish_of(kept(server)), currency="IDR", cents=5_001)
    with pytest.raises(Refused):
        gateway_of(server).confirm(wish, "")
    assert server.calls[-1].path.endswith("storedPaymentMethods")


# --- what the answer means


@pytest.mark.parametrize(
    ("card", "status", "kind", "code"),
    [
        ("waits", "processing", "", ""),
        ("declines_hard", "declined", "hard", "5"),
        ("declines_soft", "declined", "soft", "12"),
        ("expired", "declined", "hard", "6"),
        ("needs_action", "declined", "action", "38"),
        ("breaks", "declined", "soft", "4"),
        ("redirects", "needs_action", "", ""),
        ("challenges", "declined", "action", "38"),
    ],
)
def test_result_and_refusal_codes(server: AdyenServer, card: str, status: str, kind: str, code: str) -> None:
    charge = gateway_of(server).confirm(wish_of(kept(server, card)), "")
    assert (charge.status, charge.decline_kind, charge.decline_code) == (status, kind, code)
    assert charge.url.startswith("https://") == (status == "needs_action")
    assert charge.id in server.payments


@pytest.mark.feature("EB-51")
def test_what_never_arrived_is_set_off_by_looking_for_it(server: AdyenServer) -> None:
    wish = wish_of(kept(server))
    server.faults.append("breaks")
    with pytest.raises(Unanswered):
        gateway_of(server).confirm(wish, "")
    found = gateway_of(server).find(wish)
    assert found is not None and found.status == "succeeded" and list(server.payments) == [found.id]


@pytest.mark.feature("EB-51")
@pytest.mark.parametrize("find", ["find", "find_refund"])
def test_a_refusal_while_looking_says_nothing_of_what_was_done(server: AdyenServer, find: str) -> None:
    wish = wish_of(kept(server))
    paid = gateway_of(server).confirm(wish, "")
    server.key_revoked = True
    with pytest.raises(Unanswered):
        gateway_of(server).find(wish) if find == "find" else gateway_of(server).find_refund(refund_wish(paid.id))


@pytest.mark.feature("F3")
def test_an_answer_about_another_sum_is_noticed_although_the_provider_did_not(server: AdyenServer) -> None:
    server.replays_blindly = True
    wish = wish_of(kept(server))
    paid = gateway_of(server).confirm(wish, "")
    gateway_of(server).refund(refund_wish(paid.id, cents=4_000))
    with pytest.raises(Refused) as charged:
        gateway_of(server).confirm(replace(wish, cents=12_000), "")
    with pytest.raises(Refused) as given:
        gateway_of(server).refund(refund_wish(paid.id, cents=5_000))
    assert charged.value.code == given.value.code == "key_reused"
    assert (len(server.payments), len(server.refunds)) == (1, 1)


@pytest.mark.feature("F1")
def test_a_key_that_is_under_way_may_be_asked_again(server: AdyenServer) -> None:
    wish = wish_of(kept(server))
    server.under_way.add(wish.key)
    with pytest.raises(Refused) as refused:
        gateway_of(server).confirm(wish, "")
    assert (refused.value.code, refused.value.permanent) == ("in_progress", False)


@pytest.mark.feature("F3")
def test_after_its_time_a_key_is_a_new_one_so_nobody_may_look_by_it_any_more(server: AdyenServer) -> None:
    wish = wish_of(kept(server))
    first = gateway_of(server).confirm(wish, "")
    server.forget_keys()
    again = gateway_of(server).find(wish)
    assert again is not None and again.id != first.id, "the money was taken twice"
    assert AdyenGateway.traits.key_hours == 7 * 24, "so long Adyen keeps keys at least"


@pytest.mark.parametrize("key", ["", "k" * 65])
def test_a_key_that_adyen_does_not_take_never_leaves(server: AdyenServer, key: str) -> None:
    wish = replace(wish_of(kept(server)), key=key)
    before = len(server.calls)
    with pytest.raises(Refused):
        gateway_of(server).confirm(wish, "")
    assert len(server.calls) == before


@pytest.mark.parametrize("key", ["wrong", "revoked"])
def test_wrong_credentials_are_refused(server: AdyenServer, key: str) -> None:
    server.key_revoked = key == "revoked"
    with pytest.raises(Refused) as refused:
        gateway_of(server, key=key if key == "wrong" else API_KEY).begin_setup(setup_wish())
    assert refused.value.code == "credentials"


@pytest.mark.parametrize("fault", ["garbage", "redirects"])
def test_an_answer_that_nobody_understands_is_none(server: AdyenServer, fault: Fault) -> None:
    wish = wish_of(kept(server))
    server.faults.append(fault)
    with pytest.raises(Unanswered):
        gateway_of(server).confirm(wish, "")


@pytest.mark.feature("EB-51")
@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_a_page_of_something_on_the_way_is_no_refusal(status: int) -> None:
    gateway = AdyenGateway(
        API_KEY, ACCOUNT, (HMAC_KEY,), "https://kontor.example/", send=lambda *_: wire.Answer(status, {}, b"<html>")
    )
    with pytest.raises(Unanswered):
        gateway.confirm(wish_of(Method("token", "card", "K-7")), "")


def test_what_is_authorised_is_never_cancelled(server: AdyenServer) -> None:
    paid = gateway_of(server).confirm(wish_of(kept(server)), "")
    before = len(server.calls)
    with pytest.raises(Refused):
        gateway_of(server).cancel(paid.id, "cancel-1")
    assert len(server.calls) == before


ANSWERS = answers(
    *["pspReference", "resultCode", "amount", "action", "url", "storedPaymentMethods"],
    *["type", "id", "mandate", "errorCode", "paymentPspReference", "value", "currency"],
)


@settings(deadline=None, max_examples=40)
@given(ANSWERS, st.sampled_from([200, 201, 204, 400, 422, 500, 302]))
def test_whatever_adyen_answers_it_is_refused_unanswered_or_plain(told: Any, status: int) -> None:
    gateway = AdyenGateway(API_KEY, ACCOUNT, (HMAC_KEY,), "https://kontor.example/", send=saying(told, status))
    wish = wish_of(Method("token", "card", "K-7"))
    require_plain(
        (
            lambda: gateway.confirm(wish, ""),
            lambda: gateway.refund(refund_wish("PAY1")),
            lambda: gateway.begin_setup(setup_wish()),
            lambda: gateway.read_setup("K-7"),
            lambda: gateway.forget(wish.method),
        )
    )


@pytest.mark.feature("S19")
def test_nothing_of_it_reaches_a_log(server: AdyenServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    method = kept(server)
    server.faults.append("breaks")
    with pytest.raises(Unanswered) as unanswered:
        gateway_of(server).confirm(wish_of(method), "")
    for secret in (API_KEY, method.token, "ada@example.com", "Ada"):
        assert secret not in caplog.text and secret not in repr(unanswered.value) + str(unanswered.value.facts)


# --- what the stand-in refuses, so that the tests above mean something


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"captureNow": True}, 400),
        ({"returnUrl": None}, 422),
        ({"reference": 7}, 400),
        ({"merchantAccount": "Somebody"}, 403),
        ({"amount": {"value": 119.0, "currency": "EUR"}}, 422),
        ({"amount": {"value": -1, "currency": "EUR"}}, 422),
        ({"amount": {"value": 1, "currency": "XXX"}}, 422),
        ({"shopperReference": "somebody-else"}, 422),
        ({"shopperInteraction": "Ecommerce"}, 422),
        ({"recurringProcessingModel": "UnscheduledCardOnFile"}, 422),
    ],
)
def test_the_stand_in_refuses_what_the_description_refuses(
    server: AdyenServer, change: dict[str, Any], status: int
) -> None:
    gateway_of(server).confirm(wish_of(kept(server)), "")
    body = {name: value for name, value in (server.calls[-1].json | change).items() if value is not None}
    head = {"x-api-key": API_KEY, "Idempotency-Key": "another"}
    assert wire.send("POST", f"{server.url}/v72/payments", head, json.dumps(body).encode()).status == status


# --- events


@pytest.mark.feature("S20")
def test_one_request_brings_several_events_each_signed_for_itself(server: AdyenServer) -> None:
    paid = gateway_of(server).confirm(wish_of(kept(server)), "")
    gateway_of(server).refund(refund_wish(paid.id, cents=4_000))
    numbers = [number for number, (form, _) in enumerate(server.told) if form == "item"]
    assert [event.type for event in events(server, *numbers)] == [
        "AUTHORISATION", "RECURRING_CONTRACT", "AUTHORISATION", "REFUND",
    ]  # fmt: skip
    headers, body = server.request_of(*numbers)
    told = json.loads(body)
    told["notificationItems"][1]["NotificationRequestItem"]["amount"]["value"] = 1
    with pytest.raises(BadEvent):
        gateway_of(server).read_events(headers, json.dumps(told).encode(), NOW)


@pytest.mark.feature("S20")
@pytest.mark.parametrize("name", ["pspReference", "originalReference", "merchantReference", "eventCode", "success"])
def test_no_field_that_decides_may_be_changed(server: AdyenServer, name: str) -> None:
    paid = gateway_of(server).confirm(wish_of(kept(server)), "")
    gateway_of(server).refund(refund_wish(paid.id))
    headers, body = server.request_of(len(server.told) - 1)
    told = json.loads(body)
    told["notificationItems"][0]["NotificationRequestItem"][name] = "false" if name == "success" else "CHARGEBACK"
    with pytest.raises(BadEvent):
        gateway_of(server).read_events(headers, json.dumps(told).encode(), NOW)


@pytest.mark.feature("S20")
def test_other_keys_accounts_and_platforms_are_refused_and_several_keys_may_sign(server: AdyenServer) -> None:
    gateway_of(server).confirm(wish_of(kept(server)), "")
    number, other = len(server.told) - 1, "AB" * 32
    with pytest.raises(BadEvent):
        events(server, number, key=other)
    with pytest.raises(BadEvent):
        events(server, number, live="true")
    both = AdyenGateway(API_KEY, ACCOUNT, (other, HMAC_KEY), "https://kontor.example/")
    assert both.read_events(*server.request_of(number, key=other), NOW) == events(server, number)
    foreign = {**server.told[number][1], "merchantAccountCode": "Somebody"}
    body = json.dumps({"live": "false", "notificationItems": [{"NotificationRequestItem": signed_item(foreign)}]})
    with pytest.raises(BadEvent) as refused:
        gateway_of(server).read_events({}, body.encode(), NOW)
    assert refused.value.code == "other_house"


@pytest.mark.feature("S20")
def test_the_life_of_a_token_is_signed_as_a_whole(server: AdyenServer) -> None:
    method = kept(server)
    headers, body = server.request_of(len(server.told) - 1)
    event = gateway_of(server).read_events({"HmacSignature": headers["hmacsignature"]}, body, NOW)[0]
    assert (event.kind, event.type, event.object_id) == ("setup", "recurring.token.created", method.customer)
    assert event.facts == {"reference": "K-1001"}
    for wrong in ({}, {"hmacsignature": "x"}):
        with pytest.raises(BadEvent):
            gateway_of(server).read_events(wrong, body, NOW)
    with pytest.raises(BadEvent):
        gateway_of(server).read_events(headers, json.dumps(json.loads(body), indent=1).encode(), NOW)


@pytest.mark.feature("S20")
@pytest.mark.parametrize("key", ["no hex", ""])
def test_a_key_that_is_none_signs_nothing(server: AdyenServer, key: str) -> None:
    kept(server)
    gateway = AdyenGateway(API_KEY, ACCOUNT, (key,), "https://kontor.example/")
    for number in range(len(server.told)):
        with pytest.raises(BadEvent):
            gateway.read_events(*server.request_of(number), NOW)


@pytest.mark.feature("F12")
def test_events_bring_the_state_that_cannot_be_read(server: AdyenServer) -> None:
    paid = gateway_of(server).confirm(wish_of(kept(server)), "")
    event = last(server)
    assert (event.key, event.object_id) == ("charge-1", paid.id) and event.charge == paid
    refund = gateway_of(server).refund(refund_wish(paid.id, cents=4_000))
    event = last(server)
    assert (event.key, event.object_id, event.facts) == ("refund-1", refund.id, {"charge_id": paid.id})
    assert event.refund == replace(refund, status="succeeded")
    server.tell("REFUND_FAILED", refund.id, "refund-1", {"value": 4_000, "currency": "EUR"}, True, paid.id)
    undone = last(server).refund
    assert undone is not None and (undone.id, undone.status, undone.reason) == (refund.id, "failed", "refund_failed")


@pytest.mark.feature("F12")
@pytest.mark.parametrize(
    ("code", "ok", "status"),
    [
        ("AUTHORISATION", False, "declined"),
        ("CAPTURE", True, "succeeded"),
        ("CAPTURE_FAILED", True, "declined"),
        ("CANCELLATION", True, "cancelled"),
        ("CANCELLATION", False, None),
    ],
)
def test_what_becomes_of_a_charge(server: AdyenServer, code: str, ok: bool, status: str | None) -> None:
    of = "" if code == "AUTHORISATION" else "PAY7"
    server.tell(code, "PAY7" if not of else "MOD1", "charge-1", {"value": 11_900, "currency": "EUR"}, ok, of)
    event = last(server)
    assert (event.kind, event.object_id) == ("charge", "PAY7")
    assert (event.charge.status if event.charge else None) == status
    assert event.key == ("charge-1" if code == "AUTHORISATION" else "")


def test_one_dispute_is_one_case_until_the_money_is_taken_again(server: AdyenServer) -> None:
    paid = gateway_of(server).confirm(wish_of(kept(server)), "")
    told = {}
    case = ""
    for code in ("NOTIFICATION_OF_CHARGEBACK", "CHARGEBACK", "CHARGEBACK_REVERSED", "SECOND_CHARGEBACK"):
        case = server.dispute(paid.id, 11_900, code, case)
        told[code] = last(server)
    assert [event.kind for event in told.values()] == ["other", "chargeback", "chargeback_reversed", "chargeback"]
    assert told["CHARGEBACK"].facts["case"] == told["CHARGEBACK_REVERSED"].facts["case"]
    assert told["SECOND_CHARGEBACK"].facts["case"] != told["CHARGEBACK"].facts["case"]
    assert {event.object_id for event in told.values()} == {paid.id}


@pytest.mark.feature("S20")
@settings(deadline=None, max_examples=40)
@given(
    st.binary(max_size=80) | ANSWERS.map(lambda told: json.dumps({"live": "false", "notificationItems": told}).encode())
)
def test_whatever_arrives_is_refused_without_a_signature(body: bytes) -> None:
    with pytest.raises(BadEvent):
        AdyenGateway(API_KEY, ACCOUNT, (HMAC_KEY,), "https://kontor.example/").read_events({}, body, NOW)
