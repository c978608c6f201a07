"""Merging on the screen: from the card or the list, field by field, without a script too (R-19 to R-21)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from extensions import db
from models import Customer
from services import customers
from services.actor import SYSTEM
from tests.admin.conftest import Desk
from tests.admin.furniture import XSS, House

COMPARE = "/admin/merge/compare/"


@pytest.fixture
def twin(people: Flask, house: House) -> int:
    """A second record of the customer, with an e-mail address that the first has too."""
    with people.app_context():
        customers.update_customer(SYSTEM, house.customer, {"email": "Kiel@mueller.example"})
        values = {"organization": "Müller und Söhne", "email": "kiel@mueller.example", "phone": "0431 77"}
        more = {"city": "Kiel", "comment": "alter Kunde", "bank_bic": "INGDDEFFXXX"}
        found = customers.create_customer(SYSTEM, values | more)
        db.session.remove()
    return found


def record(app: Flask, customer_id: int) -> Customer:
    with app.app_context():
        found = db.session.get_one(Customer, customer_id)
        db.session.expunge(found)
        db.session.remove()
    return found


def form_of(page: str) -> dict[str, object]:
    """What the browser would send: the hidden fields and the radio buttons that are marked."""
    form = page.partition('class="stack merge"')[2]
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    marked = re.findall(r'<input type="radio" name="([\w-]+)" value="(\w+)"[^>]* checked[ >]', form)
    return dict(hidden + marked)


@pytest.mark.feature("R-20", "R-21")
def test_two_records_are_compared_field_by_field_and_become_one(
    owner: Desk, people: Flask, house: House, twin: int
) -> None:
    page = owner.get(f"{COMPARE}?id={house.customer}&other={twin}")
    assert "Was zusammenkommt" in page and "Müller und Söhne" in page and "geht in der anderen auf" in page
    sent = form_of(page)
    assert sent["of-phone"] == "other" and sent["of-organization"] == "this", "nothing is lost unasked"
    told = owner.post("/admin/merge/done/", {**sent, "of-organization": "other", "of-bank": "this"})
    assert "Die beiden Akten sind jetzt eine." in told and "<h1>Müller und Söhne</h1>" in told
    row = record(people, house.customer)
    assert (row.organization, row.phone, row.comment) == ("Müller und Söhne", "0431 77", "alter Kunde")
    again = owner.post("/admin/merge/done/", {**sent, "of-organization": "other"})
    assert "Die beiden Akten sind jetzt eine." in again and "<h1>Müller und Söhne</h1>" in again, "sent twice is done"
    assert record(people, twin).survivor_id == house.customer
    number = record(people, twin).number
    card = owner.get(f"/admin/customers/details/?id={house.customer}")
    assert f"In dieser Akte aufgegangen: {number}" in card and f"Akte zusammengeführt: {number}" in card
    assert "Organisation: aus der aufgegangenen Akte" in card and "Aufgegangene Akte" in card
    led = owner.client.get(f"/admin/customers/details/?id={twin}", follow_redirects=True)
    assert led.request.args["id"] == str(house.customer)


@pytest.mark.feature("R-20")
def test_the_second_record_is_searched_by_number_name_or_email(owner: Desk, house: House, twin: int) -> None:
    page = owner.get(f"/admin/merge/?id={house.customer}")
    assert f"{COMPARE}?id={house.customer}&amp;other={twin}" in page, "who may be the same is offered at once"
    assert "0431 77" not in page
    there = owner.client.get(f"/admin/merge/?id={house.customer}&other=10007")
    assert there.status_code == 302 and there.location.endswith(f"id={house.customer}&other={twin}")
    assert "10007 \\u00b7" in owner.get("/admin/merge/suggest/?q=10007")
    assert 'aria-invalid="true"' in owner.get(f"/admin/merge/?id={house.customer}&other=niemand")
    owner.get("/admin/merge/?id=99999", 404)
    owner.get(f"{COMPARE}?id={house.customer}&other=99999", 404)


@pytest.mark.feature("R-19")
def test_the_list_merges_exactly_two(owner: Desk, house: House, twin: int) -> None:
    two = f"id={house.customer}&id={twin}"
    led = owner.client.get(f"/admin/customers/many/merge/?{two}", follow_redirects=True)
    assert led.request.path == COMPARE and "Akten zusammenführen" in led.text
    for ids in (f"id={twin}", f"{two}&id={house.hostile}"):
        told = owner.client.get(f"/admin/customers/many/merge/?{ids}", follow_redirects=True)
        assert told.request.path == "/admin/customers/" and "Bitte haken Sie genau zwei Akten an" in told.text


@pytest.mark.feature("D-4")
def test_both_records_say_that_they_may_be_one_and_offer_to_merge(owner: Desk, house: House, twin: int) -> None:
    for here, there in ((house.customer, twin), (twin, house.customer)):
        page = owner.get(f"/admin/customers/details/?id={here}")
        assert "gleiche E-Mail-Adresse" in page and f"{COMPARE}?id={here}&amp;other={there}" in page
    customers_own = re.findall(
        r"Vielleicht derselbe Kunde:", owner.get(f"/admin/customers/details/?id={house.hostile}")
    )
    assert len(customers_own) == 3, "where a whole house shares an address, a few are named"


@pytest.mark.feature("S22")
def test_who_may_not_merge_sees_no_button(desk_of: Callable[[str], Desk], house: House, twin: int) -> None:
    desk = desk_of("Buchhaltung")
    page = desk.get(f"/admin/customers/details/?id={house.customer}")
    assert "/admin/merge/" not in page
    assert "many/merge/" not in desk.get("/admin/customers/")
    desk.get(f"{COMPARE}?id={house.customer}&other={twin}", 403)


@pytest.mark.feature("M2-27")
def test_a_refusal_says_why_and_keeps_what_was_chosen(owner: Desk, people: Flask, house: House, twin: int) -> None:
    sent = form_of(owner.get(f"{COMPARE}?id={house.customer}&other={twin}")) | {"of-organization": "other"}
    with people.app_context():
        customers.update_customer(SYSTEM, twin, {"city": "Flensburg"})
        db.session.remove()
    page = owner.post("/admin/merge/done/", sent)
    assert "Jemand anderes" in page or "inzwischen" in page
    assert form_of(page)["of-organization"] == "other" and "Flensburg" in page
    assert record(people, twin).survivor_id == twin
    owner.post("/admin/merge/done/", form_of(page))
    assert record(people, house.customer).organization == "Müller und Söhne"


def test_what_stands_against_it_is_said_and_the_button_is_gone(owner: Desk, house: House) -> None:
    page = owner.get(f"{COMPARE}?id={house.customer}&other={house.customer}")
    assert "Das ist ein und dieselbe Akte." in page and "btn danger" not in page


@pytest.mark.feature("S9")
def test_hostile_text_is_text_and_an_iban_is_masked(owner: Desk, people: Flask, house: House) -> None:
    page = owner.get(f"{COMPARE}?id={house.hostile}&other={house.customer}")
    assert XSS not in page and "&lt;svg onload=alert(1)&gt;" in page
    assert "DE89 •••• 3000" in page and "DE89370400440532013000" not in page
    garbled = {"id": house.hostile, "other": house.customer, "seen": "x", "seen_other": "9" * 40, "of-last_name": XSS}
    assert XSS not in owner.post("/admin/merge/done/", garbled)
    assert record(people, house.customer).survivor_id == house.customer
