"""Unzer beyond the contract: what is sent, what its words mean, what its stand-in refuses, and unsigned messages."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways import wire
from gateways.base import BadEvent, Event, Kind, Method, Refused, Unanswered
from gateways.unzer import UnzerGateway
from gateways.unzer_words import amount_of, cents_of
from tests.gateways.loopback import listening
from tests.gateways.unzer_server import API, PRIVATE_KEY, PUBLIC_KEY, UnzerServer
from tests.gateways.unzer_world import gateway_of
from tests.gateways.wild import answers, require_plain, saying
from tests.gateways.world import kept_by, refund_wish, setup_wish, wish_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[UnzerServer]:
    server = UnzerServer()
    with listening(server):
        yield server


def kept(server: UnzerServer, card: str = "succeeds", kind: Kind = "card") -> Method:
    return kept_by(gateway_of(server), server.enter, card, kind)


def sent(server: UnzerServer, ends: str) -> list[Any]:
    return [call.json for call in server.calls if call.method == "POST" and call.path.endswith(ends)]


# --- payment data


def test_a_card_is_kept_by_a_small_authorisation_that_is_released(server: UnzerServer) -> None:
    method = kept(server)
    page = sent(server, "/paypage/authorize")[0]
    assert (page["amount"], page["additionalAttributes"]) == (1.0, {"recurrenceType": "scheduled"})
    assert "card" not in page["excludeTypes"] and {"paypal", "sepa-direct-debit"} <= set(page["excludeTypes"])
    assert (method.brand, method.last4, method.expires_on, method.holder) == (
        "visa",
        "1111",
        date(2030, 3, 31),
        "Ada B",
    )
    [payment] = server.payments.values()
    assert [entry["type"] for entry in payment["transactions"]] == ["authorize", "cancel-authorize"]


def test_an_account_is_kept_by_a_cent_that_is_given_back(server: UnzerServer) -> None:
    method = kept(server, "debit", "sepa_debit")
    assert sent(server, "/paypage/charge")[0]["amount"] == 0.01
    assert (method.kind, method.last4, method.holder) == ("sepa_debit", "3000", "Ada B")
    [payment] = server.payments.values()
    assert [entry["type"] for entry in payment["transactions"]] == ["charge", "cancel-charge"]


def test_paypal_agrees_on_its_own_page_without_a_payment(server: UnzerServer) -> None:
    setup = gateway_of(server).begin_setup(setup_wish("paypal"))
    assert gateway_of(server).read_setup(setup.id).status == "open"
    server.enter(setup.id, "paypal")
    assert gateway_of(server).read_setup(setup.id).method == Method(setup.id, "paypal")
    assert server.payments == {}


def test_what_could_not_be_released_is_released_by_the_next_reading(server: UnzerServer) -> None:
    setup = gateway_of(server).begin_setup(setup_wish())
    server.enter(setup.id, "succeeds")
    server.faults.append("breaks")
    for _ in range(3):
        assert gateway_of(server).read_setup(setup.id).status == "done"
    assert len(server.payments[setup.id]["transactions"]) == 2


def test_a_page_that_the_bank_refused_has_failed(server: UnzerServer) -> None:
    setup = gateway_of(server).begin_setup(setup_wish())
    server.leave(setup.id)
    assert gateway_of(server).read_setup(setup.id).status == "failed"
    assert gateway_of(server).read_setup("s-pay-999").status == "failed"


# --- one charge


def test_a_charge_names_our_key_as_the_order_and_says_that_it_is_scheduled(server: UnzerServer) -> None:
    method = kept(server)
    gateway_of(server).confirm(wish_of(method, cents=1_999), "")
    body = sent(server, "/payments/charges")[0]
    assert (body["amount"], body["orderId"], body["invoiceId"]) == (19.99, "charge-1", "RE-2026-0001")
    assert body["resources"]["typeId"] == method.token
    assert body["additionalTransactionData"]["card"]["recurrenceType"] == "scheduled"
    gateway_of(server).confirm(wish_of(kept(server, "paypal", "paypal"), key="charge-2"), "")
    assert "additionalTransactionData" not in sent(server, "/payments/charges")[1]


@pytest.mark.parametrize(
    ("card", "status", "kind", "code"),
    [
        ("waits", "processing", "", ""),
        ("needs_action", "needs_action", "", ""),
        ("declines_hard", "declined", "hard", "COR.800.100.171"),
        ("declines_soft", "declined", "soft", "COR.800.100.162"),
        ("expired", "declined", "hard", "COR.100.100.303"),
        ("not_authenticated", "declined", "action", "COR.100.380.401"),
    ],
)
def test_states_and_error_codes_are_the_same_when_they_are_read(
    server: UnzerServer, card: str, status: str, kind: str, code: str
) -> None:
    wish = wish_of(kept(server, card))
    charge = gateway_of(server).confirm(wish, "")
    assert (charge.status, charge.decline_kind, charge.decline_code) == (status, kind, code)
    read = gateway_of(server).find(wish)
    assert read is not None and replace(read, id=charge.id) == charge


@pytest.mark.feature("EB-51")
def test_a_bank_that_lost_its_line_leaves_all_open(server: UnzerServer) -> None:
    wish = wish_of(kept(server, "loses_its_line"))
    with pytest.raises(Unanswered) as unanswered:
        gateway_of(server).confirm(wish, "")
    assert unanswered.value.code == "COR.900.100.300"
    assert gateway_of(server).find(wish) is None


@pytest.mark.feature("F3")
def test_where_orders_are_not_unique_the_key_is_looked_up_before_it_is_used(server: UnzerServer) -> None:
    server.unique_orders = False
    wish = wish_of(kept(server))
    first, again = gateway_of(server).confirm(wish, ""), gateway_of(server).confirm(wish, "")
    assert first == again and len(sent(server, "/payments/charges")) == 1
    with pytest.raises(Refused) as refused:
        gateway_of(server).confirm(replace(wish, cents=12_000), "")
    assert refused.value.code == "key_reused"


def test_a_refund_is_found_by_its_payment_reference_and_not_by_its_sum(server: UnzerServer) -> None:
    paid = gateway_of(server).confirm(wish_of(kept(server)), "")
    first = gateway_of(server).refund(refund_wish(paid.id, "refund-1", 4_000))
    second = gateway_of(server).refund(refund_wish(paid.id, "refund-2", 4_000))
    assert [body["amount"] for body in sent(server, "/cancels")[1:]] == [40.0, 40.0]
    assert first.id != second.id and gateway_of(server).find_refund(refund_wish(paid.id, "refund-2", 4_000)) == second
    assert gateway_of(server).find_refund(refund_wish(paid.id, "refund-3", 4_000)) is None
    with pytest.raises(Refused) as refused:
        gateway_of(server).refund(refund_wish(paid.id, "refund-1", 5_000))
    assert refused.value.code == "key_reused"
    read = gateway_of(server).fetch(paid.id)
    assert read is not None and (read.cents, read.refunded_cents) == (11_900, 8_000)


def test_to_give_up_a_charge_only_reads_it(server: UnzerServer) -> None:
    charge = gateway_of(server).confirm(wish_of(kept(server, "needs_action")), "")
    before = len(sent(server, "cancels"))
    assert gateway_of(server).cancel(charge.id, "cancel-1").status == "needs_action"
    assert len(sent(server, "cancels")) == before


@pytest.mark.parametrize("wanted", ["../keypair", "s-pay-1/charges", "", ".."])
def test_an_id_is_never_a_path(server: UnzerServer, wanted: str) -> None:
    assert gateway_of(server).fetch(wanted) is None
    assert gateway_of(server).fetch_refund(f"{wanted}/a/b/c", "") is None
    assert server.calls == []


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 10**11), st.sampled_from(["EUR", "CHF", "JPY", "KWD"]))
def test_amounts_are_exact_both_ways(cents: int, currency: str) -> None:
    text = json.dumps(amount_of(cents, currency))
    assert cents_of(text, currency) == cents == cents_of(amount_of(cents, currency), currency)


@pytest.mark.parametrize("amount", ["19.995", "nothing", "NaN", None, [], "1e999999"])
def test_an_amount_that_is_none_is_no_answer(amount: object) -> None:
    with pytest.raises(Unanswered):
        cents_of(amount, "EUR")


# --- troubles


@pytest.mark.parametrize("key", ["wrong", "revoked"])
def test_wrong_credentials_are_refused(server: UnzerServer, key: str) -> None:
    server.key_revoked = key == "revoked"
    with pytest.raises(Refused) as refused:
        gateway_of(server, key=key if key == "wrong" else PRIVATE_KEY).begin_setup(setup_wish())
    assert refused.value.code == "credentials"


def test_what_reading_breaks_is_not_asked_again_by_the_library(server: UnzerServer) -> None:
    server.faults.append("redirects")
    with pytest.raises(Unanswered):
        gateway_of(server).fetch("s-pay-1")
    assert len(server.calls) == 1


def test_the_gateway_in_front_answers_in_html(server: UnzerServer) -> None:
    with pytest.raises(Unanswered) as unanswered:
        gateway_of(server).begin_setup(replace(setup_wish(), return_url="http://127.0.0.1:8000/portal"))
    assert unanswered.value.code == "status_403", "whoever said so, it was not Unzer"


@pytest.mark.feature("EB-51")
@pytest.mark.parametrize("answer", [b"<html>404 Not Found</html>", b'{"message": "no route"}'])
def test_a_page_of_something_on_the_way_is_not_the_absence_of_a_payment(answer: bytes) -> None:
    gateway = UnzerGateway(
        PRIVATE_KEY, PUBLIC_KEY, "https://kontor.example/", send=lambda *_: wire.Answer(404, {}, answer)
    )
    for look in (lambda: gateway.fetch("s-pay-1"), lambda: gateway.find(wish_of(Method("s-crd-1", "card")))):
        with pytest.raises(Unanswered):
            look()


@pytest.mark.feature("EB-51")
def test_a_refusal_while_looking_says_nothing_of_what_was_done(server: UnzerServer) -> None:
    wish = wish_of(kept(server))
    paid = gateway_of(server).confirm(wish, "")
    server.key_revoked = True
    for look in (
        lambda: gateway_of(server).find(wish),
        lambda: gateway_of(server).fetch(paid.id),
        lambda: gateway_of(server).find_refund(refund_wish(paid.id)),
        lambda: gateway_of(server).fetch_refund(f"{paid.id}/s-chg-1/s-cnl-1", paid.id),
    ):
        with pytest.raises(Unanswered):
            look()


ANSWERS = answers(
    *["id", "amount", "currency", "transactions", "resources", "typeId", "paymentId", "errors"],
    *["code", "isError", "isSuccess", "isPending", "message", "state", "total", "url", "type"],
)


@settings(deadline=None, max_examples=40)
@given(ANSWERS, st.sampled_from([200, 201, 400, 404, 500, 302]))
def test_whatever_unzer_answers_it_is_refused_unanswered_or_plain(told: Any, status: int) -> None:
    gateway = UnzerGateway(PRIVATE_KEY, PUBLIC_KEY, "https://kontor.example/", send=saying(told, status))
    wish = wish_of(Method("s-crd-1", "card"))
    require_plain(
        (
            lambda: gateway.confirm(wish, ""),
            lambda: gateway.refund(refund_wish("s-pay-1")),
            lambda: gateway.begin_setup(setup_wish()),
            lambda: gateway.begin_setup(setup_wish("paypal")),
            lambda: gateway.read_setup("s-pay-1"),
            lambda: gateway.read_setup("s-ppl-1"),
            lambda: gateway.fetch_refund("s-pay-1/s-chg-1/s-cnl-1", "s-pay-1"),
        )
    )


@pytest.mark.feature("S19")
def test_nothing_of_it_reaches_a_log(server: UnzerServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    method = kept(server, "debit", "sepa_debit")
    with pytest.raises(Refused):
        gateway_of(server).refund(refund_wish("s-pay-999"))
    server.faults.append("garbage")
    with pytest.raises(Unanswered):
        gateway_of(server).confirm(wish_of(method), "")
    for secret in (PRIVATE_KEY, method.token, "DE89370400440532013000", "Ada"):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"captureNow": True}, "API.500.300.999"),
        ({"currency": None}, "API.710.200.100"),
        ({"amount": 119.001}, "API.600.200.131"),
        ({"amount": -1}, "API.600.200.131"),
        ({"amount": "119.00"}, "API.330.100.202"),
        ({"currency": "XXX"}, "API.330.100.202"),
        ({"resources": {"typeId": "s-crd-99"}}, "API.500.100.001"),
        ({}, "API.320.200.138"),
    ],
)
def test_the_stand_in_refuses_what_the_description_refuses(
    server: UnzerServer, change: dict[str, Any], code: str
) -> None:
    gateway_of(server).confirm(wish_of(kept(server)), "")
    body = json.dumps(sent(server, "/payments/charges")[0] | change).encode()
    head = {"Authorization": server.calls[0].headers["authorization"]}
    answer = wire.send("POST", f"{server.url}/v1/payments/charges", head, body)
    assert json.loads(answer.body)["errors"][0]["code"] == code


# --- events


def read(told: object) -> Event:
    [event] = UnzerGateway(PRIVATE_KEY, PUBLIC_KEY, "https://kontor.example/").read_events(
        {}, json.dumps(told).encode(), NOW
    )
    return event


def message(url: str, event: str = "charge.succeeded", **more: str) -> dict[str, str]:
    return {"event": event, "publicKey": PUBLIC_KEY, "retrieveUrl": url, **more}


@pytest.mark.feature("S20")
@pytest.mark.parametrize(
    ("event", "path", "kind", "object_id"),
    [
        ("charge.succeeded", "/payments/s-pay-7/charges/s-chg-1", "charge", "s-pay-7"),
        ("payment.chargeback", "/payments/s-pay-7", "charge", "s-pay-7"),
        ("chargeback", "/payments/s-pay-7/charges/s-chg-1/chargebacks/s-cbk-1", "charge", "s-pay-7"),
        ("charge.canceled", "/payments/p-pay-7/charges/s-chg-1/cancels/s-cnl-1", "charge", "p-pay-7"),
        ("authorize.succeeded", "/payments/s-pay-8/authorize/s-aut-1", "setup", "s-pay-8"),
        ("types", "/types/paypal/s-ppl-3", "setup", "s-ppl-3"),
        ("customer.created", "/customers/s-cst-1", "other", ""),
    ],
)
def test_a_message_only_says_what_to_read(event: str, path: str, kind: str, object_id: str) -> None:
    told = read(message(API + path, event, paymentId="s-pay-666"))
    assert (told.kind, told.type, told.object_id, told.cents, told.facts) == (kind, event, object_id, 0, {})


@pytest.mark.feature("S20", "S21")
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/v1/payments/s-pay-7", "https://api.unzer.com.evil.example/v1/payments/s-pay-7",
        "https://api.unzer.com@evil.example/v1/payments/s-pay-7", "http://169.254.169.254/v1/payments/s-pay-7",
        "file:///v1/payments/s-pay-7", "https://[::1/v1/payments/s-pay-7", "",
    ],
)  # fmt: skip
def test_an_address_that_is_not_unzers_is_refused(url: str) -> None:
    with pytest.raises(BadEvent):
        read(message(url))


@pytest.mark.feature("S20")
def test_a_message_for_another_key_is_refused_and_an_address_is_never_called(server: UnzerServer) -> None:
    with pytest.raises(BadEvent):
        read(message(f"{API}/payments/s-pay-7") | {"publicKey": "s-pub-other"})
    told = message(f"{server.url}/v1/payments/s-pay-7")
    [event] = gateway_of(server).read_events({}, json.dumps(told).encode(), NOW)
    assert event.object_id == "s-pay-7" and server.calls == []


@pytest.mark.feature("F12")
def test_the_same_message_at_another_time_is_another_one(server: UnzerServer) -> None:
    body = json.dumps(message(f"{API}/payments/s-pay-7")).encode()
    reader = gateway_of(server)
    ids = [reader.read_events({}, body, NOW.replace(second=second))[0].id for second in (0, 0, 1)]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.feature("S20")
@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=80) | ANSWERS.map(lambda told: json.dumps(told).encode()))
def test_whatever_arrives_is_refused_without_our_key(body: bytes) -> None:
    with pytest.raises(BadEvent):
        UnzerGateway(PRIVATE_KEY, PUBLIC_KEY, "https://kontor.example/").read_events({}, body, NOW)
