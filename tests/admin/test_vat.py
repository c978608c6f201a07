"""The screens of VAT: taxation from a day on, dated rates, consumers in the EU, a customer's checked id."""

from __future__ import annotations

import html
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from extensions import db
from models import Company, TaxMode, VatCheck, VatRate
from services import billing_run, clock, vat_settings
from services.actor import SYSTEM
from services.customers import create_customer
from services.tax_watch import small_business_turnover
from tests.admin.conftest import Desk
from tests.admin.furniture import XSS
from tests.admin.test_forms import stored
from tests.services.test_tax_watch import DAY, FRENCH, sell


def page(text: str) -> str:
    return " ".join(html.unescape(text).replace("\xa0", " ").split())


@pytest.mark.feature("INV-5")
def test_a_small_business_sees_how_near_its_limit_is_and_changes_from_a_day_on(owner: Desk, people: Flask) -> None:
    owner.post("/admin/vat/mode/", {"mode": "small_business", "valid_from": "2026-01-01"})
    assert stored(people, select(TaxMode.mode).order_by(TaxMode.valid_from)) == ["regular", "small_business"]
    shown = page(owner.get("/admin/vat/"))
    assert "Kleinunternehmer" in shown and "von 100.000,00 €" in shown and "von 25.000,00 €" in shown
    again = page(owner.post("/admin/vat/mode/", {"mode": "small_business", "valid_from": "2026-02-01"}))
    assert "So werden wir an diesem Tag schon besteuert." in again


@pytest.mark.feature("INV-5")
@pytest.mark.parametrize(
    ("price", "word"), [("79999.99", None), ("80000", "fast erreicht"), ("100000", "fast erreicht")]
)
def test_the_limit_warns_from_80_per_cent(owner: Desk, people: Flask, price: str, word: str | None) -> None:
    with people.app_context(), clock.stand_at(DAY):
        vat_settings.add_tax_mode(SYSTEM, date(2026, 1, 1), "small_business")
        before = stored_turnover()
        sell(str(Decimal(price) - before), to={"last_name": "Voll", "address": "Weg 1", "zipcode": "1", "city": "K"})
        billing_run.bill(DAY, SYSTEM)
    with clock.stand_at(DAY):
        shown, overview = page(owner.get("/admin/vat/")), page(owner.get("/admin/"))
    assert ("fast erreicht" in shown) is (word is not None)
    assert ("ein Kleinunternehmer darf" in overview) is (word is not None)


def stored_turnover() -> Decimal:
    return Decimal(small_business_turnover(2026)).scaleb(-2)


@pytest.mark.feature("F20")
def test_a_new_rate_from_a_day_ends_the_one_before_it(owner: Desk, people: Flask) -> None:
    values = {"country_code": "DE", "category": "standard", "percent": "20,5", "valid_from": "2027-01-01"}
    assert "Gespeichert." in page(owner.post("/admin/vat-rates/new/", values))
    query = select(VatRate.percent, VatRate.valid_from, VatRate.valid_to, VatRate.origin)
    german = query.where(VatRate.country_code == "DE", VatRate.category == "standard").order_by(VatRate.valid_from)
    with people.app_context():
        rows = [tuple(row) for row in db.session.execute(german).all()][-2:]
    assert rows == [
        (Decimal("19.00"), date(2021, 1, 1), date(2027, 1, 1), "law"),
        (Decimal("20.50"), date(2027, 1, 1), None, "staff"),
    ]
    assert "An genau diesem Tag beginnt schon ein Satz." in page(owner.post("/admin/vat-rates/new/", values))
    wrong = page(owner.post("/admin/vat-rates/new/", values | {"percent": "120", "valid_from": "2028-01-01"}))
    assert "außerhalb" in wrong or "möglich" in wrong


@pytest.mark.feature("INV-11")
def test_rates_that_came_along_are_proposals_until_a_person_confirms_them(owner: Desk, people: Flask) -> None:
    assert "zu prüfen" in page(owner.get("/admin/vat-rates/"))
    (number,) = stored(people, select(VatRate.id).where(VatRate.country_code == "FR"))
    owner.post("/admin/vat-rates/confirm/", {"id": number})
    assert stored(people, select(VatRate.origin).where(VatRate.id == number)) == ["staff"]


@pytest.mark.feature("INV-11")
def test_the_report_for_oss_is_the_sum_of_its_invoices_by_country_and_rate(owner: Desk, people: Flask) -> None:
    owner.post("/admin/vat/oss/", {"oss_from": "2026-01-01"})
    assert stored(people, select(Company.oss_from)) == [date(2026, 1, 1)]
    with people.app_context(), clock.stand_at(DAY):
        for price, country in (("100", "FR"), ("50", "FR"), ("200", "AT")):
            sell(price, to=FRENCH | {"country_code": country})
        billing_run.bill(DAY, SYSTEM)
    shown = page(owner.get("/admin/vat/report/?from=2026-10-01"))
    file = owner.client.get("/admin/vat/report/file/?from=2026-10-01")
    assert all(told in shown for told in ("Frankreich", "150,00 €", "30,00 €", "Österreich", "200,00 €", "40,00 €"))
    assert file.headers["Content-Disposition"] == "attachment; filename=oss-2026-q4.csv"
    assert file.data.decode("utf-8-sig").splitlines()[1:] == [
        "AT;Österreich;20,00;1;200,00;40,00;240,00;EUR", "FR;Frankreich;20,00;2;150,00;30,00;180,00;EUR",
    ]  # fmt: skip
    assert "In diesem Quartal gab es nichts." in page(owner.get("/admin/vat/report/?from=2026-04-01"))
    assert "Meldungen" in page(owner.get("/admin/vat/report/?from=2026-02-30"))


@pytest.mark.feature("INV-7")
def test_the_recapitulative_statement_is_the_sum_of_reverse_charge_by_vat_id(owner: Desk, people: Flask) -> None:
    firm = FRENCH | {"organization": "Radhaus", "country_code": "AT", "vat_id": "ATU13585627"}
    with people.app_context(), clock.stand_at(DAY):
        for price, kind in (("100", "service"), ("50", "e_service"), ("30", "goods")):
            sell(price, kind, to=firm)
        billing_run.bill(DAY, SYSTEM)
    shown = page(owner.get("/admin/vat/report/?from=2026-10-01"))
    assert "150,00 €" in shown and "Leistungen (S)" in shown and "Waren (L)" in shown
    file = owner.client.get("/admin/vat/report/file/?from=2026-10-01&of=ec-sales")
    assert file.data.decode("utf-8-sig").splitlines()[1:] == [
        "ATU13585627;L;1;30,00;EUR", "ATU13585627;S;2;150,00;EUR",
    ]  # fmt: skip


@pytest.mark.feature("INV-9")
@pytest.mark.feature("EB-46")
def test_a_customers_vat_id_is_asked_for_shown_with_its_answers_and_relied_on_by_decision(
    owner: Desk, people: Flask
) -> None:
    with people.app_context():
        number = create_customer(SYSTEM, {"organization": XSS, "country_code": "AT", "vat_id": "ATU13585627"})
        german = create_customer(SYSTEM, {"organization": "Nord GmbH", "vat_id": "DE136695976"})
    place = f"/admin/vat-checks/?id={number}"
    before = owner.get(place)
    assert "Noch wurde niemand gefragt." in page(before) and "nicht bestätigt" in page(before) and XSS not in before
    decided = page(owner.post(f"/admin/vat-checks/decide/?id={number}", {"reason": "Bescheid liegt vor"}))
    assert "anerkannt" in decided and "Bescheid liegt vor" in decided and "Petra Inhaber" in decided
    asked = page(owner.post("/admin/vat-checks/check/", {"id": number}))
    assert "gültig" in asked and "Von der Testumgebung selbst beantwortet" in asked
    assert stored(people, select(VatCheck.result).order_by(VatCheck.id)) == ["decided", "valid"]
    assert f"/admin/vat-checks/?id={number}" in owner.get(f"/admin/customers/details/?id={number}")
    assert "hängt nichts ab" in page(owner.get(f"/admin/vat-checks/?id={german}"))
    owner.get("/admin/vat-checks/?id=999999", 404)


@pytest.mark.feature("INV-9")
def test_how_ids_are_checked_is_set_and_a_slip_is_told_at_its_field(owner: Desk, people: Flask) -> None:
    values = {"vat_check": "before_issue", "vat_check_days": "60", "vat_rely_days": "30", "vat_unconfirmed": "charge"}
    assert "mindestens so lang" in page(owner.post("/admin/vat/checks/", values))
    assert "Gespeichert." in page(owner.post("/admin/vat/checks/", values | {"vat_rely_days": "60"}))
    columns = (Company.vat_check_days, Company.vat_rely_days, Company.vat_unconfirmed)
    assert [stored(people, select(column)) for column in columns] == [[60], [60], ["charge"]]
