"""Issue 5, item 11: staff invite a customer on the card; the customer chooses a password and sees the portal."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.admin.furniture import House
from tests.browser.barriers import violations
from tests.browser.conftest import Guest

pytestmark = pytest.mark.browser
EMAIL, PASSWORD = "erika@kundin.example", "ein langer Satz"
SMALL = "[...document.querySelectorAll('main a, main button, main input:not([type=hidden]), header a, header button')]"


def bars_nobody(page: Page) -> None:
    """axe-core finds nothing, nothing is too small to be hit, nothing runs out of the phone (X-21)."""
    found = violations(page)
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    hit = f"{SMALL}.filter((one) => one.checkVisibility() && one.offsetWidth > 2 && !one.closest('p'))"
    assert page.evaluate(f"{hit}.filter((one) => one.offsetHeight < 44).map((one) => one.outerHTML)") == []


@pytest.mark.feature("R-13")
@pytest.mark.feature("R-15")
@pytest.mark.feature("D-10")
@pytest.mark.feature("X-21")
def test_from_the_invitation_to_the_portal_and_out_again(
    guest: Guest, browser: Browser, address: str, house: House
) -> None:
    guest.log_in()
    card = guest.open(f"/admin/customers/logins/?id={house.customer}")
    card.locator("main .stack").get_by_role("link", name="Zum Kundenportal einladen").click()
    dialog = card.get_by_role("dialog")
    expect(dialog).to_contain_text("sieben Tage lang")
    dialog.get_by_label("E-Mail-Adresse").fill(EMAIL)
    dialog.get_by_role("button", name="Einladung senden").click()
    link = card.locator(".secret code").inner_text()

    context = browser.new_context(viewport={"width": 390, "height": 800}, locale="de-DE", color_scheme="dark")
    customer = Guest(context, address)
    page = customer.open("/portal/choose/" + link.rpartition("/")[2])
    bars_nobody(page)
    page.get_by_label("Neues Passwort", exact=True).fill(PASSWORD)
    page.get_by_label("Neues Passwort noch einmal").fill(PASSWORD)
    page.get_by_role("button", name="Passwort festlegen").click()
    expect(page.get_by_text("Ihr Passwort ist gewählt.")).to_be_visible()
    page.get_by_label("E-Mail-Adresse").fill(EMAIL)
    page.get_by_label("Passwort", exact=True).fill("falsch")
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("alert")).to_contain_text("E-Mail-Adresse oder Passwort")
    bars_nobody(page)
    page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("heading", name="Müller & Söhne GmbH")).to_be_visible()
    expect(page.get_by_text("Rad im Abo").first).to_be_visible()
    bars_nobody(page)
    assert page.locator("script").count() == 0, "nothing here needs one"
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="My invoices")).to_be_visible()

    card = guest.open(f"/admin/customers/logins/?id={house.customer}")
    expect(card.get_by_text("Jetzt im Portal")).to_be_visible()
    card.get_by_role("link", name="Zugang löschen").click()
    card.get_by_role("dialog").get_by_role("button", name="Zugang löschen").click()
    expect(card.get_by_text("Der Zugang ist gelöscht.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    assert [said for said in customer.complaints if "422" not in said] == [] and guest.complaints == []
    context.close()
