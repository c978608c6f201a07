"""Shipments in the back office: noted from a contract or an invoice, and seen at both."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.admin.conftest import Desk
from tests.admin.furniture import XSS, House

NEW = "/admin/shipments/new/"


def note(desk: Desk, **values: object) -> str:
    given = {"shipped_on": "2026-11-15", "status": "shipped"}
    return desk.post(NEW, given | values, seen_on=NEW)


@pytest.mark.feature("M2-33")
@pytest.mark.feature("M2-35")
def test_a_shipment_is_noted_for_a_contract_seen_at_both_and_changed(owner: Desk, people: Flask, house: House) -> None:
    page = owner.get(f"/admin/subscriptions/details/?id={house.subscription}")
    assert "Es wurde noch nichts versendet." in page and f"subscription_id={house.subscription}" in page
    assert f'value="{house.subscription}"' in owner.get(f"{NEW}?subscription_id={house.subscription}")
    page = note(owner, subscription_id=house.subscription, tracking_number=f"T1{XSS}", carrier="DHL")
    assert "RE-2026-" in page and "T1&#34;&gt;&lt;svg" in page and "Rad im Abo" in page, "at its invoice"
    assert "DHL" in owner.get(f"/admin/subscriptions/details/?id={house.subscription}")
    page = owner.post("/admin/shipments/edit/", {
        "id": 1, "version": 1, "shipped_on": "2026-11-16", "status": "delivered", "articles": "2 RAD-1 Rad\n0,5 X",
        "invoice_id": "",
    }, seen_on="/admin/shipments/edit/?id=1")  # fmt: skip
    assert "zugestellt" in page and "2 × Rad" in page and "0.5 × X" in page
    assert owner.get("/admin/shipments/?search=T1").count("<tr data-id") == 1
    assert owner.get("/admin/shipments/?status=planned&from=2026-11-01").count("<tr data-id") == 0
    owner.post("/admin/shipments/delete/", {"id": 1})
    assert "Hier stehen die Lieferungen" in owner.get("/admin/shipments/")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "Bitte füllen Sie dieses Feld aus"),
        ({"subscription_id": "4711"}, ""),
        ({"subscription_id": "x"}, ""),
        ({"invoice_id": "RE-1"}, ""),
        ({"subscription_id": "1", "articles": "Kaffee"}, "eine Menge und eine Artikelnummer"),
    ],
)
def test_what_cannot_be_stands_at_its_field(
    owner: Desk, people: Flask, house: House, values: dict[str, object], said: str
) -> None:
    page = note(owner, **values)
    assert 'aria-invalid="true"' in page and said in page
    assert "Hier stehen die Lieferungen" in owner.get("/admin/shipments/")
