"""A one-off invoice through the call API: made, changed, completed, paid, mailed, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from billing.money import Money
from extensions import db
from models import Message, Receivable
from services import clock, messages, payments, write_offs
from services.actor import SYSTEM
from tests.api.conftest import counted
from tests.api.wire import Wire

BUYER = {"CUSTOMER_TYPE": "business", "ORGANIZATION": "Nordlicht GmbH", "COUNTRY_CODE": "DE", "ZIPCODE": "20095",
         "ADDRESS": "Lindenallee 1", "CITY": "Hamburg", "EMAIL": "post@nord.example"}  # fmt: skip
WORK = {"DESCRIPTION": "Beratung\nvor Ort", "UNIT_PRICE": 90, "VAT_PERCENT": 19, "QUANTITY": "3.5"}


def draft(wire: Wire, *items: dict[str, Any], **data: Any) -> int:
    customer = wire.ok("customer.create", data=BUYER)["CUSTOMER_ID"]
    made = wire.ok("invoice.create", data={"CUSTOMER_ID": customer, "ITEMS": list(items) or [WORK], **data})
    return int(made["INVOICE_ID"])


def found(wire: Wire, invoice_id: int) -> Any:
    return wire.ok("invoice.get", filter={"INVOICE_ID": invoice_id})["INVOICES"][0]


def completed(wire: Wire, **data: Any) -> int:
    made = draft(wire, **data)
    wire.ok("invoice.complete", data={"INVOICE_ID": made})
    return made


@pytest.mark.feature("M1-08")
def test_a_draft_is_made_changed_and_completed(wire: Wire) -> None:
    made = draft(wire, WORK, INVOICE_TITLE="Einsatz", DELIVERY_DATE="02.11.2026 - 06.11.2026", CASH_DISCOUNT_PERCENT=2,
                 CASH_DISCOUNT_DAYS=7)  # fmt: skip
    wire.ok("invoice.update", data={"INVOICE_ID": made, "INTROTEXT": "Vielen Dank", "ITEMS": {"ITEM": [
        {"DESCRIPTION": "Anfahrt", "UNIT_PRICE": "25.00", "VAT_PERCENT": "19.00", "SORT_ORDER": 2}]}})  # fmt: skip
    shown = found(wire, made)
    assert [item["DESCRIPTION"] for item in shown["ITEMS"]] == ["Beratung\nvor Ort", "Anfahrt"]
    assert (shown["SUB_TOTAL"], shown["VAT_TOTAL"], shown["TOTAL"]) == (340, 64.6, 404.6)
    assert (shown["TYPE"], shown["INVOICE_TITLE"], shown["INTROTEXT"]) == ("draft", "Einsatz", "Vielen Dank")
    assert wire.ok("invoice.complete", data={"INVOICE_ID": made}) == {
        "STATUS": "success", "INVOICE_NUMBER": found(wire, made)["INVOICE_NUMBER"],
    }  # fmt: skip
    shown = found(wire, made)
    assert (shown["TYPE"], shown["STATUS"], shown["OUTSTANDING_AMOUNT"]) == ("outgoing", "unpaid", 404.6)
    assert (shown["DELIVERY_DATE"], shown["CASH_DISCOUNT_PERCENT"]) == ("02.11.2026 - 06.11.2026", "2.00")


def test_items_can_be_replaced_listed_and_taken_off(wire: Wire) -> None:
    made = draft(wire, WORK, {**WORK, "DESCRIPTION": "Anfahrt"})
    first, second = wire.ok("item.get", filter={"INVOICE_ID": made})["ITEMS"]
    assert (first["INVOICE_ID"], second["DESCRIPTION"], second["CURRENCY_CODE"]) == (str(made), "Anfahrt", "EUR")
    wire.ok("item.delete", data={"INVOICE_ITEM_ID": first["INVOICE_ITEM_ID"]})
    assert [item["DESCRIPTION"] for item in found(wire, made)["ITEMS"]] == ["Anfahrt"]
    wire.ok("invoice.update", data={"INVOICE_ID": made, "DELETE_EXISTING_ITEMS": 1, "ITEMS": [WORK]})
    assert [item["DESCRIPTION"] for item in found(wire, made)["ITEMS"]] == ["Beratung\nvor Ort"]


@pytest.mark.feature("NUM-2")
def test_a_draft_is_deleted_and_an_issued_invoice_is_not(wire: Wire) -> None:
    made = draft(wire)
    wire.ok("invoice.delete", data={"INVOICE_ID": made})
    assert wire.errors("invoice.complete", data={"INVOICE_ID": made}) == ["missing / invalid field: INVOICE_ID"]
    issued = completed(wire)
    for service in ("invoice.delete", "invoice.complete"):
        assert wire.errors(service, data={"INVOICE_ID": issued}) == ["Invoice Error: not a draft any more"]
    assert found(wire, issued)["INVOICE_NUMBER"].endswith("00001")


@pytest.mark.feature("INV-6")
def test_a_rate_that_is_not_the_articles_own_is_refused(wire: Wire) -> None:
    wire.ok("article.create", data={"ARTICLE_NUMBER": "B-1", "TITLE": "Kurs", "DESCRIPTION": "", "UNIT_PRICE": "50",
                                    "CURRENCY_CODE": "EUR", "VAT_PERCENT": 19})  # fmt: skip
    customer = wire.ok("customer.create", data=BUYER)["CUSTOMER_ID"]
    for item in ({"ARTICLE_NUMBER": "B-1", "VAT_PERCENT": 7}, {"ARTICLE_NUMBER": "B-1", "VAT_PERCENT": 0},
                 {**WORK, "VAT_PERCENT": 12}):  # fmt: skip
        refused = wire.errors("invoice.create", data={"CUSTOMER_ID": customer, "ITEMS": [item]})
        assert refused == ["missing / invalid field (not the VAT rate that holds): ITEMS[1].VAT_PERCENT"]
    made = wire.ok("invoice.create", data={"CUSTOMER_ID": customer, "ITEMS": [{"ARTICLE_NUMBER": "B-1"}]})["INVOICE_ID"]
    assert found(wire, made)["TOTAL"] == 59.5


BAD_ITEMS: list[tuple[list[Any], list[str]]] = [
    ([{"UNIT_PRICE": 1, "VAT_PERCENT": 19}], ["(is missing): ITEMS[1].DESCRIPTION"]),
    ([WORK, {"DESCRIPTION": "x", "VAT_PERCENT": 19}], ["(is missing): ITEMS[2].UNIT_PRICE"]),
    ([WORK, {"DESCRIPTION": "x", "UNIT_PRICE": 1}], ["(is missing): ITEMS[2].VAT_PERCENT"]),
    ([{**WORK, "SORT_ORDER": 9}, {"DESCRIPTION": "x", "UNIT_PRICE": 1}], ["(is missing): ITEMS[2].VAT_PERCENT"]),
    ([{**WORK, "SORT_ORDER": 9, "VAT_PERCENT": 12}, WORK], ["(not the VAT rate that holds): ITEMS[1].VAT_PERCENT"]),
    ([WORK, {**WORK, "UNIT_PRICE": -1}], ["(price, not negative, up to 8 decimals): ITEMS[2].UNIT_PRICE"]),
    (
        [{**WORK, "QUANTITY": 0}, {**WORK, "UNIT_PRICE": "x"}],
        [
            "(quantity above 0, up to 4 decimals): ITEMS[1].QUANTITY",
            "(price, not negative, up to 8 decimals): ITEMS[2].UNIT_PRICE",
        ],
    ),
    ([WORK, {**WORK, "IS_GROSS": 1}], ["(net and gross prices in one invoice): ITEMS[2].IS_GROSS"]),
    ([WORK, {"ARTICLE_NUMBER": "B-0"}], ["(there is no such article): ITEMS[2].ARTICLE_NUMBER"]),
    ([WORK, "x"], ["(an entry with its fields): ITEMS[2]"]),
]


def test_an_item_that_says_too_little_is_named_with_its_line_and_field(wire: Wire, app: Flask) -> None:
    customer = wire.ok("customer.create", data=BUYER)["CUSTOMER_ID"]
    made = wire.ok("invoice.create", data={"CUSTOMER_ID": customer, "ITEMS": [WORK]})["INVOICE_ID"]
    before = counted(app)
    for items, told in BAD_ITEMS:
        wanted = [f"missing / invalid field {each}" for each in told]
        assert wire.errors("invoice.create", data={"CUSTOMER_ID": customer, "ITEMS": items}) == wanted
        assert wire.errors("invoice.update", data={"INVOICE_ID": made, "ITEMS": {"ITEM": items}}) == wanted
    assert counted(app) == before


def test_an_invoice_has_at_least_one_item(wire: Wire, app: Flask) -> None:
    """The contract expects one; a draft may lose its items later, but is not completed without any."""
    customer = wire.ok("customer.create", data=BUYER)["CUSTOMER_ID"]
    before = counted(app)
    for items in ({}, {"ITEMS": []}, {"ITEMS": None}, {"ITEMS": {"ITEM": []}}, {"ITEMS": ""}):
        refused = wire.errors("invoice.create", data={"CUSTOMER_ID": customer, **items})
        assert refused == ["missing / invalid field: ITEMS"]
    assert counted(app) == before
    made = wire.ok("invoice.create", data={"CUSTOMER_ID": customer, "ITEMS": [WORK]})["INVOICE_ID"]
    wire.ok("invoice.update", data={"INVOICE_ID": made, "DELETE_EXISTING_ITEMS": 1, "ITEMS": []})
    assert wire.errors("invoice.complete", data={"INVOICE_ID": made}) == ["missing / invalid field: ITEMS"]


def test_the_one_letter_is_the_only_template(wire: Wire) -> None:
    made = draft(wire, TEMPLATE_ID="1")
    assert found(wire, made)["TEMPLATE_ID"] == "1"
    for template in (3063, "Standard", -1):
        refused = wire.errors("invoice.update", data={"INVOICE_ID": made, "TEMPLATE_ID": template})
        assert refused == ["missing / invalid field: TEMPLATE_ID"]


@pytest.mark.parametrize("day", ["1900-01-01", "2006-12-31", "2199-12-31"])
def test_a_day_that_can_only_be_a_slip_of_the_pen_is_named_with_the_span(
    wire: Wire, stand: Callable[[str], None], day: str
) -> None:
    stand("2026-11-22T12:00:00+01:00")
    span = "missing / invalid field (a day from 2007-01-01 to 2036-11-22): "
    made = draft(wire, INVOICE_DATE="2007-01-01")
    assert wire.errors("invoice.update", data={"INVOICE_ID": made, "INVOICE_DATE": day}) == [span + "INVOICE_DATE"]
    supply = {"INVOICE_ID": made, "INVOICE_DATE": "2026-11-01", "DELIVERY_DATE": day}
    assert wire.errors("invoice.update", data=supply) == [span + "DELIVERY_DATE"]


@pytest.mark.feature("INV-1")
def test_what_the_law_asks_for_is_named(wire: Wire) -> None:
    customer = wire.ok("customer.create", data={**BUYER, "ADDRESS": "", "CITY": ""})["CUSTOMER_ID"]
    made = wire.ok("invoice.create", data={"CUSTOMER_ID": customer, "ITEMS": [WORK]})["INVOICE_ID"]
    assert wire.errors("invoice.complete", data={"INVOICE_ID": made}) == [
        "missing / invalid field: ADDRESS", "missing / invalid field: CITY",
    ]  # fmt: skip


@pytest.mark.feature("M2-14")
def test_an_invoice_is_marked_as_paid_and_says_so(wire: Wire) -> None:
    made = completed(wire)
    paid = wire.ok("invoice.setpaid", data={"INVOICE_ID": made, "PAID_DATE": "2026-11-20"})
    assert wire.ok("invoice.setpaid", data={"INVOICE_ID": made}) == paid
    shown = found(wire, made)
    assert (shown["STATUS"], shown["OUTSTANDING_AMOUNT"]) == ("paid", 0)
    assert shown["PAYMENT_INFO"] == "20.11.2026 374,85 € (Bank) "


@pytest.mark.feature("M2-14")
@pytest.mark.parametrize(("paid_cents", "state"), [(0, "unpaid"), (10_000, "paid")])
def test_what_was_written_off_whole_is_not_told_as_paid(app: Flask, wire: Wire, paid_cents: int, state: str) -> None:
    """The contract has no word for it: nothing is owed any more, but nobody paid either."""
    made = completed(wire)
    with app.app_context():
        owed = db.session.scalars(select(Receivable.id).where(Receivable.invoice_id == made)).one()
        if paid_cents:
            receipt = payments.Receipt(Money(paid_cents, "EUR"), clock.today(), "bank")
            payments.receive(SYSTEM, owed, receipt)
        write_offs.write_off(SYSTEM, owed, "insolvent")
        db.session.remove()
    shown = found(wire, made)
    assert (shown["STATUS"], shown["OUTSTANDING_AMOUNT"]) == (state, 0)
    assert (shown["PAID_DATE"] == "0000-00-00 00:00:00") == (state == "unpaid")
    for wanted in ("paid", "unpaid", "overdue"):
        answer = wire.ok("invoice.get", filter={"INVOICE_ID": made, "STATE": wanted})
        assert len(answer["INVOICES"]) == (wanted == state)


@pytest.mark.feature("COR-1")
def test_an_invoice_is_cancelled_once(wire: Wire) -> None:
    made = completed(wire)
    number = wire.ok("invoice.cancel", data={"INVOICE_ID": made})["INVOICE_NUMBER"]
    assert found(wire, made)["IS_CANCELED"] == "1" and number.startswith("SR-")
    (credit,) = wire.ok("invoice.get", filter={"TYPE": "credit"})["INVOICES"]
    assert (credit["INVOICE_NUMBER"], credit["TOTAL"]) == (number, -374.85)
    refused = wire.errors("invoice.cancel", data={"INVOICE_ID": made})
    assert refused == ["Invoice Error: nothing of it is left to correct"]
    assert wire.errors("invoice.cancel", data={"INVOICE_ID": int(credit["INVOICE_ID"])}) == [
        "Invoice Error: only an issued invoice can be canceled"
    ]


@pytest.mark.parametrize("recipient", ["a@b.de", {"TO": "a@b.de", "CC": "c@d.de", "BCC": "e@f.de, g@h.de"}])
def test_an_invoice_goes_by_mail_with_the_words_given(app: Flask, wire: Wire, recipient: Any) -> None:
    made = completed(wire)
    hostile = "Guten Tag {{ company.name }} <svg onload=alert(1)>\nzweite Zeile"
    wire.ok("invoice.sendbyemail", data={"INVOICE_ID": made, "RECIPIENT": recipient, "SUBJECT": "Ihre {{ Rechnung }}",
                                         "MESSAGE": hostile})  # fmt: skip
    with app.app_context():
        rows = db.session.scalars(select(Message).where(Message.template == "invoice_message").order_by(Message.id))
        told = [(row.id, row.recipient, row.copy_to) for row in rows]
        assert [each[1:] for each in told] == (
            [("a@b.de", "")] if isinstance(recipient, str)
            else [("a@b.de", ""), ("c@d.de", ""), ("e@f.de", ""), ("g@h.de", "")]
        )  # fmt: skip
        db.session.remove()
        messages.send(told[0][0])
        sent = db.session.get_one(Message, told[0][0])
        assert sent.state == "sent" and sent.subject == "[Muster] Ihre {{ Rechnung }}"
        assert (sent.body or "").startswith(hostile) and len(sent.attachments) == 1
        db.session.remove()


@pytest.mark.feature("L9")
def test_each_of_twenty_long_addresses_gets_a_mail_of_its_own_and_none_gets_two(app: Flask, wire: Wire) -> None:
    made = completed(wire)
    long = [f"{n:02d}{'x' * 20}@{'y' * 20}.example" for n in range(19)]
    to = {"TO": ", ".join([*long[:10], long[0].upper()]), "CC": "; ".join(long[10:]), "BCC": f"{long[0]}, e@f.de"}
    wire.ok("invoice.sendbyemail", data={"INVOICE_ID": made, "RECIPIENT": to})
    with app.app_context():
        rows = db.session.execute(
            select(Message.recipient, Message.copy_to, Message.event)
            .where(Message.template == "invoice_message").order_by(Message.id)
        ).all()  # fmt: skip
        db.session.remove()
    assert [row.recipient for row in rows] == [*long, "e@f.de"]
    assert {row.copy_to for row in rows} == {""} and len({row.event for row in rows}) == 1
    one_more = {"TO": to["TO"], "CC": to["CC"], "BCC": "e@f.de, g@h.de"}
    refused = wire.errors("invoice.sendbyemail", data={"INVOICE_ID": made, "RECIPIENT": one_more})
    assert refused == ["missing / invalid field: RECIPIENT"]


@pytest.mark.feature("S28")
@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"RECIPIENT": f"a@{'b' * 200}.de"}, "RECIPIENT"),
        ({"RECIPIENT": "kein-mail"}, "RECIPIENT"),
        ({"RECIPIENT": {"CC": "a@b.de"}}, "RECIPIENT"),
        ({"RECIPIENT": "a@b.de", "SUBJECT": "x\r\nBcc: y@z.de"}, "SUBJECT"),
    ],
)
def test_a_mail_that_cannot_be_is_refused(wire: Wire, data: dict[str, Any], field: str) -> None:
    made = completed(wire)
    refused = wire.errors("invoice.sendbyemail", data={"INVOICE_ID": made, **data})
    assert refused == [f"missing / invalid field: {field}"]


def test_a_draft_is_not_mailed_and_what_is_not_offered_says_so(wire: Wire) -> None:
    made = draft(wire)
    refused = wire.errors("invoice.sendbyemail", data={"INVOICE_ID": made, "RECIPIENT": "a@b.de"})
    assert refused == ["Invoice Error: not issued yet: INVOICE_ID"]
    for service in ("invoice.setpaid", "invoice.cancel"):
        assert wire.errors(service, data={"INVOICE_ID": made}) == ["Invoice Error: not issued yet: INVOICE_ID"]
        assert wire.errors(service, data={"INVOICE_ID": 4711})[0].endswith(": INVOICE_ID")
    refused = wire.errors("shipment.create", data={"INVOICE_ID": made})
    assert refused == ["Shipment Error: not issued yet: INVOICE_ID"]
    for service in ("invoice.sign", "invoice.sendbypost"):
        (text,) = wire.errors(service, data={"INVOICE_ID": made})
        assert text.startswith("Invoice Error: ") and "not offered" in text
