"""A person at a list: searches, filters, sorts, turns pages, tags many in a dialog, and takes the list along."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask import Flask
from playwright.sync_api import expect

from extensions import db
from services import customers
from services.actor import SYSTEM
from tests.admin.furniture import House
from tests.admin.test_screens import LISTS
from tests.browser.conftest import Guest

pytestmark = pytest.mark.browser


@pytest.mark.feature("M1-42")
@pytest.mark.feature("P-01")
def test_a_list_is_searched_sorted_paged_tagged_and_taken_along(guest: Guest, app: Flask, house: House) -> None:
    with app.app_context():
        for number in range(25):
            customers.create_customer(SYSTEM, {"customer_type": "business", "organization": f"Laden {number:02}"})
        db.session.remove()
    guest.log_in()
    page = guest.open("/admin/customers/")
    page.get_by_label("Zeilen je Seite").select_option("20")
    expect(page.get_by_role("row")).to_have_count(21)
    page.get_by_role("searchbox").fill("laden")
    page.get_by_role("button", name="Suchen").click()
    page.get_by_role("columnheader", name="Name").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("link", name="Weiter").click()
    expect(page.get_by_text("21–25 von 25")).to_be_visible()
    expect(page.get_by_role("link", name="Laden 24")).to_be_visible()
    page.get_by_role("link", name="Zurück").click()
    expect(page.get_by_text("1–20", exact=True)).to_be_visible()

    page.get_by_label("Alle Zeilen dieser Seite auswählen").check()
    expect(page.get_by_text("20 ausgewählt:")).to_be_visible()
    page.get_by_role("button", name="Tag vergeben").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("20 Kunden erhalten den Tag.")).to_be_visible()
    dialog.get_by_label("Tag").fill("Ladengeschäft")
    dialog.get_by_role("button", name="Tag vergeben").click()
    expect(page.get_by_text("Der Tag „Ladengeschäft“ wurde an 20 Kunden vergeben.")).to_be_visible()

    guest.open("/admin/customers/").locator("select[name=tag]").select_option("Ladengeschäft")
    page.wait_for_url(re.compile(r"tag=\d+"))
    expect(page.get_by_role("row")).to_have_count(21)
    page.locator("details.menu summary").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Als CSV exportieren").click()
    rows = list(csv.DictReader(io.StringIO(started.value.path().read_text("utf-8-sig")), delimiter=";"))
    assert len(rows) == 20 and {row["Firma"][:6] for row in rows} == {"Laden "}
    page.get_by_role("link", name="Alle zeigen").click()
    expect(page.get_by_role("row")).to_have_count(21)
    assert guest.complaints == []


TOO_WIDE = """[document.documentElement, ...document.querySelectorAll("main .panel")]
    .filter(each => each.scrollWidth > each.clientWidth + 1).length"""


@pytest.mark.parametrize("width", [1280, 1400])
def test_every_list_shows_all_of_its_columns_on_a_common_screen(guest: Guest, house: House, width: int) -> None:
    guest.log_in()
    guest.page.set_viewport_size({"width": width, "height": 900})
    found = [name for name in LISTS if guest.open(f"/admin/{name}/").evaluate(TOO_WIDE)]
    assert found == []
