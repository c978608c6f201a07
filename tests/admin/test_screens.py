"""Every screen opens, for everybody who may see it, and what people typed is text and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services import clock
from tests.admin.conftest import Desk
from tests.admin.furniture import XSS, House

LISTS = (
    "customers", "tags", "messages", "subscriptions", "products", "claims", "runs", "invoices", "receivables",
    "payments", "shipments", "papers", "ledger", "activities", "staff", "roles", "number-ranges", "api-keys", "exports",
)  # fmt: skip

TABS = ("subscriptions", "invoices", "payments", "messages", "vouchers")


def screens(house: House) -> list[str]:
    """The address of every page that is read."""
    ids = {
        "customers": house.customer, "subscriptions": house.subscription, "invoices": house.invoice,
        "runs": house.run, "messages": house.message, "activities": 1, "products": 1,
    }  # fmt: skip
    forms = ("customers", "tags", "subscriptions", "products", "staff", "roles", "api-keys")
    edits = ("customers", "tags", "products", "staff", "roles", "number-ranges")
    return [
        "/admin/", "/admin/company/", "/admin/settings/", "/admin/logo/", "/admin/logo/remove/",
        "/admin/hosted-pages/", "/admin/password", "/admin/clock/", "/admin/help/", "/admin/help/customer-record/",
        f"/admin/clock/forward/?to={(clock.today() + timedelta(30)).isoformat()}",
        "/admin/runs/preview/", "/admin/runs/preview/?on=2027-01-31",
        *(f"/admin/{name}/" for name in LISTS),
        *(f"/admin/{name}/details/?id={number}" for name, number in ids.items()),
        *(f"/admin/{name}/new/" for name in forms),
        *(f"/admin/{name}/edit/?id=1" for name in edits),
        f"/admin/customers/details/?id={house.hostile}", f"/admin/customers/delete/confirm/?id={house.customer}",
        f"/admin/customers/link/renew/?id={house.customer}",
        f"/admin/subscriptions/details/?id={house.parked_subscription}",
        *(f"/admin/customers/{tab}/?id={number}" for tab in TABS for number in (house.customer, house.hostile)),
    ]  # fmt: skip


def test_every_screen_opens_in_german(reader: Desk, house: House) -> None:
    for path in screens(house):
        page = reader.get(path)
        assert '<html lang="de">' in page and "Traceback" not in page


@pytest.mark.feature("S8")
def test_what_people_typed_stands_as_text_on_every_screen(reader: Desk, house: House) -> None:
    pages = [reader.get(path) for path in screens(house)]
    assert sum("&lt;svg onload=alert(1)&gt;" in page for page in pages) >= 5
    for page in pages:
        assert XSS not in page and "<svg onload" not in page and "<b>fett" not in page
