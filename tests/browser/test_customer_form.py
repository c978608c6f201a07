"""At a real browser: a customer is made with little, one alike is shown while typing, two who edit lose nothing, and a
status is chosen in its window."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from extensions import db
from services import customers
from services.actor import SYSTEM
from tests.admin.furniture import House
from tests.browser.barriers import violations
from tests.browser.conftest import Guest

pytestmark = pytest.mark.browser


def bars_nobody(page: Page) -> None:
    """axe-core finds nothing on this page (X-21)."""
    found = violations(page)
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []


@pytest.mark.feature("M1-14")
@pytest.mark.feature("D-4")
@pytest.mark.feature("X-21")
def test_a_record_is_made_with_little_and_one_alike_is_shown_while_typing(guest: Guest, house: House) -> None:
    guest.log_in()
    page = guest.open("/admin/customers/new/")
    expect(page.get_by_label("Vorname")).to_be_visible()
    expect(page.get_by_label("IBAN")).to_be_hidden()
    page.get_by_label("Privatkunde").check()
    expect(page.get_by_label("Organisation")).to_be_hidden()
    page.get_by_label("Nachname").fill("Öztürk")
    page.get_by_label("E-Mail", exact=True).fill("POST@mueller.example")
    expect(page.get_by_text("die zum selben Kunden gehören könnten")).to_be_visible()
    expect(page.get_by_role("button", name="Trotzdem anlegen")).to_be_visible()
    bars_nobody(page)
    page.get_by_label("E-Mail", exact=True).fill("neu@kundin.example")
    page.get_by_role("button", name="Kunden anlegen").click()
    expect(page.get_by_role("heading", name="Öztürk", level=1)).to_be_visible()
    assert guest.complaints == []


@pytest.mark.feature("M1-05")
@pytest.mark.feature("P-13")
@pytest.mark.feature("P-15")
@pytest.mark.feature("X-21")
def test_what_both_changed_is_chosen_side_by_side_and_a_status_in_its_window(
    guest: Guest, app: Flask, house: House
) -> None:
    guest.log_in()
    page = guest.open(f"/admin/customers/edit/?id={house.customer}")
    with app.app_context():
        customers.update_customer(SYSTEM, house.customer, {"first_name": "Anna", "phone": "0431 1"})
        db.session.remove()
    page.get_by_label("Vorname").fill("Änni")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("heading", name="Sie und jemand anderes haben dieses Feld geändert")).to_be_visible()
    bars_nobody(page)
    expect(page.get_by_label("Ihre Eingabe")).to_be_checked()
    page.get_by_role("button", name="Mit dieser Auswahl speichern").click()
    expect(page.get_by_text("Gespeichert.")).to_be_visible()

    page.get_by_text("Verwalten").click()
    page.get_by_role("link", name="Sperren").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("laufenden Verträge werden weiter abgerechnet")).to_be_visible()
    bars_nobody(page)
    dialog.get_by_label("Grund").fill("Zahlt nicht")
    dialog.get_by_role("button", name="Status ändern").click()
    expect(page.get_by_text("Der Kunde ist gesperrt.")).to_be_visible()
    page.get_by_role("link", name="Details").click()
    expect(page.get_by_role("dialog").get_by_text("Zahlt nicht")).to_be_visible()
    assert guest.complaints == []
