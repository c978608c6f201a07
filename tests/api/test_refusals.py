"""Bad input gets the contract's error, and nothing is stored."""

from __future__ import annotations

import time
from typing import Any

import pytest
from flask import Flask

from api.registry import declared
from billing.periods import Interval, Unit
from extensions import db
from services import customers, products
from services.actor import SYSTEM
from tests.api.conftest import counted, new_key
from tests.api.wire import Wire

pytestmark = pytest.mark.usefixtures("nothing_is_stored")
MISSING = "missing / invalid field: "
CONSUMER = {"CUSTOMER_TYPE": "consumer", "LAST_NAME": "Meier"}
ARTICLE = {"ARTICLE_NUMBER": "2", "TITLE": "Test", "DESCRIPTION": "", "UNIT_PRICE": "10", "CURRENCY_CODE": "EUR"}
BOOKING = {"CUSTOMER_ID": 1, "ARTICLE_NUMBER": "plan"}
STARTED = BOOKING | {"START": "2026-01-01"}


@pytest.fixture(scope="module", autouse=True)
def stock(shared_app: Flask) -> None:
    """Customer 1 with EXT_UID "taken", and a plan."""
    with shared_app.app_context():
        customers.create_customer(SYSTEM, {"last_name": "Erste", "ext_uid": "taken", "number": "K1"})
        values = {"number": "plan", "title": "Plan", "unit_price": 10, "interval": Interval(Unit.MONTH, 1)}
        products.create_product(SYSTEM, values)
        db.session.remove()


CREATE = "customer.create"
BAD_FIELDS: list[tuple[str, dict[str, Any], list[str]]] = [
    (CREATE, {}, ["CUSTOMER_TYPE"]),
    (CREATE, {"CUSTOMER_TYPE": ""}, ["CUSTOMER_TYPE"]),
    (CREATE, {"CUSTOMER_TYPE": "person"}, ["CUSTOMER_TYPE"]),
    (CREATE, {"CUSTOMER_TYPE": "business"}, ["ORGANIZATION"]),
    (CREATE, {"CUSTOMER_TYPE": "business", "LAST_NAME": "Meier", "ORGANIZATION": ""}, ["ORGANIZATION"]),
    (CREATE, {"CUSTOMER_TYPE": "consumer", "FIRST_NAME": "Max"}, ["LAST_NAME"]),
    (CREATE, {"CUSTOMER_TYPE": "consumer", "LAST_NAME": "   "}, ["LAST_NAME"]),
    (CREATE, {"CUSTOMER_TYPE": "x", "COUNTRY_CODE": "Germany"}, ["CUSTOMER_TYPE", "COUNTRY_CODE"]),
    (CREATE, CONSUMER | {"CUSTOMER_EXT_UID": "taken"}, ["CUSTOMER_EXT_UID"]),
    (CREATE, CONSUMER | {"CUSTOMER_NUMBER": "K1"}, ["CUSTOMER_NUMBER"]),
    (CREATE, CONSUMER | {"COUNTRY_CODE": "QQ"}, ["COUNTRY_CODE"]),
    (CREATE, CONSUMER | {"CURRENCY_CODE": "JPY"}, ["CURRENCY_CODE"]),
    (CREATE, CONSUMER | {"EMAIL": "nobody"}, ["EMAIL"]),
    (CREATE, CONSUMER | {"EMAIL": "a@b.de\nBcc: c@d.de"}, ["EMAIL"]),
    (CREATE, CONSUMER | {"FIRST_NAME": "a\u0000b"}, ["FIRST_NAME"]),
    (CREATE, CONSUMER | {"FIRST_NAME": "a\u001b[2Jb"}, ["FIRST_NAME"]),
    (CREATE, CONSUMER | {"FIRST_NAME": "\ud800"}, ["FIRST_NAME"]),
    (CREATE, CONSUMER | {"FIRST_NAME": "x" * 101}, ["FIRST_NAME"]),
    (CREATE, CONSUMER | {"FIRST_NAME": "x" * 900_000}, ["FIRST_NAME"]),
    (CREATE, CONSUMER | {"FIRST_NAME": ["Max"]}, ["FIRST_NAME"]),
    (CREATE, CONSUMER | {"FIRST_NAME": {"A": "Max"}}, ["FIRST_NAME"]),
    (CREATE, CONSUMER | {"FIRST_NAME": True}, ["FIRST_NAME"]),
    (CREATE, CONSUMER | {"COMMENT": "x" * 5_001}, ["COMMENT"]),
    (CREATE, CONSUMER | {"DAYS_FOR_PAYMENT": -1}, ["DAYS_FOR_PAYMENT"]),
    (CREATE, CONSUMER | {"DAYS_FOR_PAYMENT": 10**400}, ["DAYS_FOR_PAYMENT"]),
    (CREATE, CONSUMER | {"PAYMENT_TYPE": 7}, ["PAYMENT_TYPE"]),
    (CREATE, CONSUMER | {"PAYMENT_TYPE": 2}, ["BANK_IBAN"]),
    (CREATE, CONSUMER | {"BANK_IBAN": "DE02120300000000202052"}, ["BANK_IBAN"]),
    (CREATE, CONSUMER | {"BANK_BIC": "x"}, ["BANK_BIC"]),
    (CREATE, CONSUMER | {"VAT_ID": "DE136695975"}, ["VAT_ID"]),
    (CREATE, CONSUMER | {"BIRTHDAY": "31.12.1990"}, ["BIRTHDAY"]),
    (CREATE, CONSUMER | {"LANGUAGE_CODE": "fr"}, ["LANGUAGE_CODE"]),
    (CREATE, CONSUMER | {"ALLOWED_PAYMENT_TYPES": "1,3"}, ["ALLOWED_PAYMENT_TYPES"]),
    (CREATE, CONSUMER | {"NEWSLETTER_OPTIN": "perhaps"}, ["NEWSLETTER_OPTIN"]),
    (CREATE, CONSUMER | {"X_ATTRIBUTES": "x"}, ["X_ATTRIBUTES"]),
    (CREATE, CONSUMER | {"TAGS": ",".join("x" + str(n) for n in range(51))}, ["TAGS"]),
    ("customer.update", {}, ["CUSTOMER_ID"]),
    ("customer.update", {"CUSTOMER_ID": 4711}, ["CUSTOMER_ID"]),
    ("customer.update", {"CUSTOMER_ID": "1 OR 1=1"}, ["CUSTOMER_ID"]),
    ("customer.update", {"CUSTOMER_ID": 2**63}, ["CUSTOMER_ID"]),
    ("customer.update", {"CUSTOMER_ID": 1, "LAST_NAME": ""}, ["LAST_NAME"]),
    ("customer.update", {"CUSTOMER_ID": 1, "CUSTOMER_TYPE": "business"}, ["ORGANIZATION"]),
    ("article.create", {}, ["ARTICLE_NUMBER", "TITLE", "UNIT_PRICE"]),
    ("article.create", ARTICLE | {"ARTICLE_NUMBER": "plan"}, ["ARTICLE_NUMBER"]),
    ("article.create", ARTICLE | {"UNIT_PRICE": -1}, ["UNIT_PRICE"]),
    ("article.create", ARTICLE | {"UNIT_PRICE": "-0.01"}, ["UNIT_PRICE"]),
    ("article.create", ARTICLE | {"UNIT_PRICE": "12,50"}, ["UNIT_PRICE"]),
    ("article.create", ARTICLE | {"UNIT_PRICE": "1e300"}, ["UNIT_PRICE"]),
    ("article.create", ARTICLE | {"UNIT_PRICE": "NaN"}, ["UNIT_PRICE"]),
    ("article.create", ARTICLE | {"SETUP_FEE": -5}, ["SETUP_FEE"]),
    ("article.create", ARTICLE | {"VAT_PERCENT": 16}, ["VAT_PERCENT"]),
    ("article.create", ARTICLE | {"VAT_PERCENT": 101}, ["VAT_PERCENT"]),
    ("article.create", ARTICLE | {"SUBSCRIPTION_INTERVAL": "0 month"}, ["SUBSCRIPTION_INTERVAL"]),
    ("article.create", ARTICLE | {"SUBSCRIPTION_INTERVAL": "monthly"}, ["SUBSCRIPTION_INTERVAL"]),
    ("article.create", ARTICLE | {"SUBSCRIPTION_TRIAL": "-2 day"}, ["SUBSCRIPTION_TRIAL"]),
    ("article.create", ARTICLE | {"RETURN_URL_SUCCESS": "javascript:alert(1)"}, ["RETURN_URL_SUCCESS"]),
    ("article.create", ARTICLE | {"TRANSLATION": {"ENGLISH": {}}}, ["TRANSLATION"]),
    ("article.create", ARTICLE | {"CURRENCY_CODE": "EURO"}, ["CURRENCY_CODE"]),
    ("subscription.create", {}, ["ARTICLE_NUMBER", "CUSTOMER_ID"]),
    ("subscription.create", BOOKING | {"CUSTOMER_ID": 4711}, ["CUSTOMER_ID"]),
    ("subscription.create", BOOKING | {"ARTICLE_NUMBER": "nothing"}, ["ARTICLE_NUMBER"]),
    ("subscription.create", BOOKING | {"QUANTITY": -1}, ["QUANTITY"]),
    ("subscription.create", BOOKING | {"QUANTITY": 0}, ["QUANTITY"]),
    ("subscription.create", BOOKING | {"UNIT_PRICE": -1}, ["UNIT_PRICE"]),
    ("subscription.create", BOOKING | {"COUPON": "SAVE100"}, ["COUPON"]),
    ("subscription.create", BOOKING | {"CURRENCY_CODE": "CHF"}, ["CURRENCY_CODE"]),
    ("subscription.create", BOOKING | {"START_DATE": "2026-02-30"}, ["START_DATE"]),
    ("subscription.create", BOOKING | {"START": "yesterday"}, ["START"]),
    ("subscription.create", STARTED | {"NEXT_EVENT": "2025-12-31"}, ["NEXT_EVENT"]),
    ("subscription.create", STARTED | {"CANCELLATION_DATE": "2026-01-01"}, ["CANCELLATION_DATE"]),
    ("subscription.create", BOOKING | {"ADDONS": "x"}, ["ADDONS"]),
    ("subscription.create", BOOKING | {"QUANTITY": 1_000_000, "UNIT_PRICE": 99_999_999}, ["UNIT_PRICE"]),
    ("subscription.create", BOOKING | {"SUBSCRIPTION_EXT_UID": "x" * 101}, ["SUBSCRIPTION_EXT_UID"]),
]  # fmt: skip


@pytest.mark.feature("M1-39")
@pytest.mark.feature("S24")
@pytest.mark.feature("S26")
@pytest.mark.feature("S28")
@pytest.mark.parametrize(("service", "data", "fields"), BAD_FIELDS)
def test_a_bad_field_is_named(shared: Wire, service: str, data: Any, fields: list[str]) -> None:
    began = time.monotonic()
    assert shared.errors(service, data=data) == [MISSING + name for name in fields]
    assert time.monotonic() - began < 5


@pytest.mark.feature("S16")
@pytest.mark.parametrize(
    ("service", "filter_", "field"),
    [("customer.get", {"CUSTOMER_ID": "abc"}, "CUSTOMER_ID"),
     ("customer.get", {"CUSTOMER_ID": [1, "x"]}, "CUSTOMER_ID"),
     ("customer.get", {"COUNTRY_CODE": "D'"}, "COUNTRY_CODE"),
     ("customer.get", {"HASH": "xyz"}, "HASH"),
     ("customer.get", "all", "FILTER"),
     ("customer.get", ["CUSTOMER_ID"], "FILTER"),
     ("subscription.get", {"SUBSCRIPTION_ID": "1;DROP TABLE customers"}, "SUBSCRIPTION_ID"),
     ("invoice.get", {"MONTH": 13}, "MONTH"),
     ("invoice.get", {"YEAR": 10_000}, "YEAR"),
     ("invoice.get", {"TYPE": "all"}, "TYPE"),
     ("invoice.get", {"START_DUE_DATE": "soon"}, "START_DUE_DATE")],
)  # fmt: skip
def test_a_bad_filter_is_named(shared: Wire, service: str, filter_: Any, field: str) -> None:
    assert shared.errors(service, filter=filter_) == [MISSING + field]


@pytest.mark.feature("M1-39")
@pytest.mark.parametrize(
    ("given", "told"),
    [({"ADDONS": [{"ARTICLE_NUMBER": "plan"}]}, ["(the article is no add-on): ADDONS[1].ARTICLE_NUMBER"]),
     ({"ADDONS": {"ADDON": {"ARTICLE_NUMBER": "none"}}}, ["(there is no such article): ADDONS[1].ARTICLE_NUMBER"]),
     ({"ADDONS": [{"QUANTITY": 1}]}, ["(text, up to 40 characters): ADDONS[1].ARTICLE_NUMBER"]),
     ({"ADDONS": ["x"]}, ["(an entry with its fields): ADDONS[1]"]),
     ({"X_ATTRIBUTES": [{"KEY": "a"}, {"VALUE": "b"}], "FEATURES": [{"CODE": {"a": 1}}]},
      ["(an entry with its fields): X_ATTRIBUTES[2]", "(an entry with its fields): FEATURES[1]"])],
)  # fmt: skip
def test_a_bad_entry_of_a_list_is_named(shared: Wire, given: dict[str, Any], told: list[str]) -> None:
    wanted = [f"missing / invalid field {each}" for each in told]
    assert shared.errors("subscription.create", data=BOOKING | given) == wanted


@pytest.mark.feature("S15")
def test_a_key_that_is_not_of_the_contract_is_passed_over_beside_one_that_is(shared: Wire) -> None:
    """Real clients send keys of their own."""
    some = shared.ok("customer.get", filter={"COUNTRY_CODE": "DE"})
    assert shared.ok("customer.get", filter={"COUNTRY_CODE": "DE", "SHOE_SIZE": 43, "ROLE": {"OWNER": [1]}}) == some


@pytest.mark.feature("S15")
@pytest.mark.parametrize("service", ["customer.get", "invoice.get", "subscription.get", "shipment.get", "article.get"])
def test_a_filter_without_any_known_key_lists_nobody(shared: Wire, service: str) -> None:
    """It would tell a shop everybody's papers where it asked for one person's."""
    told = [f"missing / invalid field (no filter of this service): {name}" for name in ("SHOE_SIZE", "ROLE")]
    assert shared.errors(service, filter={"SHOE_SIZE": 43, "ROLE": {"OWNER": [1]}, "EMPTY": ""}) == told
    assert "ERRORS" not in shared.ok(service, filter={"SHOE_SIZE": " "})


@pytest.mark.feature("S16")
@pytest.mark.parametrize("typed", ["' OR 1=1 --", "%", "_", "\\", "x' UNION SELECT 1", "\u0000"])
def test_signs_of_sql_in_a_filter_find_nothing(shared: Wire, typed: str) -> None:
    for name in ("CITY", "CUSTOMER_NUMBER", "CUSTOMER_EXT_UID", "TERM", "COMMENT"):
        answer = shared.call("customer.get", filter={name: typed})
        assert answer.response in ({"CUSTOMERS": []}, {"ERRORS": [MISSING + name]})


@pytest.mark.parametrize("data", [{}, {"CUSTOMER_ID": ""}, {"CUSTOMER_ID": 42}, {"CUSTOMER_ID": "x"}])
def test_deleting_has_an_error_text_of_its_own(shared: Wire, data: Any) -> None:
    assert shared.errors("customer.delete", data=data) == ["Customer Error: Missing / invalid field: CUSTOMER_ID"]


@pytest.mark.parametrize("data", ["x", [1], 5, True])
def test_data_that_is_no_map_is_named(shared: Wire, data: Any) -> None:
    assert shared.errors("customer.create", data=data) == [MISSING + "DATA"]


@pytest.mark.feature("S14")
@pytest.mark.parametrize("digits", [1_001, 4_301, 900_000])
def test_an_endless_integer_is_refused_in_our_words(shared: Wire, digits: int) -> None:
    answer = shared.raw('{"SERVICE":"customer.delete","DATA":{"CUSTOMER_ID":' + "9" * digits + "}}")
    assert (answer.status, answer.response) == (400, {"ERRORS": ["malformed request: a number is out of range"]})


@pytest.mark.feature("S23")
@pytest.mark.parametrize(
    "authorization",
    ["", "Basic", "Basic !!!", "Basic YTpi", "Bearer abc", "Basic " + "A" * 5_000, "Basic w7zDtg=="],
)
def test_a_wrong_key_is_answered_with_401_in_the_form_of_the_request(shared: Wire, authorization: str) -> None:
    text = "Login Error: Wrong API KEY or user credentials."
    headers = {"Authorization": authorization}
    answer = shared.post(b'{"SERVICE":"customer.get"}', headers)
    assert (answer.status, answer.response) == (401, {"ERRORS": [text]})
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    in_xml = shared.post(b"<FBAPI><SERVICE>customer.get</SERVICE></FBAPI>", headers)
    assert (in_xml.status, in_xml.xml.findtext("RESPONSE/ERRORS/ERROR")) == (401, text)


@pytest.mark.feature("S23")
def test_a_wrong_key_stores_nothing_even_with_good_data(shared: Wire) -> None:
    stranger = Wire(shared.host, shared.port, "wrong")
    assert stranger.call("customer.create", data=CONSUMER).status == 401
    somebody_else = Wire(shared.host, shared.port, shared.key, user="other@example.com")
    assert somebody_else.call("customer.create", data=CONSUMER).status == 401


@pytest.mark.feature("S23")
def test_a_key_in_the_address_or_the_body_opens_nothing(shared: Wire) -> None:
    body = f'{{"SERVICE":"customer.get","API_KEY":"{shared.key}","EMAIL":"{shared.user}"}}'.encode()
    assert shared.post(body, {"Authorization": ""}).status == 401


@pytest.mark.feature("S15")
def test_fields_that_are_not_of_the_call_change_nothing(wire: Wire, app: Flask) -> None:
    extra = {"CUSTOMER_ID": 999, "HASH": "f" * 32, "STATUS": "deactivated", "BALANCE": 500, "CREDIT_BALANCE": "500,00",
             "ROLE": "Inhaber", "CREATED": "2000-01-01 00:00:00", "SURVIVOR_ID": 1, "LEGAL_HOLD": 1, "ID": 999,
             "ERASED_AT": "2000-01-01", "VERSION": 7, "LASTUPDATE": "2000-01-01 00:00:00"}  # fmt: skip
    made = wire.ok("customer.create", data=CONSUMER | extra)
    assert made["CUSTOMER_ID"] != 999 and made["HASH"] != "f" * 32
    before = wire.ok("customer.get")["CUSTOMERS"]
    wire.ok("customer.update", data=extra | {"CUSTOMER_ID": made["CUSTOMER_ID"]})
    assert wire.ok("customer.get")["CUSTOMERS"] == before
    assert (before[0]["CREDIT_BALANCE"], before[0]["CREATED"][:4]) == ("0,00", before[0]["LASTUPDATE"][:4])
    assert before[0]["CREATED"] > "2020"


@pytest.mark.feature("S23")
def test_a_key_that_may_only_read_writes_nothing(wire: Wire, app: Flask) -> None:
    wire.ok("customer.create", data=CONSUMER)
    reader = Wire(wire.host, wire.port, new_key(app, scope="read"))
    before = counted(app)
    assert len(reader.ok("customer.get")["CUSTOMERS"]) == 1
    for service in (service.name for service in declared() if service.writes):
        answer = reader.call(service, data=CONSUMER | {"CUSTOMER_ID": 1})
        assert (answer.status, answer.response) == (401, {"ERRORS": ["Login Error: This API KEY may only read."]})
    assert counted(app) == before
