"""Every recorded request of a real client, sent as that client sends it, and the whole answer.

The recordings have the headers and bodies of eleven independent client libraries. Services that are not built yet
answer as unknown; each of their recordings stands in the table, so that building one moves its row.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from flask import Flask

from extensions import db
from models import Company, Customer, Product
from services import billing_run
from services.actor import SYSTEM
from services.unit import write
from tests.api.wire import Answer, Wire

JSON_TYPE = "application/json; charset=utf-8"
ARTICLE = {"ARTICLE_NUMBER": "1", "TITLE": "Test", "DESCRIPTION": "", "UNIT_PRICE": "10", "CURRENCY_CODE": "EUR",
           "VAT_PERCENT": 19, "SUBSCRIPTION_INTERVAL": "1 month"}  # fmt: skip


@dataclass(frozen=True)
class Client:
    """How a client library speaks."""

    name: str
    headers: dict[str, str] = field(default_factory=dict)
    chunked: bool = False


STYLIGHT = Client(
    "stylight/python-fastbill",
    {
        "User-Agent": "python-requests/2.34.2",
        "Accept-Encoding": "gzip, deflate",
        "Accept": "*/*",
        "Connection": "keep-alive",
        "Content-Type": "application/json",
    },
)
RECARE = Client(
    "recare/node-fastbill-automatic", {"Content-Type": "application/json", "Connection": "keep-alive"}, True
)
PAUL_EM = Client("paul-em/fastbill-automatic", {"Content-Type": "application/json", "Connection": "close"})
FASTBILL_CLIENT = Client("fastbill-client", {"Connection": "keep-alive"})
WELUSE = Client("weluse/fastbill-automatic", {"User-Agent": "Typhoeus", "Content-Type": "application/json"})
EKOMI = Client("ekomi", {"User-Agent": "Ruby", "Content-Type": "application/x-www-form-urlencoded"})
PHP_SDK = Client("fastbill-php-sdk", {"User-Agent": "GuzzleHttp/7", "Content-Type": "application/xml"})
GZUERCHER = Client("gzuercher/monsum_api", {"User-Agent": "Httpful/0.3.0", "Content-Type": "application/json"})
STAUDE = Client("staude fastbill_api.py", {"Content-Type": "application/json"})

NO_CUSTOMERS = [
    (STYLIGHT, '{"service": "customer.get", "limit": null, "offset": null, "filter": {"city": "Munich"}, "data": null}',
     {"SERVICE": "customer.get", "FILTER": {"CITY": "Munich"}}),
    (RECARE, '{"service":"customer.get","filter":{"CUSTOMER_ID":5376},"limit":5,"offset":0}',
     {"SERVICE": "customer.get", "LIMIT": 5, "OFFSET": 0, "FILTER": {"CUSTOMER_ID": 5376}}),
    (RECARE, '{"service":"customer.get"}', {"SERVICE": "customer.get"}),
    (PAUL_EM, '{"FILTER":{},"LIMIT":2,"SERVICE":"customer.get"}',
     {"SERVICE": "customer.get", "LIMIT": 2, "FILTER": []}),
    (FASTBILL_CLIENT, '{"service":"customer.get","offset":0,"limit":100,"filter":{"CITY":"Berlin"}}',
     {"SERVICE": "customer.get", "LIMIT": 100, "OFFSET": 0, "FILTER": {"CITY": "Berlin"}}),
    (FASTBILL_CLIENT, '{"service":"customer.get","offset":0,"limit":100,"filter":{"CUSTOMER_ID":[5376,5377]}}',
     {"SERVICE": "customer.get", "LIMIT": 100, "OFFSET": 0, "FILTER": {"CUSTOMER_ID": [5376, 5377]}}),
    (WELUSE, '{"service":"customer.get","filter":{}}', {"SERVICE": "customer.get", "FILTER": []}),
    (EKOMI, '{"service":"customer.get","filter":{"customer_id":"123456"}}',
     {"SERVICE": "customer.get", "FILTER": {"CUSTOMER_ID": "123456"}}),
    (EKOMI, '{"service":"customer.get","filter":{"customer_id":"123456"},"limit":15}',
     {"SERVICE": "customer.get", "LIMIT": 15, "FILTER": {"CUSTOMER_ID": "123456"}}),
    (STAUDE, '{"SERVICE": "customer.get", "FILTER": {"TERM": "Meier"}, "LIMIT": 100, "OFFSET": 0}',
     {"SERVICE": "customer.get", "LIMIT": 100, "OFFSET": 0, "FILTER": {"TERM": "Meier"}}),
]  # fmt: skip
NO_INVOICES = [
    (GZUERCHER, '{"SERVICE":"invoice.get","FILTER":{"INVOICE_NUMBER":"7"},"LIMIT":1}',
     {"SERVICE": "invoice.get", "LIMIT": 1, "FILTER": {"INVOICE_NUMBER": "7"}}),
    (GZUERCHER, '{"SERVICE":"invoice.get","FILTER":{"CUSTOMER_ID":"5376"},"LIMIT":100,"OFFSET":0}',
     {"SERVICE": "invoice.get", "LIMIT": 100, "OFFSET": 0, "FILTER": {"CUSTOMER_ID": "5376"}}),
]  # fmt: skip
NOT_BUILT = [
    (STYLIGHT, '{"service": "foo.bar", "limit": null, "offset": null, "filter": null, "data": null}'),
]  # fmt: skip
# Recorded with ids and days of nobody: understood, and refused by the field that is wrong.
USAGE = [
    (STYLIGHT, '{"service": "subscription.setusagedata", "limit": null, "offset": null, "filter": null, "data": '
     '{"SUBSCRIPTION_ID": 1, "ARTICLE_NUMBER": "a", "QUANTITY": 2, "UNIT_PRICE": "17.23", "USAGE_DATE": '
     '"2015-05-01 00:00:00"}}',
     ["SUBSCRIPTION_ID"]),
    (RECARE, '{"service":"subscription.getusagedata","data":{"SUBSCRIPTION_ID":1,"START":1,"END":2}}',
     ["START", "END"]),
    (RECARE, '{"service":"subscription.deleteusagedata","data":{"USAGEDATA_ID":1}}', ["USAGEDATA_ID"]),
    (RECARE, '{"service":"subscription.getupcomingamount","data":{"ARTICLE_NUMBER":"1","COUNTRY_CODE":"DE"}}',
     ["ARTICLE_NUMBER"]),
    (RECARE, '{"service":"subscription.cancel","data":{"SUBSCRIPTION_ID":1}}', ["SUBSCRIPTION_ID"]),
]  # fmt: skip

WELUSE_CREATE = {
    **dict.fromkeys(
        ("customer_id", "customer_number", "salutation", "first_name", "last_name", "address", "zipcode", "city"), None
    ),
    "organization": "Weluse GmbH",
    **dict.fromkeys(("phone", "email", "days_for_payment", "payment_type", "currency_code"), None),
    "country_code": "DE",
    **dict.fromkeys(("bank_name", "bank_account_number", "bank_code", "bank_account_owner", "vat_id"), None),
    "customer_type": "business",
    **dict.fromkeys(("comment", "created", "lastupdate", "customer_ext_uid", "show_payment_notice"), None),
}


def send(wire: Wire, client: Client, body: str) -> Answer:
    return wire.post(body.encode(), client.headers, chunked=client.chunked)


def check_whole(answer: Answer, status: int, request: Any, response: Any) -> None:
    """Status, content type, both halves, their order and the order of the fields."""
    assert (answer.status, answer.headers["Content-Type"]) == (status, JSON_TYPE)
    assert answer.json == {"REQUEST": request, "RESPONSE": response}
    assert list(answer.json) == ["REQUEST", "RESPONSE"]
    assert list(answer.response) == list(response)


@pytest.mark.feature("X-20")
@pytest.mark.parametrize(("client", "body", "fields"), USAGE, ids=lambda value: getattr(value, "name", ""))
def test_usage_of_nobody_is_refused_by_its_field(shared: Wire, client: Client, body: str, fields: list[str]) -> None:
    errors = send(shared, client, body).response["ERRORS"]
    assert errors == [f"missing / invalid field: {name}" for name in fields]


@pytest.mark.feature("M1-27")
@pytest.mark.parametrize(("client", "body", "echo"), NO_CUSTOMERS, ids=lambda value: getattr(value, "name", ""))
def test_a_search_for_customers_without_result(shared: Wire, client: Client, body: str, echo: Any) -> None:
    check_whole(send(shared, client, body), 200, echo, {"CUSTOMERS": []})


@pytest.mark.parametrize(("client", "body", "echo"), NO_INVOICES, ids=lambda value: getattr(value, "name", ""))
def test_a_search_for_invoices_without_result(shared: Wire, client: Client, body: str, echo: Any) -> None:
    check_whole(send(shared, client, body), 200, echo, {"INVOICES": []})


@pytest.mark.parametrize(("client", "body"), NOT_BUILT, ids=lambda value: getattr(value, "name", ""))
def test_a_service_that_is_not_built_answers_as_unknown(shared: Wire, client: Client, body: str) -> None:
    echo = _upper(json.loads(body))
    name = echo["SERVICE"]
    errors = [f"unknown SERVICE: {name}", "unknown SERVICE: "]
    check_whole(send(shared, client, body), 400, echo, {"ERRORS": errors})


def _upper(value: Any) -> Any:
    if isinstance(value, dict):
        return {key.strip().upper(): _upper(entry) for key, entry in value.items() if entry is not None}
    return [_upper(entry) for entry in value] if isinstance(value, list) else value


DRAFTS = [
    (RECARE, '{"service":"invoice.create","data":{"CUSTOMER_ID":5376,"ITEMS":[{"DESCRIPTION":"x","UNIT_PRICE":12.5,'
     '"VAT_PERCENT":19}]}}', ("x", 1250)),
    (WELUSE, '{"service":"invoice.create","data":{"invoice_id":null,"customer_id":5376,"currency_code":"EUR",'
     '"eu_delivery":true,"items":[{"invoice_item_id":null,"article_number":null,"description":"Example","quantity":2.0,"unit_price":'
     '"0.2e3","vat_percent":19.0,"vat_value":null,"complete_net":null,"complete_gross":null,"sort_order":null}]}}',
     ("Example", 40000)),
]  # fmt: skip
OF_NO_INVOICE = [
    (RECARE, '{"service":"invoice.setpaid","data":{"INVOICE_ID":1,"PAID_DATE":"2013-03-05"}}', "Invoice", "INVOICE_ID"),
    (WELUSE, '{"service":"invoice.sendbyemail","data":{"invoice_id":11267,"recipient":"a@b.de","subject":"s","message"'
     ':"m"}}', "Invoice", "INVOICE_ID"),
    (GZUERCHER, '{"SERVICE":"invoice.sendbyemail","DATA":{"INVOICE_ID":"10280","RECIPIENT":{"TO":"some@email.com"},'
     '"SUBJECT":"Subject","MESSAGE":"Message","RECEIPT_CONFIRMATION ":0}}', "Invoice", "INVOICE_ID"),
    (EKOMI, '{"service":"item.delete","data":{"invoice_item_id":5}}', "Item", "INVOICE_ITEM_ID"),
]  # fmt: skip


@pytest.mark.feature("M1-08")
@pytest.mark.parametrize(("client", "body", "line"), DRAFTS, ids=lambda value: getattr(value, "name", ""))
def test_a_draft_of_an_invoice_is_made(app: Flask, wire: Wire, client: Client, body: str, line: Any) -> None:
    _add_customer(app, id=5376, last_name="Müller", customer_type="consumer")
    answer = send(wire, client, body)
    (found,) = wire.ok("invoice.get", filter={"TYPE": "draft"})["INVOICES"]
    check_whole(answer, 200, _upper(json.loads(body)), {"STATUS": "success", "INVOICE_ID": int(found["INVOICE_ID"])})
    (item,) = found["ITEMS"]
    assert (item["DESCRIPTION"], item["COMPLETE_NET"] * 100) == line
    assert (found["INVOICE_NUMBER"], found["IS_GROSS"], item["VAT_PERCENT"]) == ("", "0", "19.00")


@pytest.mark.parametrize(("client", "body", "subject", "field"), OF_NO_INVOICE, ids=lambda v: getattr(v, "name", ""))
def test_an_invoice_that_is_not_there_is_named(
    shared: Wire, client: Client, body: str, subject: str, field: str
) -> None:
    answer = send(shared, client, body)
    check_whole(answer, 200, _upper(json.loads(body)), {"ERRORS": [f"missing / invalid field: {field}"]})


CREATES = [
    (STYLIGHT, '{"service": "customer.create", "limit": null, "offset": null, "filter": null, "data": '
     '{"CUSTOMER_TYPE": "business", "ORGANIZATION": "M\\u00fcller GmbH", "COUNTRY_CODE": "DE"}}',
     {"CUSTOMER_TYPE": "business", "ORGANIZATION": "Müller GmbH", "COUNTRY_CODE": "DE"}),
    (RECARE, '{"service":"customer.create","data":{"CUSTOMER_NUMBER":"1","CUSTOMER_TYPE":"consumer","FIRST_NAME":"Max",'
     '"LAST_NAME":"Müller"}}',
     {"CUSTOMER_NUMBER": "1", "CUSTOMER_TYPE": "consumer", "FIRST_NAME": "Max", "LAST_NAME": "Müller"}),
    (WELUSE, json.dumps({"service": "customer.create", "data": WELUSE_CREATE}),
     {"ORGANIZATION": "Weluse GmbH", "COUNTRY_CODE": "DE", "CUSTOMER_TYPE": "business"}),
]  # fmt: skip


@pytest.mark.feature("M1-26")
@pytest.mark.parametrize(("client", "body", "data"), CREATES, ids=lambda value: getattr(value, "name", ""))
def test_a_customer_is_made(app: Flask, wire: Wire, client: Client, body: str, data: Any) -> None:
    answer = send(wire, client, body)
    row, account = _customer(app)
    response = {
        "STATUS": "success",
        "CUSTOMER_ID": row.id,
        "HASH": row.hash,
        "CHANGEDATA_URL": f"http://127.0.0.1:8000/accountdata/{account}/{row.hash}",
        "DASHBOARD_URL": f"http://127.0.0.1:8000/dashboard/{account}/{row.hash}",
    }
    check_whole(answer, 200, {"SERVICE": "customer.create", "DATA": data}, response)
    assert (row.organization, row.last_name) == (data.get("ORGANIZATION", ""), data.get("LAST_NAME", ""))


@pytest.mark.feature("M1-26")
def test_the_php_sdk_makes_a_customer_in_xml_and_sends_a_stale_filter_along(app: Flask, wire: Wire) -> None:
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        "<FBAPI><SERVICE>customer.create</SERVICE><FILTER><CUSTOMER_ID>5376</CUSTOMER_ID></FILTER><DATA>"
        "<CUSTOMER_TYPE>business</CUSTOMER_TYPE><ORGANIZATION>Müller &amp; Söhne GmbH</ORGANIZATION>"
        "<COUNTRY_CODE>DE</COUNTRY_CODE></DATA><LIMIT>10</LIMIT><OFFSET>0</OFFSET></FBAPI>"
    )
    answer = send(wire, PHP_SDK, body)
    row, account = _customer(app)
    assert row.organization == "Müller & Söhne GmbH"
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/xml; charset=utf-8")
    assert answer.body.decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        "<FBAPI><REQUEST><SERVICE>customer.create</SERVICE><LIMIT>10</LIMIT><OFFSET>0</OFFSET>"
        "<FILTER><CUSTOMER_ID>5376</CUSTOMER_ID></FILTER><DATA><CUSTOMER_TYPE>business</CUSTOMER_TYPE>"
        "<ORGANIZATION>Müller &amp; Söhne GmbH</ORGANIZATION><COUNTRY_CODE>DE</COUNTRY_CODE></DATA></REQUEST>"
        f"<RESPONSE><STATUS>success</STATUS><CUSTOMER_ID>{row.id}</CUSTOMER_ID><HASH>{row.hash}</HASH>"
        f"<CHANGEDATA_URL>http://127.0.0.1:8000/accountdata/{account}/{row.hash}</CHANGEDATA_URL>"
        f"<DASHBOARD_URL>http://127.0.0.1:8000/dashboard/{account}/{row.hash}</DASHBOARD_URL></RESPONSE></FBAPI>"
    )


@pytest.mark.feature("M1-27")
def test_the_php_sdk_finds_a_customer_in_xml(app: Flask, wire: Wire) -> None:
    _add_customer(app, id=5376, last_name="Müller", number="7")
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        "<FBAPI><SERVICE>customer.get</SERVICE><FILTER><CUSTOMER_ID>5376</CUSTOMER_ID></FILTER>"
        "<LIMIT>10</LIMIT><OFFSET>0</OFFSET></FBAPI>"
    )
    found = send(wire, PHP_SDK, body).xml.findall("RESPONSE/CUSTOMERS/CUSTOMER")
    assert len(found) == 1
    fields = {element.tag: element.text for element in found[0]}
    assert (fields["CUSTOMER_ID"], fields["LAST_NAME"], fields["CUSTOMER_NUMBER"]) == ("5376", "Müller", "7")
    assert fields["CUSTOMER_EXT_UID"] is fields["NEWSLETTER_OPTIN"] is None  # PHP prints false as nothing


UPDATES = [
    (RECARE, '{"service":"customer.update","data":{"FIRST_NAME":"André","CUSTOMER_ID":5376}}', 5376,
     {"FIRST_NAME": "André", "CUSTOMER_ID": 5376}),
    (PAUL_EM, '{"SERVICE":"customer.update","DATA":{"EMAIL":"a@b.de","CUSTOMER_ID":"701524"}}', 701524,
     {"EMAIL": "a@b.de", "CUSTOMER_ID": "701524"}),
]  # fmt: skip


@pytest.mark.feature("M1-28")
@pytest.mark.parametrize(("client", "body", "key", "data"), UPDATES, ids=lambda value: getattr(value, "name", ""))
def test_a_customer_is_changed(app: Flask, wire: Wire, client: Client, body: str, key: int, data: Any) -> None:
    _add_customer(app, id=key, last_name="Müller")
    answer = send(wire, client, body)
    check_whole(answer, 200, {"SERVICE": "customer.update", "DATA": data}, {"STATUS": "success", "CUSTOMER_ID": key})
    row, _ = _customer(app)
    assert (row.first_name, row.email, row.last_name) == (data.get("FIRST_NAME", ""), data.get("EMAIL", ""), "Müller")


@pytest.mark.feature("M1-29")
def test_a_customer_is_deleted(app: Flask, wire: Wire) -> None:
    _add_customer(app, id=5376, last_name="Müller")
    body = '{"service":"customer.delete","data":{"CUSTOMER_ID":5376}}'
    check_whole(
        send(wire, RECARE, body), 200, {"SERVICE": "customer.delete", "DATA": {"CUSTOMER_ID": 5376}},
        {"STATUS": "success"},
    )  # fmt: skip
    check_whole(
        send(wire, RECARE, body), 200, {"SERVICE": "customer.delete", "DATA": {"CUSTOMER_ID": 5376}},
        {"ERRORS": ["Customer Error: Missing / invalid field: CUSTOMER_ID"]},
    )  # fmt: skip


@pytest.mark.feature("M1-12")
def test_a_subscription_is_booked_with_nulls_for_everything_unknown(app: Flask, wire: Wire) -> None:
    _add_customer(app, id=5376, last_name="Müller")
    wire.ok("article.create", data=ARTICLE)
    body = (
        '{"service":"subscription.create","data":{"subscription_ext_uid":null,"article_number":1,"customer_id":5376,'
        '"coupon":null,"title":null,"unit_price":null,"currency_code":null}}'
    )
    answer = send(wire, WELUSE, body)
    found = wire.ok("subscription.get", filter={"CUSTOMER_ID": 5376})["SUBSCRIPTIONS"][0]
    check_whole(
        answer, 200, {"SERVICE": "subscription.create", "DATA": {"ARTICLE_NUMBER": 1, "CUSTOMER_ID": 5376}},
        {"STATUS": "success", "SUBSCRIPTION_ID": found["SUBSCRIPTION_ID"], "HASH": found["HASH"]},
    )  # fmt: skip
    assert type(answer.response["SUBSCRIPTION_ID"]) is int


MOMENT = "2014-07-21T12:20:22+02:00"


def test_a_record_looks_like_the_recorded_one(app: Flask, wire: Wire, stand: Callable[[str], None]) -> None:
    """The payload recorded by django-fastbill in 2014: every name, every type, every value."""
    stand(MOMENT)
    data = {
        "CUSTOMER_NUMBER": "3", "CUSTOMER_TYPE": "business", "ORGANIZATION": "Johnne", "SALUTATION": "mr",
        "FIRST_NAME": "Johnny", "LAST_NAME": "Giraffaloe", "ADDRESS": "Foostrasse 12", "ZIPCODE": "5467890",
        "CITY": "Example City", "COUNTRY_CODE": "DE", "EMAIL": "foo@bar.com", "DAYS_FOR_PAYMENT": "0",
    }  # fmt: skip
    wire.ok("customer.create", data=data)
    row, account = _customer(app)
    found = wire.ok("customer.get", filter={"CUSTOMER_NUMBER": "3"})["CUSTOMERS"]
    recorded = {
        "BANK_NAME": "", "FIRST_NAME": "Johnny", "LAST_NAME": "Giraffaloe", "SECONDARY_ADDRESS": "", "BANK_CODE": "",
        "CREDIT_BALANCE": "0,00", "ZIPCODE": "5467890", "BANK_ACCOUNT_MANDATE_REFERENCE": "", "AFFILIATE": "",
        "PAYMENT_TYPE": "1", "LANGUAGE_CODE": "de", "EMAIL": "foo@bar.com", "BANK_ACCOUNT_OWNER_ZIPCODE": "",
        "COMMENT": "", "FAX": "", "TAGS": "", "PHONE": "", "CUSTOMER_TYPE": "business",
        "DASHBOARD_URL": f"http://127.0.0.1:8000/dashboard/{account}/{row.hash}", "COUNTRY_CODE": "DE",
        "SHOW_PAYMENT_NOTICE": "0", "ORGANIZATION": "Johnne", "CUSTOMER_ID": str(row.id), "BANK_ACCOUNT_NUMBER": "",
        "CURRENCY_CODE": "EUR", "X_ATTRIBUTES": "", "BANK_ACCOUNT_OWNER_CITY": "", "HASH": row.hash, "BANK_BIC": "",
        "CREATED": "2014-07-21 12:20:22", "BANK_IBAN": "", "NEWSLETTER_OPTIN": False, "DAYS_FOR_PAYMENT": "0",
        "STATE": "", "ADDRESS_2": "", "LASTUPDATE": "2014-07-21 12:20:22", "SALUTATION": "mr",
        "PAYMENT_MAIL_ADDRESS": "", "CITY": "Example City", "BANK_ACCOUNT_OWNER_EMAIL": "",
        "CHANGEDATA_URL": f"http://127.0.0.1:8000/accountdata/{account}/{row.hash}", "CUSTOMER_NUMBER": "3",
        "VAT_ID": "", "BANK_ACCOUNT_OWNER_ADDRESS": "", "ADDRESS": "Foostrasse 12", "BANK_ACCOUNT_OWNER": "",
        "CUSTOMER_EXT_UID": False, "TITLE_ACADEMIC": "",
    }  # fmt: skip
    added_later = {
        "ACCOUNT_RECEIVABLE": "", "ALLOWED_PAYMENT_TYPES": "1,2,4,6", "BIRTHDAY": "0000-00-00", "EMAIL_CC": "",
        "BANK_ACCOUNT_MANDATE_REFERENCE_DATE": "0000-00-00 00:00:00", "INVOICE_DELIVERY_METHOD": "mail", "MOBILE": "",
        "PAYMENT_PROVIDER": "", "PAYMENT_TOKEN": "", "PHONE_2": "", "POSITION": "", "TAX_ID": "",
    }  # fmt: skip
    assert found == [recorded | added_later]


def test_an_article_looks_like_the_recorded_one(app: Flask, wire: Wire) -> None:
    made = wire.ok("article.create", data=ARTICLE)
    found = wire.ok("article.get")["ARTICLES"]
    recorded = {
        "SUBSCRIPTION_CANCELLATION": 0, "ARTICLE_NUMBER": "1", "DESCRIPTION": "", "TAGS": "", "TITLE": "Test",
        "TRANSLATIONS": [], "UNIT_PRICE": "10.0000", "IS_ADDON": "0", "SUBSCRIPTION_TRIAL": 0,
        "SUBSCRIPTION_INTERVAL": "1 month", "CHECKOUT_URL": f"http://127.0.0.1:8000/purchase/{_account(app)}/1",
        "SETUP_FEE": "0.0000", "SUBSCRIPTION_DURATION_FOLLOW": 0, "RETURN_URL_SUCCESS": "", "VAT_PERCENT": "19.00",
        "ALLOW_MULTIPLE": "0", "RETURN_URL_CANCEL": "", "SUBSCRIPTION_NUMBER_EVENTS": "0", "CURRENCY_CODE": "EUR",
        "SUBSCRIPTION_DURATION": 0,
    }  # fmt: skip
    added_later = {"ARTICLE_ID": "1", "IS_GROSS": "0", "IS_DIGITAL": "0", "FEATURES": []}
    assert found == [recorded | added_later]
    assert made == {"STATUS": "success", **found[0]}


def test_a_subscription_looks_like_the_recorded_one(app: Flask, wire: Wire, stand: Callable[[str], None]) -> None:
    stand(MOMENT)
    _add_customer(app, id=692708, last_name="Müller")
    wire.ok("article.create", data=ARTICLE)
    data = {"ARTICLE_NUMBER": "1", "CUSTOMER_ID": 692708, "START_DATE": "2014-07-21 12:20:22",
            "SUBSCRIPTION_EXT_UID": "1"}  # fmt: skip
    made = wire.ok("subscription.create", data=data)
    _bill(app, date(2014, 7, 21))
    found = wire.ok("subscription.get", filter={"SUBSCRIPTION_ID": [made["SUBSCRIPTION_ID"]]})["SUBSCRIPTIONS"]
    recorded = {
        "STATUS": "active", "X_ATTRIBUTES": "", "INVOICE_TITLE": "", "HASH": made["HASH"],
        "CANCELLATION_DATE": "0000-00-00 00:00:00", "EXPIRATION_DATE": "2014-08-21 12:20:22",
        "LAST_EVENT": "2014-07-21 12:20:22", "START": "2014-07-21 12:20:22", "SUBSCRIPTION_EXT_UID": "1",
        "NEXT_EVENT": "2014-08-21 12:20:22", "ARTICLE_NUMBER": "1", "SUBSCRIPTION_ID": made["SUBSCRIPTION_ID"],
        "CUSTOMER_ID": 692708, "ADDONS": [], "QUANTITY": "1",
    }  # fmt: skip
    plan = {"ARTICLE_NUMBER": "1", "QUANTITY": "1", "TITLE": "Test", "DESCRIPTION": "", "UNIT_PRICE": "10.0000",
            "VAT_PERCENT": "19.00"}  # fmt: skip
    added_later = {"SUBSCRIPTION_HASH": made["HASH"], "SUBSCRIPTION_TITLE": "", "PLAN": plan, "CANCELLATION_NOTE": "",
                   "CURRENCY_CODE": "EUR", "FEATURES": [], "PLAN_UPCOMING": [], "COUPON": []}  # fmt: skip
    assert found == [recorded | added_later]


def _customer(app: Flask) -> tuple[Customer, str]:
    """The one customer, apart from its session, and the account's hash."""
    with app.app_context():
        row = db.session.query(Customer).one()
        db.session.expunge(row)
        db.session.remove()
    return row, _account(app)


def _account(app: Flask) -> str:
    with app.app_context():
        found: str = db.session.query(Company.account_hash).scalar()
        db.session.remove()
    return found


def _add_customer(app: Flask, **values: Any) -> None:
    """A customer with the id of the recording."""
    with app.app_context():
        with write() as session:
            session.add(Customer(**({"number": "1", "hash": "0" * 32} | values)))
        db.session.remove()


def _bill(app: Flask, on: date) -> None:
    with app.app_context():
        assert billing_run.bill(on, SYSTEM).counts.issued == 1
        assert db.session.query(Product).count() == 1
        db.session.remove()
