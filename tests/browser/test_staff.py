"""A colleague comes in: invited, password by link, second factor with a phone, forgotten password; silent pages."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from extensions import db
from models import Message
from services import clock, mail_writing
from tests.browser.conftest import Guest

pytestmark = pytest.mark.browser
EMAIL, FIRST, SECOND = "nora@example.com", "der erste lange Satz", "der zweite lange Satz"


def path_in_the_last_mail(app: Flask) -> str:
    """Where the link of the newest mail leads, as it goes out of the house; what the outbox keeps of it is masked."""
    with app.app_context():
        order = db.session.get_one(Message, db.session.scalars(select(func.max(Message.id))).one())
        mail = mail_writing.write_mail(
            mail_writing.Order(order.id, 1, order.template, "de", order.recipient, "", None, order.facts)
        ).mail
        db.session.remove()
    line = next(line for line in mail.text.splitlines() if "/admin/choose/" in line)
    return line[line.index("/admin/") :]


def choose(page: Page, password: str) -> None:
    page.locator("[name=password]").fill(password)
    page.locator("[name=repeated]").fill(password)
    page.get_by_role("button", name="Passwort festlegen").click()
    expect(page.get_by_text("Ihr Passwort ist gewählt.")).to_be_visible()


def log_in(page: Page, password: str) -> None:
    page.get_by_label("E-Mail-Adresse").fill(EMAIL)
    page.get_by_label("Passwort").fill(password)
    page.get_by_role("button", name="Anmelden").click()


@pytest.mark.feature("M2-31")
@pytest.mark.feature("M2-32")
@pytest.mark.feature("S5")
def test_a_colleague_is_invited_sets_up_a_second_factor_and_forgets_the_password(guest: Guest, app: Flask) -> None:
    guest.log_in()
    page = guest.open("/admin/staff/new/")
    page.get_by_label("Name").fill("Nora Neumann")
    page.get_by_label("E-Mail-Adresse").fill(EMAIL)
    page.get_by_label("Rolle").select_option("Support")
    page.get_by_role("button", name="Einladen").click()
    expect(page.get_by_role("heading", name="Link für Nora Neumann")).to_be_visible()
    page.get_by_role("button", name="Abmelden").click()

    guest.open(path_in_the_last_mail(app))
    choose(page, FIRST)
    log_in(page, FIRST)
    page.get_by_role("link", name="Mein Konto").click()
    page.get_by_role("link", name="Einrichten").click()
    page.get_by_role("button", name="Einrichtung beginnen").click()
    expect(page.get_by_role("img", name="QR-Code mit dem Geheimnis für die App")).to_be_visible()
    phone = pyotp.TOTP(page.locator(".secret code").inner_text().replace(" ", ""))
    page.get_by_label("Code aus der App").fill(phone.at(clock.instant()))
    page.get_by_role("button", name="Zweiten Faktor einschalten").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.get_by_role("button", name="Abmelden").click()

    page.get_by_role("link", name="Passwort vergessen?").click()
    page.get_by_label("E-Mail-Adresse").fill(EMAIL)
    page.get_by_role("button", name="Link schicken").click()
    expect(page.get_by_text("./kontor user password")).to_be_visible()
    guest.open(path_in_the_last_mail(app))
    choose(page, SECOND)
    log_in(page, SECOND)
    expect(page.get_by_role("heading", name="Zweiter Schritt")).to_be_visible()
    page.get_by_label("Code").fill(phone.at(clock.instant() + timedelta(seconds=30)))  # the one before counted once
    page.get_by_role("button", name="Weiter").click()
    expect(page.get_by_role("navigation").get_by_text("Nora Neumann")).to_be_visible()
    assert guest.complaints == []
