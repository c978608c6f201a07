"""Files and messages of a customer's card at a real browser (R-28, R-22)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.admin.furniture import House
from tests.browser.conftest import Guest
from tests.services.test_documents import picture

pytestmark = pytest.mark.browser


@pytest.mark.feature("R-28")
@pytest.mark.feature("R-29")
def test_a_picture_is_uploaded_looked_at_and_sent_with_a_message(guest: Guest, house: House) -> None:
    guest.log_in()
    page = guest.open(f"/admin/customers/documents/?id={house.customer}")
    page.get_by_role("link", name="Erste Datei hochladen").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Dokumente").set_input_files(
        {"name": "Rad.jpg", "mimeType": "image/jpeg", "buffer": picture((300, 200))}
    )
    dialog.get_by_role("button", name="Hochladen").click()
    expect(page.get_by_text("1 Datei ist abgelegt.")).to_be_visible()
    page.get_by_role("link", name="Rad.jpg").click()
    shown = page.get_by_role("img", name="Vorschau von Rad.jpg")
    expect(shown).to_be_visible()
    assert shown.evaluate("each => each.naturalWidth") == 300

    page.get_by_role("link", name="Nachricht", exact=True).click()
    page.get_by_label("Betreff").fill("Ihr Rad {{ customer.number }}")
    page.get_by_label("Text", exact=True).fill("{{ customer.greeting }}")
    letter = page.frame_locator("iframe[name=preview]")
    expect(letter.get_by_text("Guten Tag Änne Müller,")).to_be_visible()
    page.get_by_role("checkbox", name="Rad.jpg").check()
    page.get_by_role("button", name="Nachricht senden").dblclick()
    expect(page.get_by_role("status").first).to_contain_text("Die Nachricht geht gleich hinaus.")
    expect(page.locator(".mails td.lead").first).to_contain_text("Nachricht")
    assert guest.complaints == []
