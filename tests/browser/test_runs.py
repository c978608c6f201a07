"""A person at the start page and at a billing run: sees what waits, mends it, and bills again."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import expect

from models import ParkedCustomer
from services.unit import write
from tests.admin.furniture import House
from tests.browser.conftest import Guest
from tests.browser.test_back_office import inside

pytestmark = pytest.mark.browser


def test_the_start_page_leads_to_who_was_left_out_and_the_button_bills_again(
    guest: Guest, app: Flask, house: House
) -> None:
    with inside(app), write() as session:
        session.add(ParkedCustomer(run_id=house.run, customer_id=house.hostile, subscription_id=0, code="no_vat_rate"))
    guest.log_in()
    page = guest.page
    expect(page.get_by_role("img", name="Wiederkehrender Umsatz")).to_be_visible()
    part = page.locator("#picture-ages")
    expect(part.get_by_role("table")).not_to_be_visible()
    part.get_by_text("Als Tabelle zeigen").click()
    expect(part.get_by_role("row")).to_have_count(7)
    page.get_by_role("link", name="Zurückgestellte zeigen").click()
    expect(page.get_by_role("heading", level=1, name="Zurückgestellt")).to_be_visible()
    row = page.get_by_role("row").filter(has_text=re.compile("Umsatzsteuersatz"))
    row.get_by_role("button", name="Erneut abrechnen").click()
    expect(page.get_by_text("Es war nichts mehr fällig; das ist damit erledigt.")).to_be_visible()
    expect(page.get_by_text("keinen Umsatzsteuersatz")).to_have_count(0)
    assert guest.complaints == []
