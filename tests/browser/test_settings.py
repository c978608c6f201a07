"""A person at a real browser in the settings: company, logo, number range with its preview, an address to copy."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.admin.furniture import House
from tests.browser.conftest import Guest
from tests.services.test_logo import picture

pytestmark = pytest.mark.browser


@pytest.mark.feature("M1-35")
@pytest.mark.feature("M1-24")
def test_the_owner_sets_the_house_up(guest: Guest, house: House, tmp_path: Path) -> None:
    guest.log_in()
    page = guest.page
    page.get_by_role("link", name="Einstellungen", exact=True).click()
    page.get_by_role("main").get_by_role("link", name="Firma", exact=True).click()
    page.get_by_label("Ort", exact=True).fill("Altona")
    page.get_by_role("button", name="Speichern").click()
    expect(page.locator(".foot-preview")).to_contain_text("Altona")

    tree = page.get_by_role("navigation", name="Einstellungen")
    tree.get_by_role("link", name="Logo").click()
    (tmp_path / "logo.png").write_bytes(picture())
    page.get_by_label("Bild", exact=True).set_input_files(tmp_path / "logo.png")
    page.get_by_role("button", name="Dieses Logo verwenden").click()
    shown = page.get_by_role("img", name="Logo von Radwerk Musterstadt GmbH")
    expect(shown).to_be_visible()
    assert shown.evaluate("(img) => img.naturalWidth") == 300

    tree.get_by_role("link", name="Nummernkreise").click()
    page.get_by_role("link", name="Kundennummern").click()
    page.get_by_label("Präfix").fill("K-")
    page.get_by_label("Jahr", exact=True).select_option("YY")
    page.get_by_label("Trennzeichen").fill("/")
    expect(page.get_by_role("status").first).to_contain_text("K-26/10007")
    page.get_by_label("Präfix").fill("{K")
    expect(page.get_by_role("status").first).to_contain_text("Muster")
    page.get_by_label("Präfix").fill("K")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("cell", name="K{YY}/{N:5}")).to_be_visible()

    tree.get_by_role("link", name="Hosted Pages").click()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Kopieren").nth(1).click()
    expect(page.get_by_role("button", name="Kopiert")).to_be_visible()
    assert "/accountdata/" in page.evaluate("navigator.clipboard.readText()")
    assert guest.complaints == []
