"""article.*, subscription.* and invoice.get together: what a shop brings along is billed and told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from extensions import db
from models import Customer, Invoice
from services import billing_run, clock
from services.actor import SYSTEM
from services.unit import write
from tests.api.wire import Wire

PLAN = {"ARTICLE_NUMBER": "basis", "TITLE": "Basispaket", "DESCRIPTION": "mit Wartung", "UNIT_PRICE": "9.90",
        "CURRENCY_CODE": "EUR", "VAT_PERCENT": 19, "SUBSCRIPTION_INTERVAL": "1 month"}  # fmt: skip
ADDON = {"ARTICLE_NUMBER": "extra", "TITLE": "Extra", "DESCRIPTION": "", "UNIT_PRICE": 2, "CURRENCY_CODE": "EUR",
         "IS_ADDON": 1, "VAT_PERCENT": "7.00"}  # fmt: skip
CUSTOMER = {"CUSTOMER_TYPE": "business", "ORGANIZATION": "Radhaus GmbH", "ADDRESS": "Weg 1", "ZIPCODE": "24103",
            "CITY": "Kiel", "EMAIL": "rad@example.com", "CUSTOMER_NUMBER": "K-1"}  # fmt: skip
Bill = Callable[[str], int]


@pytest.fixture(autouse=True)
def today(stand: Callable[[str], None]) -> None:
    stand("2026-11-21T12:00:00+01:00")


@pytest.fixture
def bill(app: Flask) -> Bill:
    """The billing run of a day; how many it issued."""

    def run(day: str) -> int:
        with app.app_context(), clock.stand_at(date.fromisoformat(day)):
            issued = billing_run.bill(date.fromisoformat(day), SYSTEM).counts.issued
            db.session.remove()
            return issued

    return run


@pytest.fixture
def customer_id(wire: Wire) -> int:
    for data in (PLAN, ADDON):
        wire.ok("article.create", data=data)
    made: int = wire.ok("customer.create", data=CUSTOMER)["CUSTOMER_ID"]
    return made


def book(wire: Wire, customer_id: int, **data: Any) -> dict[str, Any]:
    made = wire.ok("subscription.create", data={"CUSTOMER_ID": customer_id, "ARTICLE_NUMBER": "basis"} | data)
    found: dict[str, Any] = wire.ok("subscription.get", filter={"SUBSCRIPTION_ID": made["SUBSCRIPTION_ID"]})
    row: dict[str, Any] = found["SUBSCRIPTIONS"][0]
    return row


def invoices(wire: Wire, **filter_: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = wire.ok("invoice.get", filter=filter_)["INVOICES"]
    return rows


@pytest.mark.feature("M1-12")
@pytest.mark.feature("D-13")
def test_a_contract_that_comes_in_running_is_billed_from_its_next_event_on(
    wire: Wire, customer_id: int, bill: Bill
) -> None:
    row = book(wire, customer_id, START="2026-01-31 10:30:00", NEXT_EVENT="2026-03-31 10:30:00")
    assert (row["START"], row["NEXT_EVENT"]) == ("2026-01-31 10:30:00", "2026-03-31 10:30:00")
    assert (row["LAST_EVENT"], row["EXPIRATION_DATE"]) == ("2026-02-28 10:30:00", "2026-03-31 10:30:00")
    assert [bill("2026-03-30"), bill("2026-03-31"), bill("2026-03-31")] == [0, 1, 0]
    after = wire.ok("subscription.get", filter={"CUSTOMER_ID": customer_id})["SUBSCRIPTIONS"][0]
    assert (after["LAST_EVENT"], after["NEXT_EVENT"]) == ("2026-03-31 10:30:00", "2026-04-30 10:30:00")
    assert [invoice["DELIVERY_DATE"] for invoice in invoices(wire)] == ["31.03.2026 - 29.04.2026"]


def test_overrides_and_add_ons_in_both_shapes(wire: Wire, customer_id: int) -> None:
    entry = {"ARTICLE_NUMBER": "extra", "QUANTITY": 3, "TITLE": "Mehr", "UNIT_PRICE": "1.5", "VAT_PERCENT": 7}
    shapes = ([entry], entry, {"ADDON": [entry]}, {"ADDON": entry})
    rows = [
        book(wire, customer_id, ADDONS=shape, QUANTITY=2, TITLE="Sonder", UNIT_PRICE="0.2e2", DESCRIPTION="nur hier",
             SUBSCRIPTION_TITLE="Filiale", INVOICE_TITLE="Rechnung Rad", SUBSCRIPTION_EXT_UID=7,
             X_ATTRIBUTES=[{"KEY": "a", "VALUE": "b"}], FEATURES=[{"CODE": "gb", "QUANTITY": 5}])
        for shape in shapes
    ]  # fmt: skip
    for row in rows:
        assert row["PLAN"] == {"ARTICLE_NUMBER": "basis", "QUANTITY": "2", "TITLE": "Sonder",
                               "DESCRIPTION": "nur hier", "UNIT_PRICE": "20.0000", "VAT_PERCENT": "19.00"}  # fmt: skip
        assert row["ADDONS"] == [{"ARTICLE_NUMBER": "extra", "QUANTITY": "3", "TITLE": "Mehr", "DESCRIPTION": "",
                                  "UNIT_PRICE": "1.5000", "VAT_PERCENT": "7.00"}]  # fmt: skip
        assert (row["SUBSCRIPTION_TITLE"], row["INVOICE_TITLE"], row["QUANTITY"]) == ("Filiale", "Rechnung Rad", "2")
        assert (row["SUBSCRIPTION_EXT_UID"], row["X_ATTRIBUTES"]) == ("7", [{"KEY": "a", "VALUE": "b"}])
        assert row["FEATURES"] == [{"CODE": "gb", "QUANTITY": "5"}]


def test_add_ons_in_xml_with_one_and_with_two_entries(wire: Wire, customer_id: int) -> None:
    addon = "<ADDON><ARTICLE_NUMBER>extra</ARTICLE_NUMBER></ADDON>"
    for count in (1, 2):
        body = (
            f"<FBAPI><SERVICE>subscription.create</SERVICE><DATA><CUSTOMER_ID>{customer_id}</CUSTOMER_ID>"
            f"<ARTICLE_NUMBER>basis</ARTICLE_NUMBER><ADDONS>{addon * count}</ADDONS></DATA></FBAPI>"
        )
        key = wire.post(body.encode()).xml.findtext("RESPONSE/SUBSCRIPTION_ID")
        filter_ = f"<FILTER><SUBSCRIPTION_ID>{key}</SUBSCRIPTION_ID></FILTER>"
        answer = wire.post(f"<FBAPI><SERVICE>subscription.get</SERVICE>{filter_}</FBAPI>".encode()).xml
        assert len(answer.findall("RESPONSE/SUBSCRIPTIONS/SUBSCRIPTION/ADDONS/ADDON")) == count


def test_subscriptions_are_found_by_each_of_their_keys(wire: Wire, customer_id: int) -> None:
    wire.ok("customer.update", data={"CUSTOMER_ID": customer_id, "CUSTOMER_EXT_UID": "shop-1"})
    one, two = book(wire, customer_id, SUBSCRIPTION_EXT_UID="a"), book(wire, customer_id)
    keys = {row["SUBSCRIPTION_ID"] for row in (one, two)}

    def found(**filter_: Any) -> set[int]:
        rows = wire.ok("subscription.get", filter=filter_)["SUBSCRIPTIONS"]
        return {row["SUBSCRIPTION_ID"] for row in rows}

    assert found() == found(CUSTOMER_ID=customer_id) == found(CUSTOMER_EXT_UID="shop-1") == keys
    assert found(SUBSCRIPTION_ID=[*keys]) == keys
    assert found(SUBSCRIPTION_EXT_UID="a") == {one["SUBSCRIPTION_ID"]}
    assert found(CUSTOMER_ID=4711) == found(CUSTOMER_EXT_UID="nobody") == set()


def test_an_end_is_told_in_the_contracts_words(wire: Wire, customer_id: int) -> None:
    row = book(wire, customer_id, START="2026-11-01", CANCELLATION_DATE="2027-01-01", CANCELLATION_NOTE="zieht um")
    assert (row["STATUS"], row["CANCELLATION_DATE"]) == ("canceled", "2027-01-01 00:00:00")
    assert (row["EXPIRATION_DATE"], row["CANCELLATION_NOTE"]) == ("2027-01-01 00:00:00", "zieht um")


def test_an_article_has_trial_term_and_notice(wire: Wire) -> None:
    terms = {"SUBSCRIPTION_TRIAL": "14 day", "SUBSCRIPTION_DURATION": "3 month", "SUBSCRIPTION_DURATION_FOLLOW": "0",
             "SUBSCRIPTION_CANCELLATION": "1 months", "SETUP_FEE": 42.99, "SUBSCRIPTION_NUMBER_EVENTS": 12,
             "TRANSLATION": {"EN": {"TITLE": "Basic"}}, "IS_GROSS": True, "IS_DIGITAL": 1, "ALLOW_MULTIPLE": "1",
             "TAGS": "neu", "RETURN_URL_SUCCESS": "https://example.com/ok"}  # fmt: skip
    wire.ok("article.create", data=PLAN | terms)
    for ask in (
        {"filter": {"TAGS": "neu"}},
        {"data": {"ARTICLE_NUMBER": "basis"}},
        {"filter": [], "data": {"TAGS": "neu"}},
    ):
        rows = wire.ok("article.get", **ask)["ARTICLES"]
        assert len(rows) == 1
        shown = {name: rows[0][name] for name in terms if name != "TRANSLATION"}
        assert shown == {
            "SUBSCRIPTION_TRIAL": "14 day", "SUBSCRIPTION_DURATION": "3 month", "SUBSCRIPTION_DURATION_FOLLOW": 0,
            "SUBSCRIPTION_CANCELLATION": "1 month", "SETUP_FEE": "42.9900", "SUBSCRIPTION_NUMBER_EVENTS": "12",
            "IS_GROSS": "1", "IS_DIGITAL": "1", "ALLOW_MULTIPLE": "1", "TAGS": "neu",
            "RETURN_URL_SUCCESS": "https://example.com/ok",
        }  # fmt: skip
        assert rows[0]["TRANSLATIONS"] == {"EN": {"TITLE": "Basic"}}
    assert wire.ok("article.get", data={"ARTICLE_NUMBER": "other"}) == {"ARTICLES": []}


def test_an_invoice_is_told_whole(app: Flask, wire: Wire, customer_id: int, bill: Bill) -> None:
    contract = book(wire, customer_id, START="2026-09-01", ADDONS=[{"ARTICLE_NUMBER": "extra", "QUANTITY": 3}])
    assert bill("2026-09-01") == 1
    answer = wire.call("invoice.get", filter={"CUSTOMER_ID": customer_id})
    assert list(answer.response) == ["INVOICES"]
    row = answer.response["INVOICES"][0]
    with app.app_context():
        number, invoice_id = db.session.query(Invoice.number, Invoice.id).one()
        db.session.remove()
    ids = [item.pop("INVOICE_ITEM_ID") for item in row["ITEMS"]]
    url = row.pop("DOCUMENT_URL")
    assert row == {
        "INVOICE_ID": str(invoice_id), "INVOICE_EXT_UID": "", "STATUS": "overdue", "TYPE": "outgoing",
        "CUSTOMER_ID": str(customer_id), "CUSTOMER_NUMBER": "K-1", "CUSTOMER_COSTCENTER_ID": "0",
        "ORGANIZATION": "Radhaus GmbH", "SALUTATION": "", "FIRST_NAME": "", "LAST_NAME": "", "ADDRESS": "Weg 1",
        "ADDRESS_2": "", "ZIPCODE": "24103", "CITY": "Kiel", "COMMENT": "", "PAYMENT_TYPE": "1",
        "DAYS_FOR_PAYMENT": 14, "BANK_NAME": [], "BANK_ACCOUNT_NUMBER": [], "BANK_CODE": [],
        "BANK_ACCOUNT_OWNER": [], "BANK_IBAN": [], "BANK_BIC": [], "AFFILIATE": "", "COUNTRY_CODE": "DE", "VAT_ID": "",
        "CURRENCY_CODE": "EUR", "TEMPLATE_ID": "1", "SUBSCRIPTION_ID": str(contract["SUBSCRIPTION_ID"]),
        "SUBSCRIPTION_INVOICE_COUNTER": "1", "INVOICE_NUMBER": number, "INVOICE_TITLE": "Basispaket", "INTROTEXT": "",
        "PAID_DATE": "0000-00-00 00:00:00", "OUTSTANDING_AMOUNT": 18.2, "IS_CANCELED": "0",
        "INVOICE_DATE": "2026-09-01", "DUE_DATE": "2026-09-15", "DELIVERY_DATE": "01.09.2026 - 30.09.2026",
        "CASH_DISCOUNT_PERCENT": "0.00", "CASH_DISCOUNT_DAYS": "0", "IS_GROSS": "0", "SUB_TOTAL": 15.9,
        "VAT_TOTAL": 2.3, "TOTAL": 18.2, "PAYMENT_INFO": "", "SHIPMENTS": [], "SHIPMENT_ID": "", "PAYPAL_URL": "",
        "VAT_ITEMS": [
            {"VAT_PERCENT": "19.00", "COMPLETE_NET": 9.9, "VAT_VALUE": 1.88},
            {"VAT_PERCENT": "7.00", "COMPLETE_NET": 6, "VAT_VALUE": 0.42},
        ],
        "ITEMS": [
            {"ARTICLE_NUMBER": "basis", "DESCRIPTION": "Basispaket\nmit Wartung", "QUANTITY": "1.00",
             "UNIT_PRICE": "9.90000000", "VAT_PERCENT": "19.00", "VAT_VALUE": 1.88, "COMPLETE_NET": 9.9,
             "COMPLETE_GROSS": 11.78, "SORT_ORDER": 1},
            {"ARTICLE_NUMBER": "extra", "DESCRIPTION": "Extra", "QUANTITY": "3.00", "UNIT_PRICE": "2.00000000",
             "VAT_PERCENT": "7.00", "VAT_VALUE": 0.42, "COMPLETE_NET": 6, "COMPLETE_GROSS": 6.42, "SORT_ORDER": 2},
        ],
    }  # fmt: skip
    assert all(type(key) is str and key.isdigit() for key in ids)
    token = url.removeprefix("http://127.0.0.1:8000/download/")
    assert 40 <= len(token) <= 64 and "/" not in token


def test_an_invoice_in_xml_has_the_contracts_containers(wire: Wire, customer_id: int, bill: Bill) -> None:
    book(wire, customer_id, START="2026-09-01")
    bill("2026-09-01")
    row = wire.post(b"<FBAPI><SERVICE>invoice.get</SERVICE></FBAPI>").xml.find("RESPONSE/INVOICES/INVOICE")
    assert row.findtext("ITEMS/ITEM/COMPLETE_NET") == row.findtext("VAT_ITEMS/VAT_ITEM/COMPLETE_NET") == "9.9"
    assert (row.findtext("BANK_IBAN"), row.findtext("SHIPMENTS"), row.findtext("IS_CANCELED")) == ("", "", "0")


def test_invoices_are_found_by_each_filter(wire: Wire, customer_id: int, bill: Bill) -> None:
    book(wire, customer_id, START="2026-09-01", INVOICE_TITLE="Rad")
    bill("2026-09-01")
    bill("2026-11-01")
    every = invoices(wire)
    assert len(every) >= 2
    first, last = every[0], every[-1]

    def numbers(**filter_: Any) -> list[str]:
        return [row["INVOICE_NUMBER"] for row in invoices(wire, **filter_)]

    def those(*rows: dict[str, Any]) -> list[str]:
        return [row["INVOICE_NUMBER"] for row in rows]

    assert numbers(INVOICE_ID=first["INVOICE_ID"]) == numbers(INVOICE_NUMBER=first["INVOICE_NUMBER"]) == those(first)
    assert numbers(INVOICE_ID=[first["INVOICE_ID"], last["INVOICE_ID"]]) == those(first, last)
    assert numbers(CUSTOMER_ID=customer_id) == numbers(YEAR=2026) == numbers(TYPE="outgoing") == those(*every)
    assert numbers(MONTH=9, YEAR="2026") == numbers(END_DUE_DATE="2026-09-15") == those(first)
    assert numbers(START_DUE_DATE="2026-09-16") == numbers(MONTH=11) == those(*every[1:])
    assert numbers(STATE="overdue") == numbers(STATE="unpaid") == those(*every)
    for filter_ in ({"STATE": "paid"}, {"TYPE": "credit"}, {"TYPE": "draft"}, {"YEAR": 2025}, {"CUSTOMER_ID": 99}):
        assert numbers(**filter_) == []


@pytest.mark.feature("DSG-2", "M1-12")
@pytest.mark.parametrize(("service", "names"), [
    ("invoice.get", "INVOICES"), ("subscription.get", "SUBSCRIPTIONS"), ("shipment.get", "SHIPMENTS"),
])  # fmt: skip
def test_each_key_of_a_customer_finds_theirs_alone_and_nothing_once_it_is_deleted(
    app: Flask, wire: Wire, customer_id: int, bill: Bill, service: str, names: str
) -> None:
    other = wire.ok("customer.create", data={"CUSTOMER_TYPE": "consumer", "LAST_NAME": "Meier",
                                             "CUSTOMER_EXT_UID": "shop-9", "CUSTOMER_NUMBER": "K-9"})  # fmt: skip
    for owner in (customer_id, other["CUSTOMER_ID"]):
        made = book(wire, owner, START="2026-09-01")
        bill("2026-09-01")
        wire.ok("shipment.create", data={"SUBSCRIPTION_ID": made["SUBSCRIPTION_ID"], "DATE": "2026-09-02"})
    keys = {"CUSTOMER_ID": other["CUSTOMER_ID"], "CUSTOMER_EXT_UID": "shop-9", "CUSTMER_EXT_UID": "shop-9",
            "CUSTOMER_NUMBER": "K-9"}  # fmt: skip

    def owners(**filter_: Any) -> set[int]:
        return {int(row["CUSTOMER_ID"]) for row in wire.ok(service, filter=filter_)[names]}

    for name, value in keys.items():
        assert owners(**{name: value}) == {other["CUSTOMER_ID"]}, name
    assert owners(CUSTOMER_EXT_UID="nobody") == owners(CUSTOMER_ID=customer_id, CUSTOMER_NUMBER="K-9") == set()
    with app.app_context():
        with write() as session:
            session.get_one(Customer, other["CUSTOMER_ID"]).erased_at = clock.instant()
        db.session.remove()
    for name, value in keys.items():
        assert owners(**{name: value}) == set(), name
    told = [row for row in wire.ok(service)[names] if int(row["CUSTOMER_ID"]) == other["CUSTOMER_ID"]]
    if service == "subscription.get":
        assert told == []
    if service == "invoice.get":
        assert told and {row["LAST_NAME"] + row["CUSTOMER_NUMBER"] for row in told} == {""} and told[0]["TOTAL"]


def test_a_free_invoice_is_paid(wire: Wire, customer_id: int, bill: Bill) -> None:
    book(wire, customer_id, START="2026-09-01", UNIT_PRICE=0)
    bill("2026-09-01")
    row = invoices(wire, STATE="paid")[0]
    assert (row["STATUS"], row["TOTAL"], row["OUTSTANDING_AMOUNT"]) == ("paid", 0, 0)
    assert row["PAID_DATE"] == "2026-09-01 00:00:00"


def test_numbers_in_an_answer_are_exact(wire: Wire, customer_id: int, bill: Bill) -> None:
    book(wire, customer_id, START="2026-09-01", UNIT_PRICE="0.10", QUANTITY="3")
    bill("2026-09-01")
    body = wire.call("invoice.get").body
    assert b'"SUB_TOTAL":0.3,' in body and b'"VAT_TOTAL":0.06,' in body and b'"TOTAL":0.36,' in body
