"""A customer at a real browser enters a card on the provider's page; staff see what became of the payment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from extensions import db
from models import Customer
from services import attempts, billing_run, customer_access, customer_logins
from services.actor import SYSTEM, Actor
from tests.admin.furniture import House
from tests.browser.conftest import Guest
from tests.browser.test_customer_pages import bars_nobody
from tests.hosted_pages.visitor import Visitor

pytestmark = pytest.mark.browser

PASSWORD = "ein langer Satz für den Test"


@pytest.fixture
def address(app: Flask, address: str) -> str:
    """The house knows where it is reached: the provider leads customers back there."""
    app.config["KONTOR"] = replace(app.config["KONTOR"], base_url=address)
    return address


@contextmanager
def phone(browser: Browser, address: str) -> Iterator[Guest]:
    context = browser.new_context(viewport={"width": 390, "height": 800}, locale="de-DE")
    yield Guest(context, address)
    context.close()


def enter(page: Page, card: str) -> None:
    """From our page, which leads on by itself, over the provider's and back."""
    expect(page.get_by_role("heading", name="Testkarte wählen")).to_be_visible()
    bars_nobody(page)
    page.get_by_role("button", name=card).click()
    expect(page.get_by_text("Ihre Zahlungsart ist hinterlegt")).to_be_visible()


def billed(app: Flask) -> None:
    with app.app_context():
        billing_run.bill(date(2027, 1, 31), SYSTEM)
        for attempt_id in attempts.waiting(100):
            attempts.carry_on(attempt_id)
        db.session.remove()


def let_in(app: Flask, customer_id: int) -> str:
    """A login at the portal; gives its address."""
    with app.app_context():
        email = db.session.get_one(Customer, customer_id).email
        invited = customer_logins.invite(Actor("staff", 1, "Petra"), customer_id, email)
        customer_access.choose_password((invited.link or "").rpartition("/")[2], PASSWORD)
        db.session.remove()
        return email


@pytest.mark.feature("M1-46", "M1-17")
@pytest.mark.feature("X-21")
def test_a_card_is_entered_at_the_portal_and_the_other_one_removed(
    browser: Browser, address: str, app: Flask, house: House
) -> None:
    email = let_in(app, house.customer)
    with phone(browser, address) as guest:
        page = guest.open("/portal/login")
        page.get_by_label("E-Mail-Adresse").fill(email)
        page.get_by_label("Passwort").fill(PASSWORD)
        page.get_by_role("button", name="Anmelden").click()
        page.get_by_role("link", name="Zahlungsarten ändern").click()
        for kind, card in (("Karte hinzufügen", "Zahlt immer"), ("PayPal hinzufügen", "PayPal-Konto")):
            page.get_by_role("button", name=kind).click()
            enter(page, card)
        bars_nobody(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("button", name="Damit bezahlen").click()
        expect(page.get_by_text("Sie bezahlen jetzt auf diesem Weg.")).to_be_visible()
        paypal = page.locator(".methods li").filter(has_text="PayPal")
        paypal.locator("summary").click()
        expect(paypal).to_contain_text("nicht mehr belastet")
        paypal.get_by_role("button", name="Entfernen").click()
        expect(page.locator(".methods li")).to_have_count(1)
        assert guest.complaints == []


@pytest.mark.feature("M1-17", "M2-20")
def test_a_card_that_declines_is_entered_by_the_link_and_staff_find_the_payment_given_up(
    browser: Browser, guest: Guest, address: str, app: Flask, house: House
) -> None:
    with phone(browser, address) as customer:
        page = customer.open(Visitor(app, house.hostile).path + "/payment")
        page.get_by_role("button", name="Karte hinzufügen").click()
        enter(page, "Lehnt endgültig ab")
        assert customer.complaints == []
    billed(app)
    guest.log_in()
    page = guest.page
    page.get_by_role("link", name="Entscheiden").click()
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("als gestohlen gemeldet")
    row.get_by_role("link", name="Offen stellen").click()
    page.get_by_role("dialog").get_by_role("button", name="Offen stellen").click()
    expect(page.get_by_role("status")).to_contain_text("Die Rechnung ist ausgestellt und offen.")
    assert guest.complaints == []
