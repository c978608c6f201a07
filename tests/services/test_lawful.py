"""What the law asks for and is missing refuses the issue, names the field and uses up no number (INV-1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import text

from billing.errors import Conflict, Invalid, KontorError
from extensions import db
from jobs.vat_checks import check
from models import Invoice, NumberRange, ParkedCustomer, Sequence, VatCheck
from services import billing_run, clock, drafts, vat_settings
from services.actor import SYSTEM, Actor
from services.customers import create_customer
from services.drafts import Position
from services.products import create_product, update_product
from services.unit import end_reading, write
from tests.services.test_billing_run import statements_of
from tests.services.test_tax_watch import DAY, FRENCH, GERMAN, run, sell

ANKE = Actor("staff", 7, "Anke")
ABROAD = {"organization": "Radhaus Wien", "address": "Neubaugasse 64", "zipcode": "1070", "city": "Wien",
          "country_code": "AT", "vat_id": "ATU13585627"}  # fmt: skip


def blank(table: str, column: str, value: object = "") -> None:
    """Go past the forms: what is there without it."""
    with write() as session:
        session.execute(text(f"UPDATE {table} SET {column} = :value"), {"value": value})


def drawn() -> int:
    """How many series of documents have begun."""
    end_reading()
    documents = NumberRange.code.in_(("invoice", "cancellation", "correction"))
    return db.session.query(Sequence).join(NumberRange, NumberRange.id == Sequence.range_id).filter(documents).count()


def invoices() -> int:
    end_reading()
    return db.session.query(Invoice).filter(Invoice.issued_at.is_not(None)).count()


FIELDS_OF_US = ["name", "address", "zipcode", "city", "tax_number"]
FIELDS_OF_THEM = ["last_name", "address", "zipcode", "city"]


@pytest.mark.feature("INV-1")
@pytest.mark.parametrize("field", FIELDS_OF_US)
def test_a_run_does_not_begin_while_our_own_data_lack_a_field(context: Flask, field: str) -> None:
    sell("300", to=GERMAN)
    blank("company", field)
    if field == "tax_number":
        blank("company", "vat_id")
    with pytest.raises(Conflict, match="company_incomplete") as refused:
        run()
    assert refused.value.facts["fields"] == [field] and (invoices(), drawn()) == (0, 0)


@pytest.mark.feature("INV-1")
@pytest.mark.parametrize(
    ("table", "column", "value", "code", "named"),
    [
        *(("customers", column, "", "missing_fields", "name" if column == "last_name" else column)
          for column in FIELDS_OF_THEM),
        ("subscription_items", "title", " ", "missing_fields", "title"),
        ("subscription_items", "quantity", 0, "missing_fields", "quantity"),
        ("subscription_items", "vat_category", "luxury", "no_vat_rate", "vat_category"),
    ],
)  # fmt: skip
def test_a_run_leaves_out_who_lacks_a_field_and_names_it(
    context: Flask, table: str, column: str, value: object, code: str, named: str
) -> None:
    sell("300", to=GERMAN)
    blank(table, column, value)
    assert run() == (0, 1)
    row = db.session.query(ParkedCustomer).one()
    assert (row.code, row.facts.get("fields", [row.facts.get("field")])) == (code, [named])
    assert (invoices(), drawn()) == (0, 0)


def one_off() -> int:
    with clock.stand_at(DAY):
        customer_id = create_customer(SYSTEM, GERMAN)
        supplied = {"service_from": date(2026, 8, 31), "service_last": date(2026, 8, 31)}
        return drafts.create_draft(ANKE, customer_id, supplied, [Position("Kurs", Decimal(300))])


@pytest.mark.feature("INV-1")
@pytest.mark.parametrize(
    ("table", "column", "value", "named"),
    [
        *(("company", column, "", f"seller_{column}") for column in FIELDS_OF_US),
        *(("customers", column, "", "name" if column == "last_name" else column) for column in FIELDS_OF_THEM),
        ("invoice_lines", "title", " ", "title"),
        ("invoice_lines", "quantity", 0, "quantity"),
        ("invoices", "service_from", None, "service_period"),
    ],
)
def test_an_invoice_by_hand_is_refused_by_the_same_fields(
    context: Flask, table: str, column: str, value: object, named: str
) -> None:
    draft = one_off()
    blank(table, column, value)
    if column == "tax_number":
        blank("company", "vat_id")
    with clock.stand_at(DAY), pytest.raises(KontorError) as refused:
        drafts.issue_draft(ANKE, draft)
    told = refused.value.facts.get("fields") or [refused.value.facts.get("field")]
    assert named in told, (refused.value.code, told)
    assert (invoices(), drawn()) == (0, 0)


@pytest.mark.feature("INV-9")
def test_an_invoice_by_hand_waits_for_an_unconfirmed_vat_id_as_well(context: Flask) -> None:
    with clock.stand_at(DAY):
        customer_id = create_customer(SYSTEM, ABROAD)
        draft = drafts.create_draft(ANKE, customer_id, {"service_from": DAY}, [Position("Kurs", Decimal(300))])
        with pytest.raises(Conflict, match="vat_id_unconfirmed"):
            drafts.issue_draft(ANKE, draft)
        check(customer_id)
        assert db.session.query(VatCheck).one().result == "valid"
        drafts.issue_draft(ANKE, draft)
    end_reading()
    assert db.session.get_one(Invoice, draft).tax_case == "reverse_charge"


@pytest.mark.feature("INV-5")
@pytest.mark.feature("INV-11")
@pytest.mark.parametrize(
    ("buyer", "price", "mode", "code"),
    [(GERMAN, "100000.01", "small_business", "small_business_limit"), (FRENCH, "10000.01", "regular", "oss_begins")],
)
def test_an_invoice_by_hand_does_not_go_beyond_a_limit_unasked(
    context: Flask, buyer: dict[str, str], price: str, mode: str, code: str
) -> None:
    if mode == "small_business":
        vat_settings.add_tax_mode(ANKE, date(2026, 1, 1), mode)
    with clock.stand_at(DAY):
        customer_id = create_customer(SYSTEM, buyer)
        position = Position("Kurs", Decimal(price), supply_kind="e_service")
        values = {"service_from": DAY, "is_gross": False}
        draft = drafts.create_draft(ANKE, customer_id, values, [position])
        with pytest.raises(Conflict, match=code):
            drafts.issue_draft(ANKE, draft)
        assert invoices() == 0
        if mode == "small_business":
            vat_settings.add_tax_mode(ANKE, DAY, "regular")
        else:
            vat_settings.change_oss(ANKE, DAY)
        drafts.issue_draft(ANKE, draft)
    assert invoices() == 1


@pytest.mark.feature("INV-6")
def test_a_per_cent_that_is_not_in_force_is_no_rate(context: Flask) -> None:
    with clock.stand_at(DAY):
        values = {"number": "A", "title": "A", "unit_price": Decimal(1), "vat_percent": Decimal(7)}
        number = create_product(SYSTEM, values)
        with pytest.raises(Invalid, match="unknown_vat_rate"):
            update_product(SYSTEM, number, {"vat_percent": Decimal(16)})
        vat_settings.add_rate(ANKE, "DE", "standard", Decimal(16), DAY)
        update_product(SYSTEM, number, {"vat_percent": Decimal(16)})
        with pytest.raises(Invalid, match="unknown_vat_rate"):
            update_product(SYSTEM, number, {"vat_percent": Decimal(19)})


@pytest.mark.feature("EB-65")
def test_the_statements_of_a_chunk_do_not_grow_with_businesses_and_consumers_of_the_union(context: Flask) -> None:
    def chunk_of(pairs: int, day: date) -> dict[str, int]:
        for _ in range(pairs):
            sell("10", to=ABROAD)
            sell("10", to=FRENCH)
        with clock.stand_at(day):
            run_id = billing_run.start(day, SYSTEM, ring=False)
            (chunk_id,) = billing_run.pending_chunks(run_id)
            return dict(statements_of(lambda: billing_run.run_chunk(chunk_id)))

    chunk_of(1, DAY)
    small, large = chunk_of(1, date(2026, 10, 1)), chunk_of(6, date(2026, 11, 1))
    assert small == large
