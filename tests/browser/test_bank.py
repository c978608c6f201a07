"""A person at a real browser brings a statement in, looks first, and books a suggestion by one click."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.admin.furniture import House
from tests.browser.conftest import Guest
from tests.documents.statements import camt, paid_in

pytestmark = pytest.mark.browser


@pytest.mark.feature("X-06")
def test_a_statement_is_looked_at_brought_in_and_its_suggestion_booked(
    guest: Guest, house: House, tmp_path: Path
) -> None:
    guest.log_in()
    page = guest.open(f"/admin/invoices/details/?id={house.invoice}")
    number = page.locator("h1").inner_text().split()[-1]
    file = tmp_path / "auszug.xml"
    file.write_bytes(camt([paid_in("9999.00", f"Rechnung {number}", day="2026-11-10", name="Jana Vogel")]))

    page = guest.open("/admin/bank/upload/")
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name="Datei ansehen").click()
    expect(page.get_by_role("heading", name="Kontoauszug ansehen")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Jana Vogel")
    page.get_by_role("button", name="Einlesen").click()

    expect(page.locator(".offer")).to_contain_text("Als Guthaben")
    page.get_by_role("link", name="So verbuchen …").click()  # almost all of it: perhaps a digit too many
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("werden Guthaben von")
    question.get_by_role("button", name="Umsatz verbuchen").click()
    expect(page.get_by_role("status")).to_contain_text("Der Umsatz ist verbucht.")
    guest.open("/admin/bank/?state=booked")
    expect(page.locator(".movements")).to_contain_text(number)
    assert guest.complaints == []
