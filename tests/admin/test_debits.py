"""Direct debits in the back office: a mandate on the card, the file for the bank, credited, given back."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from admin import payment_files
from billing.money import Money
from extensions import db
from models import Debit, Mandate, PaymentFile, Receivable
from queries.debits import get_waiting
from services import bank_import, clock, company, debit_returns, debits
from services.actor import SYSTEM
from services.payments import Receipt, receive
from services.unit import end_reading
from tests.admin.conftest import Desk
from tests.admin.furniture import IBAN, XSS
from tests.documents.statements import Entry, Part, camt
from tests.services import shop

ISSUED, COLLECTED = date(2026, 11, 23), date(2026, 12, 7)
OTHER = "DE02120300000000202051"


@pytest.fixture
def debtor(people: Flask) -> int:
    """Anna pays by debit; her invoice of 23 November is announced for 7 December."""
    with people.app_context(), clock.stand_at(ISSUED):
        company.change_company(SYSTEM, {"creditor_id": "DE98ZZZ09999999999", "iban": IBAN, "name": "Beispiel GmbH"})
        shop.stock()
        customer_id = shop.somebody(f"Anna{XSS}", email="anna@kundin.example")
        shop.contract(customer_id, starts_on=ISSUED)
        end_reading()
        return customer_id


def grant(owner: Desk, debtor: int, **given: object) -> str:
    page = f"/admin/mandates/?customer={debtor}"
    values = {"customer": debtor, "bank_iban": OTHER, "signed_on": "2026-11-20", "scheme": "CORE"}
    return owner.post(page, values | given, seen_on=page)


def billed(people: Flask) -> None:
    with people.app_context():
        shop.bill(ISSUED)
        end_reading()


@pytest.mark.feature("SEP-1", "X-05")
def test_a_mandate_is_granted_and_revoked_on_the_card(owner: Desk, people: Flask, debtor: int) -> None:
    card = f"/admin/customers/{debtor}/payments/"
    page = grant(owner, debtor)
    assert "Das Mandat ist erteilt." in page and "M-000001" in page and OTHER not in page
    assert "<svg onload" not in page
    page = owner.post("/admin/mandates/revoke/?id=1", {"id": 1}, seen_on="/admin/mandates/revoke/?id=1")
    assert "vom Kunden widerrufen" in page
    with people.app_context():
        assert db.session.get_one(Mandate, 1).state == "revoked"
    assert card


@pytest.mark.feature("SEP-1")
def test_what_can_be_no_mandate_is_said_at_its_field(owner: Desk, debtor: int) -> None:
    page = grant(owner, debtor, scheme="B2B")
    assert "gibt es nur für Firmen" in page
    page = grant(owner, debtor, bank_iban="DE00")
    assert "keine gültige IBAN" in page


@pytest.mark.feature("SEP-5", "SEP-6", "X-05")
def test_from_the_announcement_to_the_money_and_back(
    owner: Desk, people: Flask, debtor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Hier stehen Ihre Lastschriften" in owner.get("/admin/debits/")
    grant(owner, debtor)
    billed(people)
    assert "angekündigt" in owner.get("/admin/debits/") and "07.12.2026" in owner.get("/admin/debits/details/?id=1")
    with people.app_context():
        invoice = db.session.scalar(select(Receivable.invoice_id).join(Debit, Debit.receivable_id == Receivable.id))
    of_invoice = f"/admin/invoices/details/?id={invoice}"
    assert "ist für den 07.12.2026 angekündigt" in owner.get(of_invoice)
    page = owner.post("/admin/debits/make/", {"until": "2026-12-10"}, seen_on="/admin/debits/make/")
    assert "1 Datei wurde erstellt." in page and "KONTOR-D-000001" in page
    assert "liegt in einer Datei, die noch nicht eingereicht ist" in owner.get(of_invoice)
    asked = [f"/admin/{deed}={invoice}" for deed in ("corrections/cancel/?id", "payments/paid/?invoice",
                                                     "payments/record/?invoice")]  # fmt: skip
    assert all("liegt in der Datei KONTOR-D-000001, die noch nicht eingereicht ist" in owner.get(at) for at in asked)
    assert "dann fordert die nächste nur den Rest" in owner.get(f"/admin/corrections/?id={invoice}")
    first = owner.client.get("/admin/payment-files/download/?id=1")
    assert first.mimetype == "application/xml" and first.data == owner.client.get(
        "/admin/payment-files/download/?id=1").data  # fmt: skip
    assert "1 Auftrag über" in owner.get("/admin/payment-files/submit/?id=1")
    nothing = owner.get("/admin/payment-files/transfers/")
    assert "keine Rückzahlung überwiesen" in nothing and ">Datei erstellen<" not in nothing
    page = owner.post("/admin/payment-files/submit/?id=1", {"id": 1}, seen_on="/admin/payment-files/submit/?id=1")
    assert "eingereicht" in page and "Datei verwerfen" not in page
    assert all("liegt bei der Bank (Einzug am 07.12.2026)" in owner.get(at) for at in asked)
    assert "liegt bei der Bank, zum Einzug am 07.12.2026" in owner.get(of_invoice)
    assert "Was sie zu viel einbringt, wird Guthaben" in owner.get(f"/admin/corrections/?id={invoice}")
    assert "Ab 07.12.2026, wenn die Bank einzieht," in page and "Alle als gutgeschrieben buchen" not in page
    there = "/admin/payment-files/credited/?id=1"
    early = owner.post(there, {"id": 1, "on": "2026-11-20"}, seen_on=there)
    assert "zieht diese Datei am 07.12.2026 ein" in early
    with monkeypatch.context() as patch:
        patch.setattr(payment_files, "clock", SimpleNamespace(today=lambda: date(2026, 12, 7)))
        assert "Alle als gutgeschrieben buchen" in owner.get("/admin/payment-files/details/?id=1")
    with people.app_context(), clock.stand_at(date(2026, 12, 8)):
        assert debits.mark_file_paid(SYSTEM, 1, date(2026, 12, 7)) == 1
        db.session.remove()
    page = owner.get("/admin/debits/details/?id=1")
    assert "Rückgabe möglich bis" in page and "01.02.2027" in page and "07.01.2028" in page
    there = "/admin/debits/returned/?id=1"
    early = owner.post(there, {"id": 1, "code": "MD01", "on": "2026-11-21", "fee": "3,50"}, seen_on=there)
    assert "zieht diese Lastschrift am 07.12.2026 ein" in early
    with people.app_context(), clock.stand_at(date(2026, 12, 8)):
        debit_returns.returned(SYSTEM, db.session.get_one(Debit, 1).end_to_end_id, "MD01", date(2026, 12, 8), 350)
        db.session.remove()
    page = owner.get("/admin/debits/details/?id=1")
    assert "zurückgegeben" in page and "Bitte prüfen Sie das Mandat" in page
    assert "Zurückgegeben am" in page and "08.12.2026" in page and "KONTOR-D-000001" in page
    page = owner.post(there, {"id": 1, "code": "MD01", "on": "2026-12-08", "fee": "7,00"}, seen_on=there)
    assert "war schon als zurückgegeben vermerkt" in page and "7,00" not in page
    with people.app_context():
        end_reading()
        assert db.session.get_one(Debit, 1).state == "returned"
        assert db.session.get_one(Mandate, 1).state == "stopped"
        assert shop.findings() == []


@pytest.mark.feature("SEP-6")
def test_a_file_is_thrown_away_and_is_gone(owner: Desk, people: Flask, debtor: int) -> None:
    grant(owner, debtor)
    billed(people)
    with people.app_context():
        debit = db.session.get_one(Debit, 1)
        left = debit.amount_cents - 100
        receive(SYSTEM, debit.receivable_id, Receipt(Money(100, "EUR")))
        end_reading()
        assert get_waiting(date(2026, 12, 10)).cents == left, "what is still open, as the file takes it"
        db.session.remove()
    owner.post("/admin/debits/make/", {"until": "2026-12-10"}, seen_on="/admin/debits/make/")
    with people.app_context():
        assert db.session.get_one(PaymentFile, 1).total_cents == left
    there = "/admin/payment-files/discard/?id=1"
    assert "verworfen" in owner.post(there, {"id": 1}, seen_on=there)
    assert owner.client.get("/admin/payment-files/download/?id=1").status_code == 404
    with people.app_context():
        assert db.session.get_one(PaymentFile, 1).discarded_at is not None


@pytest.mark.feature("SEP-5")
def test_a_movement_that_names_a_debit_and_was_not_booked_tells_why(owner: Desk, people: Flask, debtor: int) -> None:
    grant(owner, debtor)
    billed(people)
    with people.app_context():
        name = db.session.get_one(Debit, 1).end_to_end_id
        content = camt([Entry("11.90", "2026-11-10", [Part(end_to_end=name)])])
        bank_import.bring_in(SYSTEM, bank_import.keep(content, "auszug.xml"))
        db.session.remove()
    page = owner.get("/admin/bank/")
    assert "nennt unsere Lastschrift zur Rechnung" in page and "steht noch in keiner Datei" in page
    assert "/admin/debits/details/?id=1" in page
