"""The stand-in refuses what Stripe's published description refuses; and it knows no field that is not described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from stripe import _api_version, params
from stripe.params.checkout import SessionCreateParams

from gateways import stripe_client
from tests import stripe_fields as fields
from tests.gateways.stripe_world import StripeWorld
from tests.gateways.world import charge, method_of, wish_of
from tests.stripe_server import KEY, StripeServer, stripe_server

HEAD = {"Authorization": f"Bearer {KEY}", "Stripe-Version": fields.VERSION}


@pytest.fixture
def server() -> Iterator[StripeServer]:
    with stripe_server() as running:
        yield running


def post(server: StripeServer, path: str, key: str = "", **told: Any) -> requests.Response:
    head = HEAD | ({"Idempotency-Key": key} if key else {})
    return requests.post(server.url + path, data=told, headers=head, timeout=10)


def intent(server: StripeServer, **changes: Any) -> dict[str, Any]:
    method = method_of(StripeWorld(server))
    told = {"amount": "500", "currency": "eur", "customer": method.customer, "payment_method": method.token}
    return {name: value for name, value in (told | changes).items() if value is not None}


@pytest.mark.parametrize(
    ("ours", "described"),
    [
        (fields.CUSTOMER, params.CustomerCreateParams),
        (fields.SESSION, SessionCreateParams),
        (fields.INTENT, params.PaymentIntentCreateParams),
        (fields.CONFIRM, params.PaymentIntentConfirmParams),
        (fields.CANCEL, params.PaymentIntentCancelParams),
        (fields.REFUND, params.RefundCreateParams),
        (fields.INTENTS, params.PaymentIntentListParams),
        (fields.OF_INTENT, params.RefundListParams),
        (fields.OF_INTENT, params.DisputeListParams),
    ],
)
def test_every_field_is_described_and_what_must_be_there_too(ours: fields.Fields, described: Any) -> None:
    assert set(ours) <= set(described.__annotations__)
    must = {name for name, kind in described.__annotations__.items() if "NotRequired" not in str(kind)}
    assert must == {name for name, kind in ours.items() if kind.endswith("!")}


def test_the_version_is_that_of_the_library() -> None:
    assert fields.VERSION == stripe_client.API_VERSION == _api_version._ApiVersion.CURRENT


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"payment_method_types[0]": "card"}, "payment_method_types_no_longer_supported", "payment_method_types"),
        ({"amount": None}, "parameter_missing", "amount"),
        ({"currency": None}, "parameter_missing", "currency"),
        ({"amount": "5.00"}, "parameter_invalid_integer", "amount"),
        ({"amount": "-500"}, "parameter_invalid_integer", "amount"),
        ({"amount": "49"}, "amount_too_small", "amount"),
        ({"amount": "100000000"}, "amount_too_large", "amount"),
        ({"currency": "EUR"}, "invalid_currency", "currency"),
        ({"currency": "isk"}, "", ""),
        ({"currency": "isk", "amount": "501"}, "invalid_charge_amount_no_decimal_compatible", "amount"),
        ({"off_session": "true"}, "parameter_invalid", "off_session"),
        ({"confirm": "yes"}, "parameter_invalid_boolean", "confirm"),
        ({"statement_descriptor_suffix": "2026"}, "parameter_invalid", "statement_descriptor_suffix"),
        ({"allowed_payment_method_types[0]": "paypal"}, "payment_method_not_available", "payment_method"),
        ({"customer": "cus_other"}, None, "payment_method"),
        ({"payment_method": "pm_other"}, "resource_missing", "id"),
    ],
)
def test_what_the_description_refuses_is_refused(
    server: StripeServer, changes: dict[str, Any], code: str | None, param: str
) -> None:
    answer = post(server, "/v1/payment_intents", **intent(server, **changes))
    if not param:
        assert answer.status_code == 200
        return
    error = answer.json()["error"]
    assert answer.status_code in (400, 404) and (error.get("code"), error["param"]) == (code, param)
    assert server.house.of("payment_intent") == []


def test_a_key_belongs_to_one_body_and_answers_the_same_until_it_is_forgotten(server: StripeServer) -> None:
    told = intent(server)
    first, again = (post(server, "/v1/payment_intents", "one-key", **told) for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"]
    other = post(server, "/v1/payment_intents", "one-key", **told | {"amount": "501"})
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")
    server.forget_keys()
    assert post(server, "/v1/payment_intents", "one-key", **told).json()["id"] != first.json()["id"]


def test_what_was_refused_before_it_began_is_not_kept_for_its_key(server: StripeServer) -> None:
    assert post(server, "/v1/payment_intents", "one-key", **intent(server, amount="1")).status_code == 400
    assert post(server, "/v1/payment_intents", "one-key", **intent(server)).status_code == 200


@pytest.mark.parametrize(
    ("head", "status"),
    [({"Authorization": "Bearer sk_test_other"}, 401), ({"Authorization": ""}, 401), ({"Stripe-Version": "2020"}, 400)],
)
def test_a_wrong_key_or_version_is_refused(server: StripeServer, head: dict[str, str], status: int) -> None:
    assert requests.get(f"{server.url}/v1/refunds", headers=HEAD | head, timeout=10).status_code == status


def test_what_it_does_not_know_is_not_found(server: StripeServer) -> None:
    assert post(server, "/v1/charges", amount="500").status_code == 404


def test_expanding_what_is_not_there_is_refused(server: StripeServer) -> None:
    world = StripeWorld(server)
    paid = charge(world.gateway, wish_of(method_of(world)))
    query = {"expand[0]": "colour"}
    asked = requests.get(f"{server.url}/v1/payment_intents/{paid.id}", query, headers=HEAD, timeout=10)
    assert asked.status_code == 400
