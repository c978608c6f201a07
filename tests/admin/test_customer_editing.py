"""Making and changing a record: little is asked, records alike are shown, and two people who edit lose nothing."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from extensions import db
from models import Activity, Customer, CustomerLogin
from services import customers
from services.actor import SYSTEM
from tests.admin.conftest import Desk
from tests.admin.furniture import IBAN, House
from tests.admin.test_forms import filled, send, stored, values_on
from tests.at_once import at_once

NEW = "/admin/customers/new/"


def change(app: Flask, customer: int, **values: Any) -> None:
    """What somebody else does meanwhile."""
    with app.app_context():
        customers.update_customer(SYSTEM, customer, values)
        db.session.remove()


def row(app: Flask, customer: int) -> Customer:
    found: Customer = stored(app, select(Customer).where(Customer.id == customer))[0]
    return found


@pytest.mark.feature("M1-14")
@pytest.mark.feature("M1-20")
@pytest.mark.feature("M1-34")
def test_the_form_asks_for_name_and_e_mail_and_folds_the_rest(reader: Desk) -> None:
    page = reader.get(NEW)
    asked, folded = page.split("<details", 1)
    names = re.findall(
        r'<input[^>]*type="(?:text|radio|checkbox)"[^>]*name="(\w+)"|<input[^>]*name="(\w+)"[^>]*type="text"', asked
    )
    shown = {first or second for first, second in names}
    assert {"customer_type", "organization", "first_name", "last_name", "email", "invite"} >= shown - {"csrf_token"}
    assert '<details class="panel group" open' not in page, "nothing is filled in, so nothing stands open"
    assert "voraussichtlich 10007" in folded and 'value="1" selected' not in asked


@pytest.mark.feature("M1-16")
@pytest.mark.feature("M1-18")
@pytest.mark.feature("M1-19")
def test_bank_data_may_be_left_out_and_another_way_of_paying_is_chosen(owner: Desk, people: Flask) -> None:
    assert filled(owner, NEW)["payment_type"] == "1"
    send(owner, NEW, organization="Ohne Bank GmbH")
    send(owner, NEW, organization="Mit Bank GmbH", payment_type="2", bank_iban="DE02 1203 0000 0000 2020 51")
    made = stored(people, select(Customer).where(Customer.organization.like("% Bank GmbH")).order_by(Customer.id))
    assert [(each.payment_type, each.bank_iban) for each in made] == [(1, ""), (2, "DE02120300000000202051")]


@pytest.mark.feature("M1-37")
@pytest.mark.feature("M1-39")
def test_an_external_id_that_is_taken_names_its_holder_with_a_way_there(owner: Desk, house: House) -> None:
    send(owner, NEW, organization="Erste GmbH", ext_uid="SHOP-1")
    page = send(owner, NEW, organization="Zweite GmbH", ext_uid="SHOP-1")
    assert "Dieser Wert ist schon anderswo vergeben." in page
    assert re.search(r'<a href="/admin/customers/details/\?id=\d+">Er gehört zum Kunden 10007\.</a>', page)
    assert '<details class="panel group" open><summary>Person, Nummer und Tags' in page


@pytest.mark.feature("D-4")
@pytest.mark.feature("M1-14")
def test_without_scripts_records_alike_are_shown_first_and_the_record_is_made_anyway(
    owner: Desk, people: Flask, house: House
) -> None:
    opened = filled(owner, NEW) | {"organization": "Neu GmbH", "email": "POST@mueller.example", "phone": "040 77"}
    before = stored(people, select(func.count()).select_from(Customer))
    page = html.unescape(owner.client.post(NEW, data=opened).text)
    assert "Akten, die zum selben Kunden gehören könnten" in page and "gleiche E-Mail-Adresse" in page
    assert ">Trotzdem anlegen</button>" in page and 'value="Neu GmbH"' in page
    assert stored(people, select(func.count()).select_from(Customer)) == before
    seen = re.findall(r'name="seen" value="(\d+)"', page)
    answer = owner.client.post(NEW, data=opened | {"seen": seen}, follow_redirects=True).text
    assert "Kunde angelegt, Nummer 10007." in answer and "Neu GmbH" in answer


@pytest.mark.feature("D-4")
def test_while_typing_the_same_is_asked_of_a_small_address_that_keeps_nothing(reader: Desk, house: House) -> None:
    token = reader.token(NEW)
    asked = {"csrf_token": token, "bank_iban": IBAN}
    found = reader.client.post("/admin/customers/alike/", data=asked).text
    assert found.count("<li>") == 1 and "gleiche IBAN" in found and f"?id={house.customer}" in found
    assert "<html" not in found and "Noch ist nichts gespeichert" not in found
    assert reader.client.post("/admin/customers/alike/", data=asked | {"id": house.customer}).text.strip() == ""
    hostile = {"csrf_token": token, "email": "<svg>\x00@x", "phone": "9" * 5000, "id": "x", "zipcode": "'"}
    assert reader.client.post("/admin/customers/alike/", data=hostile).text.strip() == ""


@pytest.mark.feature("D-10", "R-12", "R-13")
def test_the_tick_invites_the_new_customer_or_makes_nothing_at_all(owner: Desk, people: Flask) -> None:
    page = send(owner, NEW, customer_type="consumer", last_name="Öztürk", email="neu@kundin.example", invite="y")
    assert "neu@kundin.example" in page
    assert stored(people, select(CustomerLogin.email)) == ["neu@kundin.example"]
    page = send(owner, NEW, customer_type="consumer", last_name="Zweit", invite="y")
    assert "Bitte füllen Sie dieses Feld aus." in page
    assert stored(people, select(Customer.id).where(Customer.last_name == "Zweit")) == []


@pytest.mark.feature("M1-05")
@pytest.mark.feature("R-25")
def test_what_two_people_change_in_different_fields_is_joined(owner: Desk, people: Flask, house: House) -> None:
    path = f"/admin/customers/edit/?id={house.customer}"
    opened = filled(owner, path)
    change(people, house.customer, phone="0431 1", tags="Messe 2026, Neu", vat_id="DE136695976")
    sent = opened | {"city": "Plön", "tags": "Großkunde, Messe 2026, Wichtig"}
    page = html.unescape(owner.client.post(path, data=sent, follow_redirects=True).text)
    assert "Gespeichert." in page and "Inzwischen hat jemand anderes auch geändert" in page and "Telefon" in page
    now = row(people, house.customer)
    assert (now.city, now.phone, now.vat_id, now.bank_iban) == ("Plön", "0431 1", "DE136695976", IBAN)
    assert set(filled(owner, path)["tags"].split(", ")) == {"Messe 2026", "Neu", "Wichtig"}


@pytest.mark.feature("M1-05")
def test_only_what_both_changed_is_shown_side_by_side_and_chosen(owner: Desk, people: Flask, house: House) -> None:
    path = f"/admin/customers/edit/?id={house.customer}"
    opened = filled(owner, path)
    change(people, house.customer, city="Plön", phone="0431 1", first_name="Anna")
    sent = opened | {"city": "Preetz", "mobile": "0170 2", "first_name": "Änni"}
    sheet = owner.client.post(path, data=sent).text
    page = html.unescape(sheet)
    assert re.findall(r'name="clash" value="(\w+)"', page) == ["first_name", "city"]
    assert "Preetz" in page and "Plön" in page and 'value="0431 1"' in page and 'value="0170 2"' in page
    assert row(people, house.customer).mobile == "", "nothing is half done"

    shown = _form(sheet)
    own = {name: value for name, value in shown.items() if name.startswith("keep-")}
    assert own == {"keep-city": "mine", "keep-first_name": "mine"}, "one's own entry is marked, and the page says so"
    assert "Ihre eigene Eingabe ist markiert" in page and page.count("Mit dieser Auswahl speichern</button>") == 1
    shown = {name: value for name, value in shown.items() if name not in own}
    undecided = html.unescape(owner.client.post(path, data=shown | {"keep-city": "mine"}).text)
    assert re.findall(r'name="clash" value="(\w+)"', undecided) == ["first_name"], "a choice for each"
    chosen = shown | {"keep-city": "mine", "keep-first_name": "theirs"}
    assert "Gespeichert." in owner.client.post(path, data=chosen, follow_redirects=True).text
    now = row(people, house.customer)
    assert (now.city, now.first_name, now.phone, now.mobile) == ("Preetz", "Anna", "0431 1", "0170 2")


def _form(page: str) -> dict[str, Any]:
    """The fields of the page as a browser would send them."""

    return values_on(page)


@pytest.mark.feature("R-01")
@pytest.mark.feature("P-23")
def test_another_delivery_address_stands_beside_the_billing_address_and_its_change_is_told(
    owner: Desk, house: House
) -> None:
    path = f"/admin/customers/edit/?id={house.customer}"
    page = send(owner, path, delivery_recipient="Lager", delivery_address="Kai 3", delivery_city="Kiel")
    assert "Lieferadresse</dt><dd>Lager, Kai 3, Kiel" in page and "Änderung: Lieferadresse" in page


@pytest.mark.feature("M1-05")
def test_whoever_comes_third_is_asked_again(owner: Desk, people: Flask, house: House) -> None:
    path = f"/admin/customers/edit/?id={house.customer}"
    opened = filled(owner, path)
    change(people, house.customer, city="Plön")
    shown = _form(owner.client.post(path, data=opened | {"city": "Preetz"}).text)
    change(people, house.customer, city="Eutin")
    page = owner.client.post(path, data=shown | {"keep-city": "mine"}).text
    assert 'name="clash" value="city"' in page and "Eutin" in page
    assert row(people, house.customer).city == "Eutin"


def test_an_iban_that_was_changed_meanwhile_is_not_overwritten_by_its_old_mask(
    owner: Desk, people: Flask, house: House
) -> None:
    path = f"/admin/customers/edit/?id={house.customer}"
    opened = filled(owner, path)
    change(people, house.customer, bank_iban="DE02120300000000202051")
    owner.client.post(path, data=opened | {"city": "Plön"})
    assert (row(people, house.customer).bank_iban, row(people, house.customer).city) == (
        "DE02120300000000202051",
        "Plön",
    )
    assert IBAN not in opened["base"] and "DE02120300000000202051" not in filled(owner, path)["base"]


@pytest.mark.parametrize("base", ["", "kein JSON", "[]", "{}", '{"city": 7}'])
def test_a_form_that_lost_what_it_showed_overwrites_nothing_unseen(
    owner: Desk, people: Flask, house: House, base: str
) -> None:
    path = f"/admin/customers/edit/?id={house.customer}"
    opened = filled(owner, path)
    page = owner.client.post(path, data=opened | {"base": base, "city": "Plön"}).text
    assert 'name="clash" value="city"' in page and row(people, house.customer).city == "Kiel"


@pytest.mark.feature("M1-05")
def test_many_who_save_in_the_same_moment_lose_nothing(owner: Desk, people: Flask, house: House) -> None:
    """Eight forms that were opened together, each with a field of its own, and two with the same one."""
    path = f"/admin/customers/edit/?id={house.customer}"
    opened = filled(owner, path)
    own = {"address_2": "Hof", "state": "SH", "phone": "0431 1", "fax": "0431 2", "mobile": "0170 3", "costcenter": "7"}
    forms = [opened | {name: value} for name, value in own.items()] + [opened | {"city": city} for city in "AB"]

    def save(values: dict[str, Any]) -> str:
        return "clash" if 'name="clash"' in owner.another_tab().post(path, data=values).text else "saved"

    outcomes = at_once(people, [lambda form=form: save(form) for form in forms])
    assert outcomes == ["clash"] + ["saved"] * 7
    now = row(people, house.customer)
    assert {name: getattr(now, name) for name in own} == own and now.city in ("A", "B")
    assert len(stored(people, select(Activity).where(Activity.code == "customer.changed"))) == 7
