"""A person opens a customer's card from the list, walks through its tabs, and does the same on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.admin.furniture import House
from tests.browser.conftest import Guest

pytestmark = pytest.mark.browser


@pytest.mark.feature("P-03")
@pytest.mark.feature("P-05")
@pytest.mark.feature("R-02")
def test_the_card_opens_from_the_list_and_its_tabs_keep_the_head_on_a_screen_and_on_a_phone(
    guest: Guest, house: House
) -> None:
    guest.log_in()
    page = guest.open("/admin/customers/")
    page.get_by_role("link", name="10001", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Müller & Söhne GmbH")
    tabs = page.get_by_role("navigation", name="Teile der Kundenakte")
    for name in ("Abonnements", "Rechnungen", "Zahlungen", "Nachrichten", "Gutscheine"):
        tabs.get_by_role("link", name=name).click()
        expect(tabs.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
        expect(page.get_by_role("heading", level=1)).to_have_text("Müller & Söhne GmbH")
    page.set_viewport_size({"width": 390, "height": 844})
    for name in ("details", "invoices", "payments", "vouchers"):
        guest.open(f"/admin/customers/{name}/?id={house.hostile}")
        assert width(page) <= 390, f"{name} is wider than the phone"
        expect(tabs.locator("[aria-current]")).to_be_in_viewport(ratio=0.9)
    assert guest.complaints == []


def width(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))
