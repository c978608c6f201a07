"""A person finds a duplicate, compares, takes a value over by its arrow, and merges; without scripts too."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from extensions import db
from services import customers
from services.actor import SYSTEM
from tests.admin.furniture import House
from tests.browser.conftest import Guest

pytestmark = pytest.mark.browser


def twin(app: Flask, **values: str) -> None:
    with app.app_context():
        customers.create_customer(SYSTEM, {"customer_type": "business", "organization": "Doppelte Werft", **values})
        db.session.remove()


@pytest.mark.feature("R-19", "R-20", "R-21")
def test_a_duplicate_is_found_compared_and_merged(guest: Guest, app: Flask, house: House) -> None:
    twin(app, phone="0431 998877", email="werft@example.com")
    guest.log_in()
    page = guest.open(f"/admin/customers/details/?id={house.customer}")
    page.get_by_text("Verwalten").click()
    page.get_by_role("link", name="Zusammenführen mit").click()
    page.get_by_role("combobox", name="Zweite Akte").press_sequentially("doppelte")
    page.get_by_role("option", name=re.compile("Doppelte Werft")).click()
    page.get_by_role("button", name="Vergleichen").click()
    expect(page.get_by_role("heading", name="Was zusammenkommt")).to_be_visible()
    compare(page)
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing hangs over the edge"
    page.get_by_role("button", name="Akten zusammenführen").click()
    expect(page.get_by_role("heading", level=1, name="Doppelte Werft")).to_be_visible()
    expect(page.get_by_text("In dieser Akte aufgegangen: 10007")).to_be_visible()
    expect(page.get_by_text("Großkunde", exact=True)).to_be_visible()
    assert guest.complaints == []


def compare(page: Page) -> None:
    """The arrow is the label of the other value: it works where no script runs."""
    row = page.get_by_role("group", name="Organisation")
    expect(row.get_by_role("radio", name="Müller & Söhne GmbH")).to_be_checked()
    row.locator(".arrow").click()
    expect(row.get_by_role("radio", name="Doppelte Werft")).to_be_checked()
    mail = page.get_by_role("group", name="E-Mail", exact=True)
    expect(mail.get_by_role("radio", name="post@mueller.example")).to_be_checked()


@pytest.mark.feature("R-21")
def test_two_ticked_rows_are_merged_without_a_script(guest: Guest, app: Flask, house: House) -> None:
    twin(app)
    guest.log_in()
    state = guest.context.storage_state()
    browser = guest.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False, storage_state=state, locale="de-DE")
    page = context.new_page()
    page.goto(guest.address + "/admin/customers/")
    page.get_by_role("row", name=re.compile("Müller")).get_by_role("checkbox").check()
    page.get_by_role("button", name="Zusammenführen").click()
    expect(page.get_by_text("Bitte haken Sie genau zwei Akten an")).to_be_visible()
    for name in ("Doppelte", "Müller"):
        page.get_by_role("row", name=re.compile(name)).get_by_role("checkbox").check()
    page.get_by_role("button", name="Zusammenführen").click()
    for stays in ("10007", "10001"):
        page.get_by_role("link", name=f"Tauschen: {stays} bleibt").click()
    compare(page)
    page.get_by_role("button", name="Akten zusammenführen").click()
    expect(page.get_by_text("Die beiden Akten sind jetzt eine.")).to_be_visible()
    context.close()
