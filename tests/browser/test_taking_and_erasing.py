"""A customer's data are taken along, and a record is erased: what a person sees, clicks and reads (R-24, D-5)."""

from __future__ import annotations

import zipfile

import pytest
from flask import Flask
from playwright.sync_api import expect

from extensions import db
from models import CustomerExport
from services import customer_exports, customers
from services.actor import SYSTEM
from tests.admin.furniture import House
from tests.browser.conftest import Guest

pytestmark = pytest.mark.browser


@pytest.mark.feature("R-24")
def test_from_the_card_to_the_file_in_one_s_hands(guest: Guest, app: Flask, house: House) -> None:
    guest.log_in()
    page = guest.open(f"/admin/customers/details/?id={house.customer}")
    page.locator("summary", has_text="Verwalten").click()
    page.get_by_role("link", name="Kundendaten exportieren").click()
    page.get_by_role("button", name="Kundendaten exportieren").click()
    expect(page.get_by_text("wartet")).to_be_visible()
    with app.app_context():
        for number in db.session.query(CustomerExport.id).all():
            customer_exports.work(number[0])
        db.session.remove()
    with page.expect_download() as download:  # the page found out by itself that the file is there
        page.get_by_role("link", name="Herunterladen").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert {"profil.json", "README.txt"} <= set(archive.namelist())
    assert guest.complaints == []


@pytest.mark.feature("D-5")
@pytest.mark.feature("DSG-3")
def test_the_dialog_names_the_reasons_or_what_will_happen(guest: Guest, app: Flask, house: House) -> None:
    with app.app_context():
        gone = customers.create_customer(SYSTEM, {"last_name": "Vergänglich", "email": "v@example.com"})
        db.session.remove()
    guest.log_in()
    page = guest.open(f"/admin/customers/details/?id={house.customer}")
    dialog = page.locator("dialog[open]")
    page.locator("summary", has_text="Verwalten").click()
    page.get_by_role("link", name="Löschen", exact=True).click()
    expect(dialog.get_by_text("lässt sich noch nicht löschen")).to_be_visible()
    expect(dialog.get_by_role("link", name="Zu den Abonnements")).to_be_visible()
    page = guest.open(f"/admin/customers/details/?id={gone}")
    page.locator("summary", has_text="Verwalten").click()
    page.get_by_role("link", name="Löschen", exact=True).click()
    expect(dialog.get_by_text("Es wurde nie etwas ausgestellt")).to_be_visible()
    dialog.get_by_role("button", name="Endgültig löschen").click()
    expect(page.get_by_text("Der Kunde ist gelöscht.")).to_be_visible()
    guest.open("/admin/deletions/")
    expect(page.get_by_text("endgültig gelöscht")).to_be_visible()
    assert guest.complaints == []
