"""The customer portal over the wire: in, out, what is shown, and what a stranger, staff or another customer gets."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from billing.periods import Interval, Unit
from extensions import db
from models import CustomerLogin
from queries.products import find_products
from services import billing_run, clock, customer_access, customer_logins, customers, products, staff, subscriptions
from services.actor import SYSTEM, Actor
from services.customer_status import change_status
from tests.queries.test_statements import statements

ANKE = Actor("staff", 7, "Anke Beispiel")
PASSWORD, NEW = "ein langer alter Satz", "ein langer neuer Satz"
EMAIL, IBAN = "erika@kundin.example", "DE89370400440532013000"
TODAY = date(2026, 11, 21)
HOSTILE = '"><svg onload=alert(1)>'
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Guest:
    """A browser without a screen at the portal."""

    def __init__(self, app: Flask, language: str = "de") -> None:
        self.client: FlaskClient = app.test_client()
        self.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language

    def get(self, path: str = "/") -> TestResponse:
        return self.client.get(f"/portal{path}")

    def send(self, path: str, seen_on: str = "", **values: str) -> TestResponse:
        found = _TOKEN.search(self.client.get(f"/portal{seen_on or path}", follow_redirects=True).text)
        return self.client.post(f"/portal{path}", data={"csrf_token": found[1] if found else "", **values})

    def log_in(self, email: str = EMAIL, password: str = PASSWORD) -> TestResponse:
        return self.send("/login", email=email, password=password)

    def cookie(self) -> str:
        found = self.client.get_cookie("kontor_portal", path="/portal")
        return found.value if found else ""


def made(app: Flask, email: str = EMAIL, **more: Any) -> int:
    """A customer with a login; gives the login's id."""
    with app.app_context():
        values = {"first_name": "Erika", "last_name": "Öztürk", "email": email, "city": "Kiel", "zipcode": "24105",
                  "address": "Kai 1", "bank_iban": IBAN, **more}  # fmt: skip
        key = customers.create_customer(SYSTEM, values)
        invited = customer_logins.invite(ANKE, key, email)
        customer_access.choose_password((invited.link or "").rpartition("/")[2], PASSWORD)
        db.session.remove()
        return key


def billed(app: Flask, customer_id: int, *months: int, contracts: int = 1) -> None:
    """A bicycle, or several, rented and billed on the first of these months; of November unless told."""
    with app.app_context():
        if find_products() == []:
            month = Interval(Unit("month"), 1)
            bike = {"number": "RAD-1", "title": "Rad im Abo", "unit_price": Decimal("89.90"), "interval": month}
            products.create_product(SYSTEM, bike)
        for day in (date(2026, month, 1) for month in months or (11,)):
            with clock.stand_at(day):
                for _ in range(contracts if day.month == (months or (11,))[0] else 0):
                    order = subscriptions.Order(customer_id, subscriptions.Booking("RAD-1"), starts_on=day)
                    subscriptions.create_subscription(SYSTEM, order)
                billing_run.bill(day, SYSTEM)
        db.session.remove()


# The way in


@pytest.mark.feature("R-13")
def test_the_link_of_the_invitation_leads_to_a_password_and_to_the_log_in(app: Flask) -> None:
    with app.app_context():
        key = customers.create_customer(SYSTEM, {"last_name": "Öztürk", "language_code": "en"})
        link = customer_logins.invite(ANKE, key, EMAIL).link or ""
        db.session.remove()
    guest, path = Guest(app), "/choose/" + link.rpartition("/")[2]
    page = guest.get(path)
    assert "Welcome to the customer portal" in page.text and EMAIL in page.text, "in the customer's own language"
    assert guest.get(path).status_code == 200, "a mail program that looked has used nothing up"
    differing = guest.send(path, password=PASSWORD, repeated=NEW)
    assert differing.status_code == 422 and "The two entries differ." in differing.text
    short = guest.send(path, password="kurz", repeated="kurz")
    assert short.status_code == 422 and "10 to 200 characters" in short.text
    assert guest.send(path, password=PASSWORD, repeated=PASSWORD).headers["Location"] == "/portal/login"
    assert guest.log_in().headers["Location"] == "/portal/"
    assert guest.get(path).status_code == 410, "once"
    assert guest.client.post(f"/portal{path}", data={}).status_code == 400, "without a token of ours nothing happens"


@pytest.mark.parametrize("path", ["/", "/password"])
def test_a_stranger_is_led_to_the_log_in(app: Flask, path: str) -> None:
    assert Guest(app).get(path).headers["Location"] == "/portal/login"


@pytest.mark.feature("S4")
def test_whatever_does_not_fit_is_answered_alike(app: Flask) -> None:
    made(app)
    guest = Guest(app)
    answers = {
        re.sub(r'value="[^"]*"', "", guest.log_in(email, password).text)
        for email, password in ((EMAIL, NEW), ("niemand@kundin.example", PASSWORD), (EMAIL, ""), ("\x00", "x"))
    }
    assert len(answers) == 1 and "E-Mail-Adresse oder Passwort stimmt nicht" in answers.pop()
    assert not guest.cookie()


@pytest.mark.feature("S5")
def test_guessing_is_stopped_for_the_address_and_for_the_account(app: Flask) -> None:
    made(app)
    statuses = [Guest(app).log_in(password=f"falsch {n}").status_code for n in range(11)]
    assert statuses == [422] * 10 + [429]
    other = Guest(app)
    other.client.environ_base["REMOTE_ADDR"] = "192.0.2.77"
    assert other.log_in(password="falsch").status_code == 429, "from elsewhere it is the same account"


@pytest.mark.feature("D-3")
@pytest.mark.feature("S4")
def test_a_forgotten_password_says_the_same_to_everybody(app: Flask) -> None:
    made(app)
    known, unknown = (Guest(app).send("/forgot", email=email) for email in (EMAIL, "niemand@kundin.example"))
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    told = [{name: value for name, value in each.headers if name != "Set-Cookie"} for each in (known, unknown)]
    assert told[0] == told[1] and "kontor_portal" not in str(known.headers)
    assert Guest(app).send("/forgot", email="").status_code == 422


@pytest.mark.feature("S6")
def test_the_cookie_is_ours_alone_and_changes_at_each_log_in(app: Flask) -> None:
    made(app)
    guest = Guest(app)
    guest.client.set_cookie("kontor_portal", "vom-angreifer", path="/portal")
    before = _TOKEN.search(guest.get("/login").text)
    answer = guest.log_in()
    (cookie,) = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("kontor_portal=")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/portal"} <= set(cookie.split("; ")) and "vom-angreifer" not in cookie
    first = guest.cookie()
    after = _TOKEN.search(guest.get().text)
    assert before and after and before[1] != after[1], "no form of before counts after the log-in"
    guest.send("/logout", seen_on="/")
    guest.log_in()
    assert first and guest.cookie() != first


@pytest.mark.feature("S6")
def test_whoever_logs_out_is_out_even_with_the_old_cookie(app: Flask) -> None:
    made(app)
    guest = Guest(app)
    guest.log_in()
    token = guest.cookie()
    assert guest.send("/logout", seen_on="/").headers["Location"] == "/portal/login"
    guest.client.set_cookie("kontor_portal", token, path="/portal")
    assert guest.get().headers["Location"] == "/portal/login"


@pytest.mark.feature("S6")
@pytest.mark.feature("S22")
def test_a_session_of_staff_is_none_here_and_the_other_way_round(app: Flask) -> None:
    made(app)
    with app.app_context():
        staff.add_staff(SYSTEM, "anke@example.com", role="Inhaber", password=PASSWORD)
        theirs = staff.log_in("anke@example.com", PASSWORD, address="", agent="").token
        db.session.remove()
    guest = Guest(app)
    guest.client.set_cookie("kontor_portal", theirs, path="/portal")
    assert guest.get().headers["Location"] == "/portal/login"
    guest.log_in()
    assert guest.client.get("/admin/customers/").status_code == 302
    with guest.client.session_transaction() as session:
        session["_user_id"] = guest.cookie()
    assert guest.client.get("/admin/customers/").headers["Location"].startswith("/admin/login")
    assert Guest(app).log_in("anke@example.com").status_code == 422, "nor does their password open this door"


@pytest.mark.feature("D-12")
def test_a_deactivated_customer_is_out_at_once_and_is_told_kindly(app: Flask) -> None:
    key = made(app)
    guest = Guest(app)
    guest.log_in()
    with app.app_context():
        change_status(SYSTEM, key, "block")
        db.session.remove()
    assert guest.get().status_code == 200, "blocked: data and invoices stay to be seen"
    with app.app_context():
        change_status(SYSTEM, key, "deactivate")
        db.session.remove()
    assert guest.get().headers["Location"] == "/portal/login"
    assert "Ihr Zugang ist zurzeit nicht aktiv" in guest.log_in().text


@pytest.mark.feature("R-14")
def test_a_password_that_the_house_made_is_changed_before_anything_else(app: Flask) -> None:
    made(app)
    with app.app_context():
        login_id = db.session.scalars(select(CustomerLogin.id)).one()
        password = customer_logins.set_password(ANKE, login_id)
        db.session.remove()
    guest = Guest(app)
    assert guest.log_in(password=password).headers["Location"] == "/portal/password"
    assert guest.get().headers["Location"] == "/portal/password"
    assert "Bitte wählen Sie ein eigenes" in guest.get("/password").text
    wrong = guest.send("/password", old_password="falsch", password=NEW, repeated=NEW)
    assert wrong.status_code == 422 and "Passwort stimmt nicht" in wrong.text
    before = guest.cookie()
    done = guest.send("/password", old_password=password, password=NEW, repeated=NEW)
    assert done.headers["Location"] == "/portal/" and guest.cookie() != before
    assert "Ihr Passwort ist geändert" in guest.get().text


# What is shown


@pytest.mark.feature("M1-43")
@pytest.mark.feature("D-10")
def test_the_customer_sees_data_contracts_payment_and_invoices(app: Flask) -> None:
    key = made(app, organization="Öztürk & Töchter", customer_type="business", delivery_address="Werft 3",
               delivery_city="Kiel")  # fmt: skip
    billed(app, key)
    guest = Guest(app)
    guest.log_in()
    with app.app_context(), clock.stand_at(TODAY):
        page = guest.get().text
    for told in ("Öztürk &amp; Töchter", "Kai 1, 24105 Kiel", "Werft 3, Kiel", EMAIL, "DE89 •••• 3000", "Rad im Abo",
                 "läuft", "01.11.2026", "überfällig"):  # fmt: skip
        assert told in page, told
    assert IBAN not in page and re.search(r"Nächste Zahlung: <b>[\d,]+\s€ am \d\d\.\d\d\.2026", page)
    download = re.search(r'href="(/download/[\w-]+)"', page)
    assert download and guest.client.get(download[1]).data.startswith(b"%PDF")
    change = re.search(r'href="(/accountdata/[^"?]+)', page)
    assert change and guest.client.get(change[1]).status_code == 200


def test_without_anything_yet_the_page_says_what_will_stand_there(app: Flask) -> None:
    made(app)
    guest = Guest(app)
    guest.log_in()
    page = guest.get().text
    assert "Zurzeit läuft kein Vertrag" in page and "Es gibt noch keine Rechnung" in page


@pytest.mark.feature("S1")
def test_nobody_sees_anything_of_another_customer(app: Flask) -> None:
    first = made(app)
    billed(app, first)
    made(app, "andere@kundin.example", last_name="Andersen", city="Lübeck", bank_iban="")
    guest = Guest(app)
    guest.log_in("andere@kundin.example")
    page = guest.get(f"/?id={first}&customer_id={first}").text
    assert "Andersen" in page and "Öztürk" not in page and "Rad im Abo" not in page and "/download/" not in page


@pytest.mark.feature("S13")
def test_hostile_words_are_words(app: Flask) -> None:
    made(app, organization=HOSTILE, customer_type="business", city=HOSTILE)
    guest = Guest(app)
    guest.log_in()
    page = guest.get().text
    assert "<svg onload" not in page and "&lt;svg onload" in page


def test_a_long_history_takes_no_more_statements_than_a_short_one(app: Flask) -> None:
    counts = []
    for email, months, contracts in ((EMAIL, (11,), 1), ("lange@kundin.example", (7, 8, 9, 10, 11), 4)):
        billed(app, made(app, email, bank_iban=""), *months, contracts=contracts)
        guest = Guest(app)
        guest.log_in(email)
        with app.app_context(), clock.stand_at(TODAY), statements() as seen:
            page = guest.get().text
        assert page.count("/download/") == len(months) and page.count("<h3>Rad im Abo") == contracts
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.feature("S27")
@pytest.mark.parametrize("path", ["/", "/login", "/forgot", "/choose/geraten"])
def test_nothing_of_it_is_kept_or_found(app: Flask, path: str) -> None:
    headers = Guest(app).get(path).headers
    assert headers["Cache-Control"] == "private, no-store" and headers["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.feature("X-21")
def test_the_language_is_the_customer_s_until_another_is_chosen(app: Flask) -> None:
    made(app, language_code="en")
    guest = Guest(app, "de")
    assert '<html lang="de">' in guest.get("/login").text, "nobody is known yet: the browser's"
    guest.log_in()
    assert '<html lang="en">' in guest.get().text and "My invoices" in guest.get().text
    assert '<html lang="de">' in guest.get("/?lang=de").text
    assert '<html lang="de">' in guest.get().text, "the choice lasts"


def test_over_https_the_cookie_stays_there(app: Flask) -> None:
    made(app)
    app.config["SESSION_COOKIE_SECURE"] = True
    guest = Guest(app)
    with app.app_context():
        db.session.remove()
    answer = guest.client.get("/portal/login", base_url="https://localhost")
    found = _TOKEN.search(answer.text)
    assert found
    answer = guest.client.post("/portal/login", base_url="https://localhost", headers={"Referer": "https://localhost/"},
                               data={"csrf_token": found[1], "email": EMAIL, "password": PASSWORD})  # fmt: skip
    (cookie,) = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("kontor_portal=")]
    assert "Secure" in cookie.split("; ")


def test_a_house_without_mails_says_so_instead_of_promising_one(app: Flask) -> None:
    page = Guest(app).send("/forgot", email=EMAIL).text
    assert "Zurzeit können wir Ihnen keinen Link per E-Mail schicken" in page
