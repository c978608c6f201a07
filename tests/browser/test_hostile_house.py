"""A house full of attacks in a real browser: nothing runs, nothing asks, nothing complains."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.admin import hostile
from tests.browser.conftest import Guest

PAGES = (
    "/admin/", "/admin/customers/", "/admin/tags/", "/admin/products/", "/admin/subscriptions/", "/admin/invoices/",
    "/admin/receivables/", "/admin/messages/", "/admin/activities/", "/admin/staff/", "/admin/roles/",
    "/admin/runs/preview/?on=2027-01-31",
)  # fmt: skip
CARDS = ("/admin/customers/", "/admin/subscriptions/", "/admin/invoices/")


@pytest.mark.browser
@pytest.mark.feature("S8")
def test_no_attack_runs_on_the_way_through_the_house(app: Flask, guest: Guest) -> None:
    outside = [path for path in hostile.furnish(app) if path.startswith("/accountdata")]
    guest.log_in()
    for path in PAGES:
        guest.open(path)
    for path in CARDS:
        guest.open(path).locator(f"a[href*='{path}details/']").first.click()
        guest.page.wait_for_url("**/details/**")
        assert guest.page.locator("svg[onload], img[src=x]").count() == 0
    for path in outside[-2:]:
        guest.open(path)
    assert guest.complaints == []
