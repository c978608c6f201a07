"""A person at a real browser gives money back: from the cancelled invoice, with the button's reason, by two people."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.admin.furniture import House
from tests.admin.refund_desk import cancel, four_eyes, pay
from tests.browser.conftest import Guest

pytestmark = pytest.mark.browser


@pytest.mark.feature("M2-02", "M2-09")
@pytest.mark.feature("F1")
def test_a_refund_is_ordered_from_the_cancelled_invoice_once(guest: Guest, app: Flask, house: House) -> None:
    pay(app, house.invoice, "sandbox")
    cancel(app, house.invoice)
    guest.log_in()
    page = guest.open(f"/admin/invoices/details/?id={house.invoice}")
    page.locator("#refunds").get_by_role("link", name="Rückzahlung auslösen").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("gehen auf dem Weg zurück")
    dialog.get_by_role("button", name="zurückzahlen").dblclick()
    expect(page.get_by_role("status")).to_contain_text("Die Rückzahlung ist veranlasst.")
    expect(page.locator("#refunds tbody tr")).to_have_count(1)
    expect(page.locator("#refunds").get_by_role("button", name="Rückzahlung auslösen")).to_be_disabled()
    assert guest.complaints == []


@pytest.mark.feature("M2-05", "X-16")
def test_the_button_says_why_it_is_not_for_use_and_a_second_person_approves(
    guest: Guest, app: Flask, house: House
) -> None:
    pay(app, house.invoice)
    cancel(app, house.invoice)
    four_eyes(app, 1)
    guest.log_in()
    page = guest.open(f"/admin/invoices/details/?id={house.invoice}")
    button = page.locator("#refunds").get_by_role("button", name="Rückzahlung auslösen")
    expect(button).to_be_disabled()
    expect(button).to_have_accessible_description("Das wurde nicht über einen Zahlungsanbieter bezahlt. Der Betrag "
                                                  "kann von Hand zurücküberwiesen werden.")  # fmt: skip
    page.locator("#refunds").get_by_role("link", name="Zurücküberweisen").click()
    page.get_by_role("dialog").get_by_role("button", name="vormerken").click()
    expect(page.locator("#refunds tbody")).to_contain_text("wartet auf Freigabe")
    guest.context.clear_cookies()
    guest.log_in("Buchhaltung")
    page.get_by_role("link", name="Rückzahlungen zeigen").first.click()
    page.locator("tbody tr a").first.click()
    page.get_by_role("link", name="Freigeben").click()
    page.get_by_role("dialog").get_by_role("button", name="freigeben").click()
    expect(page.get_by_role("status")).to_contain_text("Die Rückzahlung ist freigegeben.")
    assert guest.complaints == []
