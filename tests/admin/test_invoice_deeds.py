"""A one-off invoice at the desk: written, looked at, issued, corrected and cancelled, each with its figures first."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from billing.money import Money
from extensions import db
from models import Customer, Invoice, InvoiceLine, Receivable
from services import clock, payments, write_offs
from services.actor import SYSTEM
from tests.admin.conftest import Desk
from tests.admin.furniture import House

NEW = "/admin/drafts/"


def rows(app: Flask, query: Any) -> list[Any]:
    with app.app_context():
        found = list(db.session.scalars(query))
        db.session.expunge_all()
        db.session.remove()
        return found


def customer(app: Flask) -> str:
    """The number of somebody whose address is complete."""
    with app.app_context():
        number = db.session.scalar(select(Customer.number).where(Customer.city != "").order_by(Customer.id))
        db.session.remove()
        return str(number)


def head(app: Flask, **more: object) -> dict[str, object]:
    return {"customer": customer(app), "title": "Werkstatt", "service_from": "2026-11-02", "currency_code": "EUR",
            "is_gross": "False", "payment_type": "1", "days_for_payment": "14", **line(0), **more}  # fmt: skip


def line(place: int, **more: object) -> dict[str, object]:
    values = {"title": "Montage", "quantity": "3,5", "unit_price": "64,00", "vat_category": "standard",
              "supply_kind": "service", **more}  # fmt: skip
    return {f"lines-{place}-{name}": value for name, value in values.items()}


def drafted(desk: Desk, app: Flask, **more: object) -> int:
    desk.post(NEW, head(app, **more), NEW)
    return int(rows(app, select(Invoice.id).where(Invoice.status == "draft").order_by(Invoice.id.desc()))[0])


def issued(desk: Desk, app: Flask, **more: object) -> int:
    number = drafted(desk, app, **more)
    asked = f"/admin/drafts/issue/?id={number}"
    version = re.findall(r'name="version" value="(\w+)"', desk.get(asked))[0]
    desk.post("/admin/drafts/issue/", {"id": number, "version": version}, asked)
    return number


@pytest.fixture
def desk(desk_of: Callable[[str], Desk]) -> Desk:
    return desk_of("Buchhaltung")


@pytest.mark.feature("M1-08")
def test_an_invoice_is_written_from_the_record_and_stands_as_a_draft(desk: Desk, people: Flask) -> None:
    page = desk.get(f"{NEW}?customer={customer(people)}")
    assert f'type="hidden" name="customer" value="{customer(people)}"' in page and "lines-0-title" in page
    page = desk.post(NEW, head(people, **{"lines-0-discount_percent": "10"}), NEW)
    assert "Als Entwurf gespeichert" in page and "239,90" in page and "Rabatt 10 %" in page
    (row,) = rows(people, select(Invoice).where(Invoice.status == "draft"))
    assert (row.number, row.gross_cents, row.title) == (None, 23990, "Werkstatt")
    for listed in ("/admin/invoices/", f"/admin/customers/invoices/?id={row.customer_id}"):
        assert f'<a href="/admin/invoices/details/?id={row.id}">Entwurf</a>' in desk.get(listed), "it has no number"


@pytest.mark.feature("M1-08")
def test_an_invoice_takes_a_customers_name_and_suggests_them(desk: Desk, people: Flask, house: House) -> None:
    assert "data-suggest" in desk.get(NEW)
    chosen = desk.client.get("/admin/drafts/suggest/?q=Groß").json["choices"][0]
    for typed in ("Änne Groß", chosen):
        assert "Als Entwurf gespeichert" in desk.post(NEW, head(people, customer=typed), NEW)
    several = desk.post(NEW, head(people, customer="Müller"), NEW)
    assert "Mehrere Kunden passen:" in several and "customer-help" in several
    assert "keinen Kunden" in desk.post(NEW, head(people, customer="niemand"), NEW)
    assert chosen.split(" · ")[1] in desk.post(NEW, head(people, customer=chosen, do="add"), NEW)
    assert len(rows(people, select(Invoice).where(Invoice.status == "draft"))) == 2


@pytest.mark.feature("M1-08")
def test_rows_are_added_and_removed_without_a_script_and_nothing_is_saved_by_it(desk: Desk, people: Flask) -> None:
    page = desk.post(NEW, head(people, do="add"), NEW)
    assert 'name="lines-1-title"' in page and 'value="Montage"' in page and 'value="3,5"' in page
    page = desk.post(NEW, head(people, do="remove:lines-0"), NEW)
    assert "lines-0-title" not in page and "Noch keine Position" in page
    assert rows(people, select(Invoice).where(Invoice.status == "draft")) == []


@pytest.mark.feature("M1-08")
def test_a_product_fills_a_row(desk: Desk, people: Flask) -> None:
    page = desk.get(NEW)
    number = re.findall(r'<select name="product">\s*<option value="([^"]+)"', page)[0]
    page = desk.post(NEW, head(people, do="product", product=number), NEW)
    assert f'name="lines-1-article_number" type="hidden" value="{number}"' in page


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"lines-0-unit_price": "viel"}, "Bitte geben Sie eine Zahl"),
        ({"lines-0-title": ""}, "lines-0-title-help"),
        ({"lines-0-discount_percent": "101"}, "lines-0-discount_percent-help"),
        ({"customer": "gibt-es-nicht"}, "customer-help"),
        ({"service_last": "2026-11-01"}, "service_last-help"),
        ({"cash_discount_percent": "2", "cash_discount_days": "20"}, "cash_discount_days-help"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    desk: Desk, people: Flask, wrong: dict[str, object], told: str
) -> None:
    page = desk.post(NEW, head(people, **wrong), NEW)
    assert told in page and "<strong>" in page and 'value="Werkstatt"' in page
    assert rows(people, select(Invoice).where(Invoice.status == "draft")) == []


def test_a_draft_is_edited_and_who_saw_an_older_one_is_told(desk: Desk, people: Flask) -> None:
    number = drafted(desk, people)
    address = f"/admin/drafts/edit/?id={number}"
    version = re.findall(r'name="version" value="(\w+)"', desk.get(address))[0]
    ident = re.findall(r'name="lines-0-id" type="hidden" value="(\d+)"', desk.get(address))[0]
    values = head(people, id=number, version=version, title="anders", **{"lines-0-id": ident, "lines-0-quantity": "1"})
    assert "76,16" in desk.post(address, values, address)
    page = desk.post(address, {**values, "title": "veraltet"}, address)
    assert "inzwischen von anderer Seite geändert" in page and 'value="veraltet"' in page
    (row,) = rows(people, select(Invoice).where(Invoice.id == number))
    assert row.title == "anders"
    assert rows(people, select(InvoiceLine.id).where(InvoiceLine.invoice_id == number)) == [int(ident)]


@pytest.mark.feature("M1-08")
def test_a_draft_is_shown_as_a_paper_asked_for_with_figures_and_issued(desk: Desk, people: Flask) -> None:
    number = drafted(desk, people)
    assert desk.client.get(f"/admin/drafts/paper/?id={number}").data[:5] == b"%PDF-"
    asked = desk.get(f"/admin/drafts/issue/?id={number}")
    assert "266,56" in asked and "Rechnung ausstellen" in asked
    assert issued(desk, people)
    (row,) = rows(people, select(Invoice).where(Invoice.title == "Werkstatt", Invoice.status == "issued"))
    assert row.number and row.gross_cents == 26656


@pytest.mark.feature("M1-08")
def test_whoever_issues_twice_or_has_the_question_open_elsewhere_is_led_to_the_invoice(
    desk: Desk, people: Flask
) -> None:
    number = issued(desk, people)
    (row,) = rows(people, select(Invoice).where(Invoice.id == number))
    for again in (desk.post("/admin/drafts/issue/", {"id": number, "version": "x"}, NEW),
                  desk.client.get(f"/admin/drafts/edit/?id={number}", follow_redirects=True).text):  # fmt: skip
        assert f"Ausgestellt als {row.number}." in again and "Code 404" not in again
    assert len(rows(people, select(Invoice).where(Invoice.title == "Werkstatt", Invoice.status == "issued"))) == 1


@pytest.mark.feature("M1-08")
def test_the_day_it_is_due_and_the_cash_discount_stand_on_the_draft_and_on_the_invoice(
    desk: Desk, people: Flask
) -> None:
    agreed = {"days_for_payment": "14", "cash_discount_percent": "2", "cash_discount_days": "7"}
    number = drafted(desk, people, **agreed)
    with people.app_context():
        today = clock.today()
    due, until = (f"{today + timedelta(days):%d.%m.%Y}" for days in (14, 7))
    page = desk.get(f"/admin/invoices/details/?id={number}")
    assert f"14 Tage nach dem Ausstellen, von heute an der {due}" in page
    assert "2 % bei Zahlung innerhalb von 7 Tagen: 5,33\xa0€" in page
    number = issued(desk, people, **agreed)
    page = desk.get(f"/admin/invoices/details/?id={number}")
    assert f"<dt>Fällig</dt><dd>{due}</dd>" in page and f"2 % bei Zahlung bis {until}: 5,33\xa0€" in page


def test_the_currencies_in_use_stand_before_all_others(desk: Desk, people: Flask) -> None:
    page = desk.get(NEW)
    used, others = page.partition('<optgroup label="In Gebrauch">')[2].partition(
        '<optgroup label="Weitere Währungen">'
    )[::2]
    assert re.findall(r'value="([A-Z]{3})"', used) == ["EUR"] and 'value="CHF"' in others
    assert "Als Entwurf gespeichert" in desk.post(NEW, head(people, currency_code="CHF"), NEW)


@pytest.mark.feature("D-9")
def test_the_question_before_issuing_names_the_credit_that_will_settle_it(desk: Desk, people: Flask) -> None:
    number = drafted(desk, people)
    asked = f"/admin/drafts/issue/?id={number}"
    assert "aus dem Guthaben" not in desk.get(asked)
    with people.app_context():
        row = db.session.get_one(Invoice, number)
        receipt = payments.Receipt(Money(10_000, "EUR"), clock.today(), "bank")
        payments.prepay(SYSTEM, row.customer_id, receipt)
        db.session.remove()
    assert "Davon werden 100,00\xa0€ aus dem Guthaben des Kunden beglichen; zu zahlen bleiben 166,56\xa0€." in desk.get(
        asked
    )
    version = re.findall(r'name="version" value="(\w+)"', desk.get(asked))[0]
    desk.post("/admin/drafts/issue/", {"id": number, "version": version}, asked)
    page = desk.get(f"/admin/invoices/details/?id={number}")
    section = page.partition('id="payments"')[2].partition("</section>")[0]
    assert "Guthaben verrechnet" in section and "100,00\xa0€" in section and "noch nichts bezahlt" not in section


@pytest.mark.feature("COR-4")
def test_the_question_before_a_cancellation_counts_what_was_written_off(desk: Desk, people: Flask) -> None:
    number = issued(desk, people)
    with people.app_context():
        owed = db.session.scalars(select(Receivable.id).where(Receivable.invoice_id == number)).one()
        write_offs.write_off(SYSTEM, owed, "insolvent")
        db.session.remove()
    asked = desk.get(f"/admin/corrections/cancel/?id={number}")
    assert "266,56\xa0€ davon waren ausgebucht" in asked and "zugeschrieben" not in asked
    assert "Davon war nichts bezahlt" in asked


@pytest.mark.feature("INV-2")
def test_what_the_law_asks_for_is_said_before_it_can_be_issued(desk: Desk, people: Flask) -> None:
    number = drafted(desk, people, service_from="")
    assert "das Gesetz noch: Leistungszeit" in desk.get(f"/admin/invoices/details/?id={number}")
    asked = desk.get(f"/admin/drafts/issue/?id={number}")
    assert "Es fehlen Angaben" in asked and "Rechnung ausstellen</button>" not in asked
    version = re.findall(r'name="version" value="(\w+)"', asked)[0]
    assert "verlangt das Gesetz" in desk.post("/admin/drafts/issue/", {"id": number, "version": version}, NEW)
    assert rows(people, select(Invoice.status).where(Invoice.id == number)) == ["draft"]


def test_a_draft_is_deleted_after_a_question(desk: Desk, people: Flask) -> None:
    number = drafted(desk, people)
    assert "wird gelöscht" in desk.get(f"/admin/drafts/delete/?id={number}")
    assert "Der Entwurf ist gelöscht" in desk.post("/admin/drafts/delete/", {"id": number}, NEW)
    desk.get(f"/admin/drafts/edit/?id={number}", 404)


@pytest.mark.feature("COR-1")
@pytest.mark.feature("D-1")
def test_a_correction_says_what_it_comes_to_before_it_is_issued(desk: Desk, people: Flask) -> None:
    number = issued(desk, people)
    address = f"/admin/corrections/?id={number}"
    (ident,) = rows(people, select(InvoiceLine.id).where(InvoiceLine.invoice_id == number))
    values = {"id": number, "seen": 0, f"line-{ident}-quantity": "1", "reason": "Kulanz"}
    page = desk.post("/admin/corrections/", {**values, "do": "look"}, address)
    assert "-76,16" in page and rows(people, select(Invoice).where(Invoice.original_id == number)) == []
    stale = desk.post("/admin/corrections/", {**values, "do": "issue", "agreed": -1}, address)
    assert "-76,16" in stale and rows(people, select(Invoice).where(Invoice.original_id == number)) == []
    page = desk.post("/admin/corrections/", {**values, "do": "issue", "agreed": -7616}, address)
    assert "RK-" in page
    page = desk.get(f"/admin/invoices/details/?id={number}")
    assert "teilweise korrigiert" in page and "190,40" in page


@pytest.mark.feature("D-1")
@pytest.mark.parametrize(
    ("field", "value", "told"),
    [("quantity", "9", "mehr, als von der Position"), ("unserved_from", "2026-12-24", "außerhalb des Zeitraums"),
     ("quantity", "x", "Bitte geben Sie eine Zahl"), ("quantity", "", "mindestens eine Position")],
)  # fmt: skip
def test_a_correction_that_cannot_be_is_refused_with_what_was_typed(
    desk: Desk, people: Flask, field: str, value: str, told: str
) -> None:
    number = issued(desk, people)
    (ident,) = rows(people, select(InvoiceLine.id).where(InvoiceLine.invoice_id == number))
    values = {"id": number, f"line-{ident}-{field}": value, "reason": "bleibt stehen", "do": "look"}
    page = desk.post("/admin/corrections/", values, f"/admin/corrections/?id={number}")
    assert told in page and 'value="bleibt stehen"' in page


@pytest.mark.feature("COR-1")
@pytest.mark.feature("M2-08")
def test_an_invoice_is_cancelled_after_a_question_with_figures_and_only_once(
    desk: Desk, people: Flask, house: House
) -> None:
    number = issued(desk, people)
    address = f"/admin/corrections/cancel/?id={number}"
    assert "-266,56" in desk.get(address)
    page = desk.post("/admin/corrections/cancel/", {"id": number, "seen": 0, "reason": "doppelt"}, address)
    assert "SR-" in page and "Stornorechnung" in page
    assert "storniert" in desk.get(f"/admin/invoices/details/?id={number}")
    assert "nichts mehr zu stornieren" in desk.get(address)
    desk.post("/admin/corrections/cancel/", {"id": number, "seen": 0}, NEW)
    assert len(rows(people, select(Invoice.id).where(Invoice.original_id == number))) == 1


def test_a_draft_or_a_correction_has_no_correction(desk: Desk, people: Flask) -> None:
    for number in (drafted(desk, people), 4711):
        desk.get(f"/admin/corrections/?id={number}", 404)
        desk.get(f"/admin/corrections/cancel/?id={number}", 404)


def test_the_list_tells_the_state_of_each_document_and_finds_the_cancelled(desk: Desk, people: Flask) -> None:
    number = issued(desk, people)
    drafted(desk, people, title="noch ein Entwurf")
    desk.post("/admin/corrections/cancel/", {"id": number, "seen": 0}, NEW)
    page = desk.get("/admin/invoices/")
    assert all(word in page for word in ("storniert", "Entwurf", "Neue Rechnung"))
    page = desk.get("/admin/invoices/?owing=cancelled")
    assert f"id={number}" in page and page.count("<tr data-id") == 1


@pytest.mark.feature("M1-08")
def test_many_drafts_are_issued_and_many_invoices_cancelled_after_a_question(desk: Desk, people: Flask) -> None:
    first, second = drafted(desk, people), drafted(desk, people, title="zwei")
    asked = desk.get(f"/admin/invoices/many/issue/?id={first}&id={second}")
    assert "2 Entwürfe werden ausgestellt" in asked
    desk.post("/admin/invoices/many/issue/", {"id": [first, second]}, NEW)
    assert rows(people, select(Invoice.status).where(Invoice.id.in_([first, second]))) == ["issued", "issued"]
    page = desk.post("/admin/invoices/many/delete/", {"id": [first]}, NEW)
    assert "kein Entwurf mehr" in page
    desk.post("/admin/invoices/many/cancel/", {"id": [first, second], "reason": "doppelt"}, NEW)
    assert len(rows(people, select(Invoice.id).where(Invoice.original_id.in_([first, second])))) == 2
