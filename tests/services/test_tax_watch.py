"""Limits of the year, met while a run is planned: who is taxed otherwise, and who waits for a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError

from billing.periods import Interval
from extensions import db
from models import Company, Invoice, LocationEvidence, ParkedCustomer
from services import billing_preview, billing_run, clock, corrections, parked, sealing, tax_watch, vat_settings
from services.actor import SYSTEM, Actor
from services.checks import check_books
from services.customers import create_customer
from services.paper_data import invoice_paper
from services.products import create_product
from services.subscriptions import Booking, Order, create_subscription
from services.unit import end_reading, write

ANKE = Actor("staff", 7, "Anke")
DAY, NEXT = date(2026, 9, 1), date(2026, 10, 1)
FRENCH = {"last_name": "Dupont", "address": "Rue de la Paix 1", "zipcode": "75002", "city": "Paris",
          "country_code": "FR"}  # fmt: skip
GERMAN = {"last_name": "Beispiel", "address": "Lindenallee 1", "zipcode": "20095", "city": "Hamburg"}


def sell(price: str, kind: str = "e_service", *, to: Mapping[str, Any] | None = None, gross: bool = False,
         **product: Any) -> int:  # fmt: skip
    """A customer with a monthly contract from the first of September; gives the customer's id."""
    with clock.stand_at(DAY):
        customer_id = create_customer(SYSTEM, to or FRENCH)
        number = f"P{customer_id}"
        create_product(SYSTEM, {"number": number, "title": "Kurs", "unit_price": Decimal(price), "supply_kind": kind,
                                "is_gross": gross, "interval": Interval.parse("1 month")} | product)  # fmt: skip
        create_subscription(SYSTEM, Order(customer_id, Booking(number), starts_on=DAY))
    return customer_id


def run(day: date = DAY) -> tuple[int, int]:
    with clock.stand_at(day):
        counts = billing_run.bill(day, SYSTEM).counts
    return counts.issued, counts.failed


def issued() -> list[tuple[str, int, int, int]]:
    end_reading()
    rows = db.session.scalars(select(Invoice).order_by(Invoice.id)).all()
    return [(row.tax_case, row.net_cents, row.tax_cents, row.gross_cents) for row in rows]


def reasons() -> list[tuple[str, dict[str, object]]]:
    end_reading()
    rows = db.session.scalars(select(ParkedCustomer).where(ParkedCustomer.resolved_at.is_(None)))
    return [(row.code, row.facts) for row in rows]


def begins() -> date | None:
    end_reading()
    found: date | None = db.session.scalar(select(Company.oss_from))
    return found


def opt_in(day: date | None = date(2026, 1, 1)) -> None:
    vat_settings.change_oss(ANKE, day)


@pytest.mark.feature("INV-11")
@pytest.mark.parametrize(
    ("prices", "taxes", "oss_from"),
    [
        (["9999.99"], [("union_consumer", 1900_00)], None),
        (["10000.00"], [("union_consumer", 1900_00)], None),
        (["10000.01"], [("oss", 2000_00)], DAY),
        (["9999.99", "0.02", "1.00"], [("union_consumer", 1900_00), ("oss", 0), ("oss", 20)], DAY),
    ],
)
def test_the_supply_that_crosses_10_000_euro_bears_the_consumers_rate_and_all_after_it(
    context: Flask, prices: list[str], taxes: list[tuple[str, int]], oss_from: date | None
) -> None:
    for price in prices:
        sell(price)
    ahead = billing_preview.preview(DAY)
    assert run() == (len(prices), 0)
    assert [(case, tax) for case, _, tax, _ in issued()] == taxes
    assert begins() == oss_from
    assert [row.gross_cents for row in ahead.drafts] == [gross for *_, gross in issued()], "the preview knows it, too"
    sealing.seal()
    assert check_books().ok


@pytest.mark.feature("INV-11")
def test_what_was_issued_before_counts_and_the_next_month_goes_on_abroad(context: Flask) -> None:
    sell("6000")
    assert run() == (1, 0) and run(NEXT) == (1, 0)
    assert [case for case, *_ in issued()] == ["union_consumer", "oss"] and begins() == NEXT
    assert tax_watch.union_turnover() == {2026: 12_000_00}
    assert run(date(2026, 11, 1)) == (1, 0) and issued()[-1][2] == 1200_00


@pytest.mark.feature("INV-11")
def test_months_that_are_made_up_at_once_cross_the_threshold_one_after_the_other(context: Flask) -> None:
    sell("6000")
    assert run(date(2026, 11, 1)) == (3, 0)
    assert [(case, tax) for case, _, tax, _ in issued()] == [
        ("union_consumer", 1140_00), ("oss", 1200_00), ("oss", 1200_00),
    ]  # fmt: skip
    assert begins() == NEXT


@pytest.mark.feature("INV-11")
def test_a_correction_takes_its_part_back_from_the_sum(context: Flask) -> None:
    sell("6000")
    run()
    first = db.session.scalars(select(Invoice.id)).one()
    with clock.stand_at(DAY):
        corrections.cancel(ANKE, first, reason="verschrieben")
    assert tax_watch.union_turnover() == {2026: 0}
    assert run(NEXT) == (1, 0) and begins() is None


@pytest.mark.feature("INV-11")
def test_other_services_for_consumers_abroad_stay_at_home_and_do_not_count(context: Flask) -> None:
    sell("20000", "service")
    assert run() == (1, 0)
    assert issued() == [("domestic", 20_000_00, 3_800_00, 23_800_00)] and begins() is None


@pytest.mark.feature("INV-11")
def test_who_opted_in_shows_the_consumers_rate_at_once_and_keeps_the_evidence(context: Flask) -> None:
    opt_in()
    sell("100", to=FRENCH | {"bank_iban": "FR1420041010050500013M02606"})
    sell("100", "goods", to=FRENCH | {"country_code": "AT", "zipcode": "1070", "city": "Wien"})
    assert run() == (2, 0)
    assert [(case, tax) for case, _, tax, _ in issued()] == [("oss", 20_00), ("oss", 20_00)]
    kept = db.session.scalars(select(LocationEvidence).order_by(LocationEvidence.invoice_id)).all()
    assert [(row.country_code, row.proofs) for row in kept] == [
        ("FR", {"billing": "FR", "iban": "FR"}), ("AT", {"billing": "AT"}),
    ]  # fmt: skip
    with pytest.raises(DatabaseError, match="never changed"), write() as session:
        session.execute(text("UPDATE location_evidence SET country_code = 'DE'"))


@pytest.mark.feature("INV-11")
def test_beyond_100_000_euro_one_proof_of_the_country_does_not_suffice(context: Flask) -> None:
    opt_in()
    sell("100000.01")
    assert run() == (1, 0)
    sell("10")
    assert run(NEXT) == (0, 3)
    assert {code for code, _ in reasons()} == {"missing_fields"}
    assert all(facts["fields"] == ["location_evidence"] for _, facts in reasons())


@pytest.mark.feature("INV-11")
def test_a_country_without_a_rate_waits_and_names_it(context: Flask) -> None:
    opt_in()
    sell("10", vat_category="reduced")
    assert run() == (0, 1)
    ((code, facts),) = reasons()
    assert (code, facts) == ("no_vat_rate", {"field": "vat_category", "country": "FR", "category": "reduced",
                                             "on": "2026-09-30"})  # fmt: skip


@pytest.mark.feature("INV-5")
def test_the_invoice_that_crosses_a_small_business_limit_waits_until_regular_vat_is_confirmed(context: Flask) -> None:
    vat_settings.add_tax_mode(ANKE, date(2026, 1, 1), "small_business")
    sell("99999.99", to=GERMAN)
    crossing, later = sell("0.02", to=GERMAN), sell("0.01", to=GERMAN)
    assert run() == (1, 2), "what comes after the crossing supply is no small business's either"
    assert issued() == [("small_business", 99_999_99, 0, 99_999_99)]
    assert {code for code, _ in reasons()} == {"small_business_limit"}
    vat_settings.add_tax_mode(ANKE, date(2026, 9, 1), "regular")
    for customer_id in (crossing, later):
        with clock.stand_at(DAY):
            row = db.session.scalars(select(ParkedCustomer.id).where(ParkedCustomer.customer_id == customer_id)).one()
            assert parked.retry(ANKE, row) == parked.Retried(1, ())
    assert [case for case, *_ in issued()] == ["small_business", "domestic", "domestic"]
    sealing.seal()
    assert check_books().ok


@pytest.mark.feature("INV-5")
def test_exactly_100_000_euro_are_still_a_small_business(context: Flask) -> None:
    vat_settings.add_tax_mode(ANKE, date(2026, 1, 1), "small_business")
    sell("99999.99", to=GERMAN)
    sell("0.01", to=GERMAN)
    assert run() == (2, 0)
    notes = {row.category for row in invoice_paper(1).taxes}
    assert notes == {"E"}


@pytest.mark.feature("INV-5")
@pytest.mark.feature("F20")
def test_a_change_of_mode_counts_by_the_day_of_supply(context: Flask) -> None:
    vat_settings.add_tax_mode(ANKE, date(2026, 1, 1), "small_business")
    vat_settings.add_tax_mode(ANKE, date(2026, 10, 15), "regular")
    sell("100", to=GERMAN)
    assert run() == (1, 0) and run(NEXT) == (1, 0)
    assert issued() == [("small_business", 100_00, 0, 100_00), ("domestic", 100_00, 19_00, 119_00)]


@pytest.mark.feature("INV-8")
def test_construction_work_for_a_builder_is_reverse_charge_at_home(context: Flask) -> None:
    builder = {**GERMAN, "organization": "Bau GmbH", "vat_id": "DE136695976", "owes_vat": True}
    sell("1000", "service", to=builder, is_section_13b=True)
    sell("1000", "service", to=GERMAN, is_section_13b=True)
    sell("1000", "service", to=builder, is_section_13b=False)
    assert run() == (3, 0)
    assert [(case, tax) for case, _, tax, _ in issued()] == [
        ("section_13b", 0), ("domestic", 190_00), ("domestic", 190_00),
    ]  # fmt: skip
    first = db.session.scalars(select(Invoice.id).order_by(Invoice.id).limit(1)).one()
    assert invoice_paper(first).taxes[0].note == "Steuerschuldnerschaft des Leistungsempfängers"


@pytest.mark.feature("INV-14")
@pytest.mark.parametrize(("day", "named"), [(date(2027, 12, 31), False), (date(2028, 1, 1), True)])
def test_from_2028_cash_accounting_is_named_on_the_paper(context: Flask, day: date, named: bool) -> None:
    with write() as session:
        session.execute(update(Company).values(cash_accounting=True))
    sell("100", to=GERMAN, interval=Interval.parse("1 day"), number_events=1)
    assert run(day) == (1, 0)
    paper = invoice_paper(db.session.scalars(select(Invoice.id)).one())
    assert ("Versteuerung nach vereinnahmten Entgelten" in paper.notes) is named


@pytest.mark.feature("RND-5")
@pytest.mark.feature("INV-13")
@pytest.mark.parametrize(
    ("price", "quantity", "expected"), [("100", 5, (42017, 7983, 50000)), ("9.99", 1, (839, 160, 999))]
)
def test_gross_prices_are_charged_as_shown_through_the_whole_house(
    context: Flask, price: str, quantity: int, expected: tuple[int, int, int]
) -> None:
    with clock.stand_at(DAY):
        customer_id = create_customer(SYSTEM, GERMAN)
        for n in range(quantity):
            create_product(SYSTEM, {"number": f"K{n}", "title": "Kurs", "unit_price": Decimal(price), "is_gross": True,
                                    "interval": Interval.parse("1 month")})  # fmt: skip
            create_subscription(SYSTEM, Order(customer_id, Booking(f"K{n}"), starts_on=DAY))
    assert run() == (1, 0)
    assert [amounts for _, *amounts in issued()] == [list(expected)]
