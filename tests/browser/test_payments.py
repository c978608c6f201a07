"""A person at a real browser marks an invoice as paid, in a dialog, with two clicks on the button."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.admin.furniture import House
from tests.browser.conftest import Guest

pytestmark = pytest.mark.browser


@pytest.mark.feature("M2-14")
@pytest.mark.feature("F1")
def test_an_invoice_is_marked_as_paid_in_a_dialog_and_a_double_click_pays_once(guest: Guest, house: House) -> None:
    guest.log_in()
    page = guest.open(f"/admin/invoices/details/?id={house.invoice}")
    page.get_by_role("link", name="Als bezahlt markieren").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("werden als Zahlungseingang zur Rechnung")
    dialog.get_by_role("button", name="Als bezahlt markieren").dblclick()
    expect(page.get_by_role("status")).to_contain_text("Die Rechnung ist bezahlt.")
    expect(page.locator("#payments tbody tr")).to_have_count(1)
    expect(page.get_by_role("link", name="Als bezahlt markieren")).to_have_count(0)
    assert guest.complaints == []
