"""Usage, coupons and credit over the wire (X-20, M2-41)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from extensions import db
from queries.coupons import redemptions_of
from services import billing_run, clock, coupons, redemptions
from services.actor import SYSTEM
from services.permissions import KEY_SCOPES
from tests.api.conftest import counted, new_key
from tests.api.wire import Wire

COMMON = {"DESCRIPTION": "", "CURRENCY_CODE": "EUR", "VAT_PERCENT": 19}
PLAN = COMMON | {"ARTICLE_NUMBER": "basis", "TITLE": "Basis", "UNIT_PRICE": 10, "SUBSCRIPTION_INTERVAL": "1 month"}
MINUTE = COMMON | {"ARTICLE_NUMBER": "minute", "TITLE": "Minuten", "UNIT_PRICE": "0.10"}
CUSTOMER = {"CUSTOMER_TYPE": "business", "ORGANIZATION": "Radhaus GmbH", "ADDRESS": "Weg 1", "ZIPCODE": "24103",
            "CITY": "Kiel"}  # fmt: skip


@pytest.fixture(autouse=True)
def today(stand: Callable[[str], None]) -> None:
    stand("2026-11-21T12:00:00+01:00")


@pytest.fixture
def customer_id(wire: Wire) -> int:
    for data in (PLAN, MINUTE):
        wire.ok("article.create", data=data)
    made: int = wire.ok("customer.create", data=CUSTOMER)["CUSTOMER_ID"]
    return made


@pytest.fixture
def coupon(app: Flask) -> None:
    """20 percent on the first invoice."""
    with app.app_context():
        coupons.create_coupon(SYSTEM, {"code": "SOMMER", "title": "Sommer", "kind": "percent", "percent": Decimal(20),
                                       "uses_max": 1, "valid_to": date(2026, 12, 31)})  # fmt: skip
        db.session.remove()


def book(wire: Wire, customer_id: int, **data: Any) -> int:
    made: int = wire.ok("subscription.create", data={"CUSTOMER_ID": customer_id, "ARTICLE_NUMBER": "basis"} | data)[
        "SUBSCRIPTION_ID"
    ]
    return made


def bill(app: Flask, day: str) -> None:
    with app.app_context(), clock.stand_at(date.fromisoformat(day)):
        billing_run.bill(date.fromisoformat(day), SYSTEM)
        db.session.remove()


def items(wire: Wire) -> list[list[tuple[str, Any]]]:
    found = wire.ok("invoice.get")["INVOICES"]
    return [[(item["ARTICLE_NUMBER"], item["COMPLETE_NET"]) for item in invoice["ITEMS"]] for invoice in found]


@pytest.mark.feature("X-20")
def test_usage_is_set_found_deleted_and_billed(app: Flask, wire: Wire, customer_id: int) -> None:
    contract = book(wire, customer_id)
    data = {"SUBSCRIPTION_ID": contract, "ARTICLE_NUMBER": "minute", "QUANTITY": "30",
            "USAGE_DATE": "12:45:40 2026-11-21"}  # fmt: skip
    first = wire.ok("subscription.setusagedata", data=data)
    second = wire.ok("subscription.setusagedata", data=data | {"QUANTITY": 12, "UNIT_PRICE": "0.10"})
    assert first["STATUS"] == "success"
    (one, two) = wire.ok("subscription.getusagedata", filter={"SUBSCRIPTION_ID": contract})["USAGEDATA"]
    assert (one["USAGEDATA_ID"], one["USAGE_DATE"], one["QUANTITY"]) == (
        first["USAGEDATA_ID"], "2026-11-21 12:45:40", "30",
    )  # fmt: skip
    assert (two["UNIT_PRICE"], two["CURRENCY_CODE"], two["CUSTOMER_ID"]) == ("0.1000", "EUR", customer_id)
    wire.ok("subscription.deleteusagedata", data={"USAGEDATA_ID": second["USAGEDATA_ID"]})
    again = wire.ok("subscription.getusagedata", data={"SUBSCRIPTION_ID": contract, "START": "2026-11-21"})
    assert [row["USAGEDATA_ID"] for row in again["USAGEDATA"]] == [first["USAGEDATA_ID"]]
    bill(app, "2026-12-21")
    assert items(wire) == [[("basis", 10)], [("basis", 10), ("minute", 3)]]
    refused = wire.errors("subscription.deleteusagedata", data={"USAGEDATA_ID": first["USAGEDATA_ID"]})
    assert refused == ["Subscription Error: usage is billed already: USAGEDATA_ID"]


@pytest.mark.feature("X-20")
@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"QUANTITY": 0}, "QUANTITY"),
        ({"QUANTITY": None}, "QUANTITY"),
        ({"ARTICLE_NUMBER": "unheard of"}, "ARTICLE_NUMBER"),
        ({"CURRENCY_CODE": "CHF"}, "CURRENCY_CODE"),
        ({"SUBSCRIPTION_ID": 4711}, "SUBSCRIPTION_ID"),
        ({"USAGE_DATE": "2026-11-22"}, "USAGE_DATE"),
        ({"USAGE_DATE": "yesterday"}, "USAGE_DATE"),
    ],
)
def test_usage_that_cannot_be_is_refused_with_its_field(
    wire: Wire, customer_id: int, data: dict[str, Any], field: str
) -> None:
    given = {"SUBSCRIPTION_ID": book(wire, customer_id), "ARTICLE_NUMBER": "minute", "QUANTITY": 1} | data
    assert wire.errors("subscription.setusagedata", data=given) == [f"missing / invalid field: {field}"]


@pytest.mark.feature("X-20")
def test_a_coupon_is_told_checked_and_redeemed_with_a_contract(
    app: Flask, wire: Wire, customer_id: int, coupon: None
) -> None:
    (told,) = wire.ok("coupon.get", filter={"CODE": "sommer"})["COUPONS"]
    assert {name: told[name] for name in ("DISCOUNT", "DISCOUNT_TYPE", "DISCOUNT_PERIOD", "VALID_TO", "STATE")} == {
        "DISCOUNT": "20,00%", "DISCOUNT_TYPE": "percent", "DISCOUNT_PERIOD": "1 event", "VALID_TO": "2026-12-31",
        "STATE": "UNUSED",
    }  # fmt: skip
    check = {"CODE": "SOMMER", "ARTICLE_NUMBER": "basis"}
    assert wire.ok("coupon.check", data=check)["STATUS"] == "valid"
    book(wire, customer_id, COUPON="SOMMER")
    assert wire.ok("coupon.check", data=check)["STATUS"] == "invalid"
    assert wire.ok("coupon.get")["COUPONS"][0]["STATE"] == "USED"
    bill(app, "2026-11-21")
    assert items(wire) == [[("basis", 8)]]
    refused = wire.errors("subscription.create", data={"CUSTOMER_ID": customer_id, "ARTICLE_NUMBER": "basis",
                                                       "COUPON": "SOMMER"})  # fmt: skip
    assert refused == ["Subscription Error: coupon is used up: COUPON"]
    assert wire.ok("coupon.check", data={"CODE": "GIBTSNICHT"})["STATUS"] == "invalid"


@pytest.mark.feature("M2-41")
@pytest.mark.feature("D-9")
def test_added_credit_is_told_the_german_way_and_reduces_the_next_invoice(
    app: Flask, wire: Wire, customer_id: int
) -> None:
    assert wire.ok("customer.addcredits", data={"CUSTOMER_ID": customer_id, "AMOUNT": "4.50"}) == {"STATUS": "success"}
    (customer,) = wire.ok("customer.get", filter={"CUSTOMER_ID": customer_id})["CUSTOMERS"]
    assert customer["CREDIT_BALANCE"] == "4,50"
    book(wire, customer_id)
    bill(app, "2026-11-21")
    assert items(wire) == [[("basis", Decimal("5.5"))]] or items(wire) == [[("basis", 5.5)]]
    assert wire.ok("customer.get")["CUSTOMERS"][0]["CREDIT_BALANCE"] == "0,00"


@pytest.mark.feature("M2-41")
@pytest.mark.parametrize(("data", "field"), [
    ({"AMOUNT": 0}, "AMOUNT"), ({"AMOUNT": -5}, "AMOUNT"), ({"AMOUNT": "viel"}, "AMOUNT"), ({}, "AMOUNT"),
    ({"CUSTOMER_ID": 4711, "AMOUNT": 5}, "CUSTOMER_ID"),
])  # fmt: skip
def test_credit_that_cannot_be_added_is_refused_with_its_field(
    wire: Wire, customer_id: int, data: dict[str, Any], field: str
) -> None:
    given = {"CUSTOMER_ID": customer_id} | data
    assert wire.errors("customer.addcredits", data=given) == [f"missing / invalid field: {field}"]


@pytest.mark.feature("M2-41")
def test_a_key_that_may_only_read_grants_no_credit(wire: Wire, app: Flask, customer_id: int) -> None:
    """The contract lets a key give credit; ours needs to be allowed what staff need for it (payments.write)."""
    reader = Wire(wire.host, wire.port, new_key(app, scope="read"))
    before = counted(app)
    answer = reader.call("customer.addcredits", data={"CUSTOMER_ID": customer_id, "AMOUNT": "4.50"})
    assert (answer.status, answer.response) == (401, {"ERRORS": ["Login Error: This API KEY may only read."]})
    assert counted(app) == before
    assert "payments.write" in KEY_SCOPES["full"] - KEY_SCOPES["read"]


@pytest.mark.usefixtures("coupon")
def test_a_subscription_tells_its_running_coupon(wire: Wire, app: Flask, customer_id: int) -> None:
    plain, reduced = book(wire, customer_id), book(wire, customer_id, COUPON="sommer")
    first, second = wire.ok("subscription.get")["SUBSCRIPTIONS"]
    assert (first["SUBSCRIPTION_ID"], first["COUPON"]) == (plain, [])
    assert (second["SUBSCRIPTION_ID"], second["COUPON"]) == (reduced, wire.ok("coupon.get")["COUPONS"][0])
    assert (second["COUPON"]["CODE"], second["COUPON"]["DISCOUNT"], second["COUPON"]["USAGES"]) == (
        "SOMMER", "20,00%", "1",
    )  # fmt: skip
    with app.app_context():
        (redeemed,) = redemptions_of(subscription_id=reduced)
        redemptions.end_redemption(SYSTEM, redeemed.id)
        db.session.remove()
    assert [each["COUPON"] for each in wire.ok("subscription.get")["SUBSCRIPTIONS"]] == [[], []]
