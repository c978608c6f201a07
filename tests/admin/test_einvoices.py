"""The invoice's page and the check report: what a person sees of an e-invoice, and what helps when it does not hold."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, update

from extensions import db
from models import Activity, Paper
from services import papers
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import House


@pytest.mark.feature("X-01")
def test_a_stored_invoice_is_checked_again_on_its_report(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        paper = papers.paper_for_invoice(house.invoice)
        assert paper is not None
        papers.draw(paper.id)
    page = owner.get(f"/admin/einvoices/?id={house.invoice}")
    assert "Prüfung bestanden" in page and "Alle Regeln sind eingehalten." in page and "PDF/A-3" in page
    response = owner.client.get(f"/admin/einvoices/xml/?id={house.invoice}")
    assert response.mimetype == "application/xml" and b"CrossIndustryInvoice" in response.data
    assert "attachment" in response.headers["Content-Disposition"]


@pytest.mark.feature("EIN-3")
def test_an_xrechnung_is_ordered_once_and_then_offered(owner: Desk, people: Flask, house: House) -> None:
    where = f"/admin/invoices/details/?id={house.invoice}"
    assert "XRechnung erstellen" in owner.get(where)
    for _ in range(2):
        owner.post("/admin/einvoices/order/", {"id": house.invoice}, where)
    page = owner.get(where)
    assert "XRechnung herunterladen" in page and "XRechnung erstellen" not in page
    with people.app_context():
        kinds = select(Paper.kind).where(Paper.invoice_id == house.invoice)
        assert sorted(db.session.scalars(kinds)) == ["pdf", "xml"]
        assert list(db.session.scalars(select(Activity.code).where(Activity.code == "paper.ordered"))) != []


@pytest.mark.feature("EIN-5")
def test_a_broken_rule_is_told_in_words_with_what_helps(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context(), write() as session:
        values = {"state": "failed", "error": "einvoice_invalid: BR-DE-6, KON-5, BR-99"}
        session.execute(update(Paper).where(Paper.invoice_id == house.invoice).values(**values))
    page = owner.get(f"/admin/invoices/details/?id={house.invoice}")
    assert "Die E-Rechnung besteht die Prüfung nicht und wurde deshalb nicht versandt:" in page
    assert "Die Telefonnummer Ihrer Firma fehlt" in page and "(BR-DE-6)" in page
    assert "Eine USt-IdNr. ist falsch" in page and "Regel BR-99 der Norm" in page
    assert "Neu erzeugen" in page
    assert "Die Telefonnummer Ihrer Firma fehlt" in owner.get("/admin/papers/?state=failed")


@pytest.mark.parametrize("path", ["/admin/einvoices/?id=0", "/admin/einvoices/?id=x", "/admin/einvoices/xml/?id=99999"])
def test_what_does_not_exist_has_no_report(owner: Desk, path: str) -> None:
    owner.get(path, 404)
