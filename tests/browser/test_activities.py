"""A person at a real browser opens tiles one by one and a group at once, and writes down a call with its scan."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.admin.furniture import House
from tests.browser.conftest import Guest

pytestmark = pytest.mark.browser


@pytest.mark.feature("P-16")
@pytest.mark.feature("P-18")
@pytest.mark.feature("R-34")
def test_tiles_open_alone_and_as_a_group_and_a_call_is_added_corrected_and_found(guest: Guest, house: House) -> None:
    guest.log_in()
    page = guest.open(f"/admin/customers/details/?id={house.customer}")
    tiles, opened = page.locator("[data-tiles] > li"), page.locator("[data-tiles] details[open]")
    expect(opened).to_have_count(0)
    tiles.first.locator("summary").click()
    expect(opened).to_have_count(1)
    group = page.get_by_role("button", name="Verträge")
    group.click()
    expect(group).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-group=contracts] details:not([open])")).to_have_count(0)
    group.press("Enter")
    expect(page.locator("[data-group=contracts] details[open]")).to_have_count(0)
    assert "open=" not in page.url

    page.get_by_role("link", name="Notiz hinzufügen").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Art").select_option("Anruf")
    dialog.get_by_label("Text").fill("Bittet um Rückruf wegen der Lastenräder")
    dialog.get_by_label("Anhang").set_input_files(
        {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    dialog.get_by_role("button", name="Hinzufügen").click()
    expect(page.get_by_role("status")).to_contain_text("bei den Aktivitäten")
    note = tiles.first
    expect(note.locator("summary")).to_have_text("Anruf: Bittet um Rückruf wegen der Lastenräder")
    note.locator("summary").click()
    with page.expect_download() as saved:
        note.get_by_role("link", name="Anhang speichern").click()
    assert saved.value.suggested_filename == "plan.pdf"

    note.get_by_role("link", name="Berichtigen").click()
    dialog.get_by_label("Text").fill("Bittet um Rückruf am Montag")
    dialog.get_by_role("button", name="Berichtigung speichern").click()
    expect(tiles.first.locator("summary")).to_have_text("Notiz berichtigt")
    page.get_by_role("link", name="Ausklappen").click()
    page.get_by_role("searchbox").fill("rückruf montag")
    page.get_by_role("searchbox").press("Enter")
    expect(tiles).to_have_count(1)
    assert guest.complaints == []
