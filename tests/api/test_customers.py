"""customer.* over the wire: the deeds behind the recorded shapes."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from extensions import db
from models import Activity, Customer, Receivable, Subscription
from services import merge
from services.actor import SYSTEM
from services.unit import write
from tests.api.wire import Wire

CONSUMER = {"CUSTOMER_TYPE": "consumer", "LAST_NAME": "Meier"}


def make(wire: Wire, **data: Any) -> int:
    made: int = wire.ok("customer.create", data=CONSUMER | data)["CUSTOMER_ID"]
    return made


def found(wire: Wire, **filter_: Any) -> list[str]:
    return [row["CUSTOMER_ID"] for row in wire.ok("customer.get", filter=filter_)["CUSTOMERS"]]


def one(wire: Wire, customer_id: int) -> dict[str, Any]:
    row: dict[str, Any] = wire.ok("customer.get", filter={"CUSTOMER_ID": customer_id})["CUSTOMERS"][0]
    return row


@pytest.mark.feature("M1-10")
@pytest.mark.feature("M1-31")
def test_everything_that_goes_in_comes_out_again(wire: Wire) -> None:
    data = {
        "CUSTOMER_NUMBER": "K-77", "CUSTOMER_EXT_UID": "shop-1", "CUSTOMER_TYPE": "business",
        "ORGANIZATION": "Müller & Söhne <GmbH>", "POSITION": "Einkauf", "TITLE_ACADEMIC": "Dr.", "SALUTATION": "mrs",
        "FIRST_NAME": "Änne", "LAST_NAME": "O'Neil", "ADDRESS": "Hauptstr. 1", "ADDRESS_2": "Hof", "ZIPCODE": "24103",
        "CITY": "Kiel", "COUNTRY_CODE": "AT", "SECONDARY_ADDRESS": "Lager 3, 1010 Wien", "STATE": "Wien",
        "PHONE": "+43 1 2", "PHONE_2": "3", "FAX": "4", "MOBILE": "5", "EMAIL": "a@example.com",
        "EMAIL_CC": "b@example.com", "BIRTHDAY": "1990-02-28", "PAYMENT_MAIL_ADDRESS": "c@example.com",
        "VAT_ID": "ATU13585627", "TAX_ID": "12/3", "ACCOUNT_RECEIVABLE": "10001", "CURRENCY_CODE": "CHF",
        "COMMENT": "Zeile 1\nZeile 2", "DAYS_FOR_PAYMENT": "30", "PAYMENT_TYPE": "2", "ALLOWED_PAYMENT_TYPES": "1,2",
        "PAYMENT_PROVIDER": "stripe", "PAYMENT_TOKEN": "tok_1", "BANK_NAME": "DKB", "BANK_ACCOUNT_OWNER": "Änne",
        "BANK_IBAN": "DE02120300000000202051", "BANK_BIC": "BYLADEM1001", "BANK_ACCOUNT_MANDATE_REFERENCE": "M-1",
        "BANK_ACCOUNT_MANDATE_REFERENCE_DATE": "2020-01-31 00:00:00", "BANK_ACCOUNT_NUMBER": "202051",
        "BANK_CODE": "12030000", "BANK_ACCOUNT_OWNER_ADDRESS": "A", "BANK_ACCOUNT_OWNER_CITY": "B",
        "BANK_ACCOUNT_OWNER_ZIPCODE": "C", "BANK_ACCOUNT_OWNER_EMAIL": "d@example.com", "SHOW_PAYMENT_NOTICE": "1",
        "NEWSLETTER_OPTIN": "1", "AFFILIATE": "p", "TAGS": "Händler,VIP", "LANGUAGE_CODE": "en",
        "X_ATTRIBUTES": [{"KEY": "k", "VALUE": "v"}], "INVOICE_DELIVERY_METHOD": "both",
    }  # fmt: skip
    made = wire.ok("customer.create", data=data)
    row = one(wire, made["CUSTOMER_ID"])
    assert {name: row[name] for name in data} == data
    assert {name: made[name] for name in ("HASH", "CHANGEDATA_URL", "DASHBOARD_URL")}.items() <= row.items()


def test_an_answer_that_is_sent_back_as_an_update_changes_nothing(wire: Wire, app: Flask) -> None:
    """weluse sends the full record, as it got it, with every call."""
    row = one(wire, make(wire, EMAIL="a@example.com", X_ATTRIBUTES=[{"KEY": "k", "VALUE": "v"}], TAGS="VIP"))
    wire.ok("customer.update", data=row)
    assert one(wire, row["CUSTOMER_ID"]) == row
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(Activity.code == "customer.changed")) == 0


@pytest.mark.feature("M1-28")
def test_an_update_changes_what_is_given_and_empties_what_is_empty(wire: Wire) -> None:
    key = make(wire, CITY="Kiel", PHONE="1", BIRTHDAY="1990-01-01", X_ATTRIBUTES=[{"KEY": "k"}], TAGS="VIP",
               DAYS_FOR_PAYMENT=3, CUSTOMER_EXT_UID="x", COUNTRY_CODE="AT")  # fmt: skip
    wire.ok("customer.update", data={"CUSTOMER_ID": key, "CITY": "Köln", "PHONE": "", "BIRTHDAY": "", "TAGS": "",
                                     "X_ATTRIBUTES": [], "DAYS_FOR_PAYMENT": "", "CUSTOMER_EXT_UID": "",
                                     "COUNTRY_CODE": "", "FAX": None})  # fmt: skip
    row = one(wire, key)
    assert (row["CITY"], row["PHONE"], row["BIRTHDAY"], row["TAGS"]) == ("Köln", "", "0000-00-00", "")
    assert (row["X_ATTRIBUTES"], row["DAYS_FOR_PAYMENT"], row["CUSTOMER_EXT_UID"]) == ("", "14", False)
    assert row["COUNTRY_CODE"] == "AT"


@pytest.mark.feature("M1-30")
@pytest.mark.feature("M1-38")
@pytest.mark.feature("M1-40")
def test_a_record_is_found_by_each_of_its_keys(wire: Wire) -> None:
    key = make(wire, CUSTOMER_NUMBER="K-1", CUSTOMER_EXT_UID="shop-1", CITY="Kiel", COMMENT="ruft gern an")
    make(wire, CUSTOMER_EXT_UID="shop-2", COUNTRY_CODE="AT")
    row = one(wire, key)
    for filter_ in (
        {"CUSTOMER_ID": str(key)},
        {"CUSTOMER_NUMBER": "K-1"},
        {"CUSTOMER_EXT_UID": "shop-1"},
        {"CUSTMER_EXT_UID": "shop-1"},
        {"HASH": row["HASH"]},
        {"DASHBOARD_URL": row["DASHBOARD_URL"]},
        {"CHANGEDATA_URL": row["CHANGEDATA_URL"]},
        {"CITY": "KIEL"},
        {"COMMENT": "gern"},
        {"TERM": "meier kiel"},
        {"COUNTRY_CODE": "de"},
        {"CUSTOMER_ID": key, "CITY": "Kiel"},
    ):
        assert found(wire, **filter_) == [str(key)], filter_
    for filter_ in ({"CUSTOMER_ID": key, "CITY": "Köln"}, {"HASH": "0" * 32}, {"CUSTOMER_NUMBER": "K"}):
        assert found(wire, **filter_) == []


@pytest.mark.feature("M1-33")
def test_an_id_is_never_used_again(wire: Wire) -> None:
    key = make(wire)
    wire.ok("customer.delete", data={"CUSTOMER_ID": key})
    assert make(wire) > key


@pytest.mark.feature("M1-39")
def test_an_external_id_is_free_again_only_when_its_record_gave_it_up(wire: Wire) -> None:
    key = make(wire, CUSTOMER_EXT_UID="x")
    error = ["missing / invalid field: CUSTOMER_EXT_UID"]
    assert wire.errors("customer.create", data=CONSUMER | {"CUSTOMER_EXT_UID": "x"}) == error
    wire.ok("customer.update", data={"CUSTOMER_ID": key, "CUSTOMER_EXT_UID": ""})
    make(wire, CUSTOMER_EXT_UID="x")


@pytest.mark.feature("M1-34")
@pytest.mark.feature("M1-36")
def test_numbers_are_drawn_one_after_the_other(wire: Wire) -> None:
    numbers = [one(wire, make(wire))["CUSTOMER_NUMBER"] for _ in range(3)]
    assert numbers == ["10001", "10002", "10003"]


@pytest.mark.feature("D-5")
@pytest.mark.feature("M1-29")
def test_what_stands_against_deleting_is_told(app: Flask, wire: Wire) -> None:
    key = make(wire)
    with app.app_context():
        with write() as session:
            session.add(
                Receivable(kind="fee", customer_id=key, currency_code="EUR", amount_cents=500, open_cents=500,
                           due_on=db.func.current_date())
            )  # fmt: skip
        db.session.remove()
    assert wire.errors("customer.delete", data={"CUSTOMER_ID": key}) == [
        "Customer Error: customer has open items: CUSTOMER_ID"
    ]
    assert one(wire, key)["LAST_NAME"] == "Meier"


@pytest.mark.feature("D-12")
@pytest.mark.parametrize("status", ["blocked", "deactivated"])
def test_a_blocked_or_deactivated_customer_books_nothing(app: Flask, wire: Wire, status: str) -> None:
    key = make(wire)
    wire.ok(
        "article.create", data={"ARTICLE_NUMBER": 1, "TITLE": "T", "UNIT_PRICE": 1, "SUBSCRIPTION_INTERVAL": "1 month"}
    )
    with app.app_context():
        with write() as session:
            session.query(Customer).update({"status": status})
        db.session.remove()
    assert wire.errors("subscription.create", data={"CUSTOMER_ID": key, "ARTICLE_NUMBER": "1"}) == [
        f"Subscription Error: customer is {status} and cannot book: CUSTOMER_ID"
    ]
    with app.app_context():
        assert db.session.query(Subscription).count() == 0
        db.session.remove()


@pytest.mark.feature("D-11")
@pytest.mark.feature("X-22")
def test_a_merged_record_leads_to_the_survivor(app: Flask, wire: Wire) -> None:
    old = make(wire, CUSTOMER_NUMBER="OLD", CUSTOMER_EXT_UID="old", LAST_NAME="Vorher")
    new = make(wire, CUSTOMER_EXT_UID="new")
    plan = {"ARTICLE_NUMBER": 1, "TITLE": "T", "UNIT_PRICE": 1, "SUBSCRIPTION_INTERVAL": "1 month"}
    wire.ok("article.create", data=plan)
    contract = wire.ok("subscription.create", data={"CUSTOMER_ID": old, "ARTICLE_NUMBER": 1})["SUBSCRIPTION_ID"]
    old_hash = one(wire, old)["HASH"]
    with app.app_context():
        merge.merge(SYSTEM, new, old)
        db.session.remove()
    keys = ({"CUSTOMER_ID": old}, {"CUSTOMER_NUMBER": "OLD"}, {"CUSTOMER_EXT_UID": "old"}, {"CUSTOMER_EXT_UID": "new"},
            {"TERM": "Vorher"}, {"HASH": old_hash})  # fmt: skip
    for filter_ in keys:
        assert found(wire, **filter_) == [str(new)], filter_
    answer = wire.ok("subscription.get", filter={"CUSTOMER_ID": old})["SUBSCRIPTIONS"]
    assert [(row["SUBSCRIPTION_ID"], row["CUSTOMER_ID"]) for row in answer] == [(contract, new)]
    assert wire.ok("customer.update", data={"CUSTOMER_ID": old, "CITY": "Kiel"})["CUSTOMER_ID"] == new
    assert one(wire, new)["CITY"] == "Kiel"


@pytest.mark.feature("D-11")
def test_deleting_by_the_merged_id_deletes_the_survivor_with_it(app: Flask, wire: Wire) -> None:
    old, new = make(wire), make(wire)
    with app.app_context():
        merge.merge(SYSTEM, new, old)
        db.session.remove()
    wire.ok("customer.delete", data={"CUSTOMER_ID": old})
    assert found(wire, CUSTOMER_ID=new) == found(wire, CUSTOMER_ID=old) == []


def test_an_old_account_without_iban_is_enough_for_direct_debit(wire: Wire) -> None:
    make(
        wire, PAYMENT_TYPE=2, BANK_ACCOUNT_NUMBER="222222", BANK_CODE="21212121", BANK_NAME="D", BANK_ACCOUNT_OWNER="O"
    )


def test_attributes_in_xml_come_back_as_a_list(wire: Wire) -> None:
    body = (
        "<FBAPI><SERVICE>customer.create</SERVICE><DATA><CUSTOMER_TYPE>consumer</CUSTOMER_TYPE><LAST_NAME>Meier"
        "</LAST_NAME><X_ATTRIBUTES><X_ATTRIBUTE><KEY>a</KEY><VALUE>1</VALUE></X_ATTRIBUTE></X_ATTRIBUTES></DATA></FBAPI>"
    )
    assert wire.post(body.encode()).xml.findtext("RESPONSE/STATUS") == "success"
    answer = wire.post(b"<FBAPI><SERVICE>customer.get</SERVICE></FBAPI>").xml
    assert answer.findtext("RESPONSE/CUSTOMERS/CUSTOMER/X_ATTRIBUTES/X_ATTRIBUTE/KEY") == "a"
    assert wire.ok("customer.get")["CUSTOMERS"][0]["X_ATTRIBUTES"] == [{"KEY": "a", "VALUE": "1"}]
