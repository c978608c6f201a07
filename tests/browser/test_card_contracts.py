"""A person books on the customer's card, sees what it means, moves a payment in a dialog, and is back on the card."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.admin.furniture import House
from tests.browser.conftest import Guest

pytestmark = pytest.mark.browser


@pytest.mark.feature("M1-06")
@pytest.mark.feature("M1-07")
@pytest.mark.feature("M1-15")
def test_a_subscription_is_booked_on_the_card_and_its_next_payment_moved(guest: Guest, house: House) -> None:
    guest.log_in()
    page = guest.open(f"/admin/customers/details/?id={house.customer}")
    page.get_by_role("link", name="Neues Abonnement").click()
    foreseen = page.locator("#foreseen")
    expect(foreseen).to_contain_text("Erste Rechnung")
    page.get_by_label("Zusätze").select_option("HELM")
    expect(foreseen).to_contain_text("Helm")  # the preview follows what is chosen
    page.get_by_label("Ort").fill("Eckernförde")
    page.get_by_role("button", name="Abonnement anlegen").click()
    expect(page.get_by_role("status").first).to_contain_text("Das Abonnement ist angelegt.")
    contracts = page.locator(".contract")
    expect(contracts).to_have_count(4)
    contracts.last.get_by_role("link", name="Nächste Zahlung verlegen").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Nur diese wird verlegt")
    day = dialog.get_by_label("Tag der nächsten Zahlung").input_value()
    moved = f"{int(day[:4]) + 1}{day[4:]}"
    dialog.get_by_label("Tag der nächsten Zahlung").fill(moved)
    dialog.get_by_role("button", name="Nächste Zahlung verlegen").click()
    expect(page.get_by_role("status").first).to_contain_text("Die nächste Zahlung ist verlegt.")
    expect(contracts).to_have_count(4)
    assert guest.complaints == []


def test_what_is_chosen_before_the_script_is_there_is_seen_by_it(guest: Guest, house: House) -> None:
    guest.log_in()
    card = guest.open(f"/admin/customers/details/?id={house.customer}")
    held: list[Route] = []
    card.route("**/js/booking.js*", lambda way: held.append(way))
    booking = card.get_by_role("link", name="Neues Abonnement").get_attribute("href") or ""
    card.goto(guest.address + booking, wait_until="commit")
    card.get_by_label("Zusätze").select_option("HELM")
    while not held:
        card.wait_for_timeout(20)
    for way in held:
        way.continue_()
    expect(card.locator("#foreseen")).to_contain_text("Helm")
