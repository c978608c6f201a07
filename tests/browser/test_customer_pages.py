"""A customer at a real browser completes what is missing and changes the e-mail address by code; nobody is barred."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from extensions import db
from models import Customer, Message
from services import customers, messages, outbox
from services.actor import SYSTEM
from services.unit import end_reading
from tests.admin.furniture import House
from tests.browser.barriers import violations
from tests.browser.conftest import Guest
from tests.hosted_pages.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def minimal(app: Flask) -> int:
    with app.app_context():
        key = customers.create_customer(SYSTEM, {"last_name": "Öztürk", "email": "alt@kundin.example"})
        db.session.remove()
        return key


def bars_nobody(page: Page) -> None:
    """axe-core finds nothing on this page (X-21)."""
    found = violations(page)
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []


def code_in_outbox(app: Flask) -> str:
    with app.app_context():
        query = select(Message.id).where(Message.template == "customer_code").order_by(Message.id.desc()).limit(1)
        message_id = db.session.scalars(query).one()
        messages.send(message_id)
        end_reading()
        told = outbox.letter_of(message_id).text.partition("\n-- \n")[0]  # the foot holds figures too
        db.session.remove()
    found = re.search(r"\b\d{6}\b", told)
    assert found
    return found[0]


@pytest.mark.feature("M1-20")
@pytest.mark.feature("D-11")
@pytest.mark.feature("X-21")
def test_a_customer_completes_the_record_and_changes_the_e_mail_address_with_the_code(
    browser: Browser, address: str, app: Flask, house: House, minimal: int
) -> None:
    path = Visitor(app, minimal).path
    context = browser.new_context(viewport={"width": 390, "height": 800}, locale="de-DE", java_script_enabled=True)
    guest = Guest(context, address)
    page = guest.open(path)
    bars_nobody(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = "[...document.querySelectorAll('button, select, input:not([type=hidden], [type=checkbox])')]"
    assert page.evaluate(f"{small}.filter((one) => one.checkVisibility() && one.offsetHeight < 44).length") == 0

    page.get_by_label("Vorname").fill("Änne")
    page.get_by_label("Straße und Hausnummer").first.fill("Kai 1")
    page.get_by_label("Ort", exact=True).first.fill("Kiel")
    page.get_by_role("button", name="Meine Daten speichern").click()
    expect(page.get_by_text("Vielen Dank. Ihre Daten sind gespeichert.")).to_be_visible()

    page.get_by_label("E-Mail-Adresse", exact=True).fill("neu@kundin.example")
    page.get_by_role("button", name="Meine Daten speichern").click()
    expect(page.get_by_role("heading", name="Code eingeben")).to_be_visible()
    bars_nobody(page)
    page.get_by_label("Code", exact=True).fill(code_in_outbox(app))
    page.get_by_role("button", name="Bestätigen").click()
    expect(page.get_by_text("Vielen Dank. Geändert: E-Mail-Adresse.")).to_be_visible()
    expect(page.get_by_label("E-Mail-Adresse", exact=True)).to_have_value("neu@kundin.example")
    assert guest.complaints == []

    page.get_by_label("E-Mail-Adresse", exact=True).fill("kein")
    page.get_by_role("button", name="Meine Daten speichern").click()
    bars_nobody(page)
    page.get_by_role("link", name="E-Mail-Adresse").click()
    expect(page.get_by_label("E-Mail-Adresse", exact=True)).to_be_focused()
    context.close()


@pytest.mark.feature("X-21")
def test_the_page_works_without_scripts_in_english_and_in_the_dark(
    browser: Browser, address: str, app: Flask, house: House, minimal: int
) -> None:
    context = browser.new_context(java_script_enabled=False, color_scheme="dark", locale="en-GB")
    guest = Guest(context, address)
    page = guest.open(Visitor(app, minimal).path)
    page.get_by_role("link", name="English").click()
    page.get_by_label("City").first.fill("Kiel")
    page.get_by_role("button", name="Save my data").click()
    expect(page.get_by_text("Thank you. Your data are saved.")).to_be_visible()
    with app.app_context():
        assert db.session.get_one(Customer, minimal).city == "Kiel"
        db.session.remove()
    assert guest.complaints == []
    context.close()
