"""The tab Zugänge of the card: who may enter the portal, and each deed with what it says before (R-11 to R-16)."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from sqlalchemy import select

from extensions import db
from models import Customer, CustomerLogin
from services import customer_access, customer_logins
from services.actor import SYSTEM
from services.customer_status import change_status
from tests.admin.conftest import Desk, counted
from tests.admin.furniture import House

TAB, EMAIL, PASSWORD = "/admin/customers/logins", "erika@kundin.example", "ein langer Satz"


def invited(app: Flask, customer_id: int, email: str = EMAIL, password: str = "") -> int:
    with app.app_context():
        made = customer_logins.invite(SYSTEM, customer_id, email)
        if password:
            customer_access.choose_password((made.link or "").rpartition("/")[2], password)
            customer_access.log_in(email, password, address="192.0.2.1", agent="Mozilla/5.0 (Windows) Firefox/140")
        db.session.remove()
        return made.login_id


def secret_on(page: str) -> str:
    found = re.search(r"<code>([^<]+)</code>", page)
    assert found
    return html.unescape(found[1])


@pytest.mark.feature("R-11")
def test_the_tab_shows_each_login_with_state_last_login_and_sessions(owner: Desk, people: Flask, house: House) -> None:
    assert "Noch kann niemand" in owner.get(f"{TAB}/?id={house.customer}")
    invited(people, house.customer)
    invited(people, house.customer, "zweite@kundin.example", PASSWORD)
    page = owner.get(f"{TAB}/?id={house.customer}")
    assert ">eingeladen</span>" in page and "Eingeladen bis" in page and "noch nie" in page
    assert ">Aktiv</span>" in page or ">aktiv</span>" in page
    assert "Firefox" in page and "Zugänge <span>2</span>" in page
    with people.app_context():
        change_status(SYSTEM, house.customer, "deactivate")
        db.session.remove()
    page = owner.get(f"{TAB}/?id={house.customer}")
    assert page.count(">gesperrt durch Status</span>") == 2 and "Erneut einladen" not in page


@pytest.mark.feature("R-13")
@pytest.mark.feature("R-16")
def test_an_invitation_is_asked_for_sent_and_sent_again(owner: Desk, people: Flask, house: House) -> None:
    ask = owner.get(f"{TAB}/invite/?id={house.customer}")
    assert "sieben Tage" in ask and 'value="post@mueller.example"' in ask, "the record's own address is offered"
    page = owner.post(f"{TAB}/invite/", {"id": house.customer, "email": EMAIL})
    first = secret_on(page)
    assert "/portal/choose/" in first and "Zurzeit verlässt keine E-Mail das Haus" in page
    assert "sieben Tage lang. Geht er verloren" in page and "„Erneut einladen“" in page, "the same span as before"
    assert 'data-copy="secret"' in page
    again = owner.post(f"{TAB}/link/", {"login": login_id(people)})
    assert "/portal/choose/" in secret_on(again) != first
    refused = owner.post(f"{TAB}/invite/", {"id": house.hostile, "email": EMAIL.upper()})
    assert "öffnet das Kundenportal schon für" in refused and number_of(people, house.customer) in refused


@pytest.mark.feature("R-14")
def test_a_new_password_is_shown_once_or_taken_as_typed(owner: Desk, people: Flask, house: House) -> None:
    key = invited(people, house.customer, password=PASSWORD)
    assert "muss dann ein eigenes wählen" in owner.get(f"{TAB}/password/?login={key}")
    assert "Mindestens 10 Zeichen" in owner.post(f"{TAB}/password/", {"login": key, "password": "kurz"})
    made = secret_on(owner.post(f"{TAB}/password/", {"login": key, "password": ""}))
    with people.app_context():
        assert customer_access.log_in(EMAIL, made, address="", agent="").must_change_password
        db.session.remove()
    typed = "wie am Telefon gesagt"
    assert secret_on(owner.post(f"{TAB}/password/", {"login": key, "password": typed})) == typed
    assert "Vorläufiges Passwort" in owner.get(f"{TAB}/?id={house.customer}")


@pytest.mark.feature("R-15")
@pytest.mark.feature("S6")
def test_sessions_end_and_a_login_goes(owner: Desk, people: Flask, house: House) -> None:
    key = invited(people, house.customer, password=PASSWORD)
    assert "1 Sitzung von erika@kundin.example endet sofort" in owner.get(f"{TAB}/sessions/end/?login={key}")
    page = owner.post(f"{TAB}/sessions/end/", {"login": key})
    assert "Alle Sitzungen dieses Zugangs sind beendet" in page and "niemand" in page
    assert "bleiben, wie sie sind" in owner.get(f"{TAB}/delete/?login={key}")
    page = owner.post(f"{TAB}/delete/", {"login": key})
    assert "Der Zugang ist gelöscht" in page and "Noch kann niemand" in page
    owner.get(f"{TAB}/delete/?login={key}", 404)


def test_the_tab_takes_the_same_statements_for_many_logins_as_for_none(
    owner: Desk, people: Flask, house: House
) -> None:
    counts = []
    for more in (0, 3):
        for n in range(more):
            invited(people, house.customer, f"nummer{n}@kundin.example", PASSWORD)
        owner.get(f"{TAB}/?id={house.customer}")
        with counted(people) as seen:
            owner.get(f"{TAB}/?id={house.customer}")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def login_id(app: Flask) -> int:
    with app.app_context():
        found = db.session.scalars(select(CustomerLogin.id)).one()
        db.session.remove()
        return found


def number_of(app: Flask, customer_id: int) -> str:
    with app.app_context():
        found = db.session.get_one(Customer, customer_id).number
        db.session.remove()
        return found
