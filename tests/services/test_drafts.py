"""One-off invoices: edited as drafts only, taxed by rule, numbered when issued and not before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from billing.errors import Conflict, Invalid, KontorError, NotAllowed, NotFound
from extensions import db
from models import Activity, Invoice, InvoiceLine, Receivable, Sequence
from services import clock, company
from services.actor import SYSTEM, Actor
from services.checks import check_books
from services.customers import create_customer, update_customer
from services.drafts import (
    Position,
    create_draft,
    delete_draft,
    issue_draft,
    remove_line,
    stamp_of,
    update_draft,
)
from services.products import create_product
from services.unit import end_reading
from tests.at_once import at_once

DAY = date(2026, 11, 9)
YUSUF = Actor("staff", 1, "Yusuf Demir")
ADDRESS = {"address": "Lindenallee 1", "zipcode": "20095", "city": "Hamburg"}
WORK = Position("Beratung", Decimal("90.00"), Decimal("3.5"))
SUPPLIED = {"service_from": date(2026, 11, 2), "service_last": date(2026, 11, 6)}


@pytest.fixture(autouse=True)
def today(context: Flask) -> Any:
    with clock.stand_at(DAY):
        yield


def buyer(**values: Any) -> int:
    given = {"customer_type": "business", "organization": "Nordlicht GmbH", **ADDRESS, "email": "post@nord.example"}
    return create_customer(SYSTEM, given | values)


def one_off(*positions: Position, customer: int | None = None, **values: Any) -> int:
    return create_draft(YUSUF, customer or buyer(), {**SUPPLIED, **values}, positions or (WORK,))


def document(invoice_id: int) -> Invoice:
    end_reading()
    return db.session.get_one(Invoice, invoice_id, populate_existing=True)


def lines(invoice_id: int) -> list[InvoiceLine]:
    end_reading()
    query = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id).order_by(InvoiceLine.position)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def stamp(invoice_id: int) -> str:
    return stamp_of(document(invoice_id), lines(invoice_id))


@pytest.mark.feature("M1-08")
@pytest.mark.feature("NUM-2")
def test_a_draft_has_its_sums_and_no_number_and_keeps_its_id_when_it_is_issued() -> None:
    draft = one_off(
        WORK, Position("Anfahrt", Decimal("25.00"), discount_percent=Decimal(10)), title="Einsatz im November"
    )
    row = document(draft)
    assert (row.status, row.number, row.net_cents, row.tax_cents, row.gross_cents) == (
        "draft",
        None,
        33750,
        6413,
        40163,
    )
    ids = [line.id for line in lines(draft)]
    assert issue_draft(YUSUF, draft) == "RE-2026-00001"
    row = document(draft)
    assert (row.status, row.number, row.gross_cents, row.title) == (
        "issued", "RE-2026-00001", 40163, "Einsatz im November",
    )  # fmt: skip
    assert (row.service_from, row.service_to, row.due_on) == (date(2026, 11, 2), date(2026, 11, 7), date(2026, 11, 23))
    assert [line.id for line in lines(draft)] == ids
    assert [(line.reason, line.discounts) for line in lines(draft)] == [
        ("one_off", []),
        ("one_off", [["Rabatt 10 %", 250]]),
    ]
    assert db.session.scalars(select(Receivable.open_cents)).one() == 40163
    assert check_books().findings == []


@pytest.mark.feature("INV-6")
@pytest.mark.parametrize(
    ("position", "percent", "category"),
    [
        (Position("Buch", Decimal(10), vat_category="reduced"), "7.00", "S"),
        (Position("Beratung", Decimal(10)), "19.00", "S"),
        (Position("Porto", Decimal(10), vat_category="zero"), "0.00", "Z"),
        (Position("Alt", Decimal(10), service_from=date(2020, 8, 1)), "16.00", "S"),
    ],
)
def test_the_rate_follows_from_the_category_and_the_day_of_supply(
    position: Position, percent: str, category: str
) -> None:
    (line,) = lines(one_off(position))
    assert (str(line.vat_percent), line.vat_category) == (percent, category)


@pytest.mark.feature("INV-6")
def test_a_recipient_abroad_is_taxed_by_rule_at_the_day_of_issue() -> None:
    customer = buyer(country_code="CH", city="Zürich")
    draft = one_off(customer=customer)
    assert (document(draft).tax_case, document(draft).tax_cents) == ("outside_scope", 0)
    update_customer(SYSTEM, customer, {"country_code": "DE", "city": "Hamburg"})
    issue_draft(YUSUF, draft)
    assert (document(draft).tax_case, document(draft).tax_cents) == ("domestic", 5985)


@pytest.mark.feature("RND-5")
def test_a_consumer_is_shown_gross_prices_and_pays_their_sum() -> None:
    customer = create_customer(SYSTEM, {"last_name": "Musterfrau", **ADDRESS})
    draft = one_off(Position("Kurs", Decimal("9.99")), customer=customer)
    assert (document(draft).is_gross, document(draft).gross_cents, document(draft).tax_cents) == (True, 999, 160)


@pytest.mark.feature("M1-08")
def test_a_product_fills_what_is_not_given() -> None:
    create_product(SYSTEM, {"number": "B-1", "title": "Fachbuch", "unit_price": Decimal("30.00"), "unit": "H87",
                            "vat_category": "reduced", "supply_kind": "goods", "description": "Neu"})  # fmt: skip
    (line,) = lines(one_off(Position(article_number="B-1", quantity=Decimal(2))))
    assert (line.title, line.description, line.unit, line.article_number) == (
        "Fachbuch",
        "Neu",
        "H87",
        "B-1",
    )
    assert (line.net_cents, str(line.vat_percent)) == (6000, "7.00")


@pytest.mark.feature("INV-1")
@pytest.mark.feature("INV-2")
@pytest.mark.parametrize(
    ("customer", "values", "positions", "field"),
    [
        ({}, {"service_from": None, "service_last": None}, (WORK,), "service_period"),
        ({}, {}, (), "positions"),
        ({"city": ""}, {}, (WORK,), "city"),
        ({"address": ""}, {}, (WORK,), "address"),
    ],
)
def test_what_the_law_asks_for_refuses_the_issue_by_name_and_uses_no_number(
    customer: Mapping[str, Any], values: Mapping[str, Any], positions: tuple[Position, ...], field: str
) -> None:
    draft = create_draft(YUSUF, buyer(**customer), {**SUPPLIED, **values}, positions)
    with pytest.raises(KontorError) as refused:
        issue_draft(YUSUF, draft)
    facts: dict[str, Any] = refused.value.facts
    assert field in (facts.get("field"), *facts.get("fields", ()))
    end_reading()
    assert document(draft).status == "draft" and db.session.scalar(select(func.count()).select_from(Sequence)) == 1


@pytest.mark.feature("INV-1")
def test_a_seller_without_an_address_issues_nothing() -> None:
    company.change_company(SYSTEM, {"address": ""})
    draft = one_off()
    with pytest.raises(Invalid) as refused:
        issue_draft(YUSUF, draft)
    assert refused.value.facts["fields"] == ["seller_address"]


@pytest.mark.feature("INV-2")
def test_a_month_in_words_is_a_day_of_supply() -> None:
    draft = one_off(service_from=None, service_last=None, delivery_text="Oktober 2026")
    issue_draft(YUSUF, draft)
    assert (document(draft).delivery_text, document(draft).service_from) == ("Oktober 2026", None)


@pytest.mark.feature("NUM-2")
def test_a_deleted_draft_leaves_no_gap() -> None:
    first, second = one_off(), one_off()
    delete_draft(YUSUF, first)
    assert issue_draft(YUSUF, second) == "RE-2026-00001"
    with pytest.raises(NotFound):
        issue_draft(YUSUF, first)
    assert check_books().findings == []


@pytest.mark.feature("GOB-1")
def test_once_issued_nothing_of_it_can_be_edited_or_deleted() -> None:
    draft = one_off()
    issue_draft(YUSUF, draft)
    for deed in (
        lambda: update_draft(YUSUF, draft, {"title": "anders"}),
        lambda: remove_line(YUSUF, lines(draft)[0].id),
        lambda: delete_draft(YUSUF, draft),
        lambda: issue_draft(YUSUF, draft),
    ):
        with pytest.raises(NotAllowed):
            deed()


def test_who_saw_an_older_draft_is_told_and_nothing_is_overwritten() -> None:
    draft = one_off(title="eins")
    seen = stamp(draft)
    update_draft(YUSUF, draft, {"title": "zwei"}, seen=seen)
    for deed in (
        lambda: update_draft(YUSUF, draft, {"title": "drei"}, seen=seen),
        lambda: delete_draft(YUSUF, draft, seen=seen),
        lambda: issue_draft(YUSUF, draft, seen=seen),
    ):
        with pytest.raises(Conflict):
            deed()
    assert document(draft).title == "zwei"


def test_positions_are_replaced_or_appended_and_those_that_stay_keep_their_ids() -> None:
    draft = one_off(WORK, Position("Anfahrt", Decimal(25)))
    first, second = (line.id for line in lines(draft))
    update_draft(YUSUF, draft, {}, [Position("Material", Decimal(5))], append=True)
    assert [line.title for line in lines(draft)] == ["Beratung", "Anfahrt", "Material"]
    update_draft(YUSUF, draft, {}, [Position("Anreise", Decimal(30), id=second)])
    assert [(line.id, line.title, line.net_cents) for line in lines(draft)] == [(second, "Anreise", 3000)]
    assert document(draft).gross_cents == 3570 and first != second
    remove_line(YUSUF, second)
    assert lines(draft) == [] and document(draft).gross_cents == 0


@pytest.mark.feature("S24")
@pytest.mark.parametrize(
    ("position", "field"),
    [
        (Position("", Decimal(1)), "title"),
        (Position("x"), "unit_price"),
        (Position("x", Decimal(-1)), "unit_price"),
        (Position("x", Decimal(1), Decimal(0)), "quantity"),
        (Position("x", Decimal(1), Decimal(-1)), "quantity"),
        (Position("x", Decimal(1), discount_percent=Decimal(101)), "discount_percent"),
        (Position("x", Decimal(1), vat_category="17"), "vat_category"),
        (Position("x", Decimal(1), supply_kind="gift"), "supply_kind"),
        (Position("x", Decimal(1), service_from=date(2026, 2, 2), service_last=date(2026, 2, 1)), "service_last"),
        (Position(article_number="nein"), "article_number"),
        (Position("x" * 201, Decimal(1)), "title"),
        (Position("x", Decimal("99999999"), Decimal("1000000.5")), "quantity"),
    ],
)
def test_a_position_that_cannot_be_is_refused_by_its_field(position: Position, field: str) -> None:
    with pytest.raises((Invalid, NotFound)) as refused:
        one_off(position)
    assert refused.value.facts["field"] == field
    assert db.session.scalar(select(func.count()).select_from(Invoice)) == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"currency_code": "XYZ"}, "currency_code"),
        ({"days_for_payment": 1000}, "days_for_payment"),
        ({"payment_type": 9}, "payment_type"),
        ({"cash_discount_percent": Decimal(51)}, "cash_discount_percent"),
        ({"cash_discount_percent": Decimal(2), "cash_discount_days": 20}, "cash_discount_days"),
        ({"number": "RE-1"}, "number"),
        ({"gross_cents": 1}, "gross_cents"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_its_field(values: Mapping[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        one_off(**values)
    assert refused.value.field == field


def test_two_tax_cases_do_not_stand_on_one_invoice() -> None:
    customer = buyer(country_code="CH", city="Zürich")
    with pytest.raises(Invalid) as refused:
        one_off(WORK, Position("Buch", Decimal(10), supply_kind="goods"), customer=customer)
    assert (refused.value.field, refused.value.code) == ("positions", "two_tax_cases")


@pytest.mark.feature("GOB-2")
def test_the_record_tells_what_became_of_a_draft() -> None:
    draft = one_off()
    update_draft(YUSUF, draft, {"title": "zwei"})
    update_draft(YUSUF, draft, {"title": "zwei"})
    issue_draft(YUSUF, draft)
    delete_draft(YUSUF, one_off())
    codes = db.session.scalars(select(Activity.code).where(Activity.actor_id == 1).order_by(Activity.id)).all()
    assert codes == ["draft.created", "draft.changed", "invoice.issued", "draft.created", "draft.deleted"]


@pytest.mark.feature("F1")
def test_twenty_who_issue_one_draft_at_once_issue_it_once(context: Flask) -> None:
    draft = one_off()
    outcomes = at_once(context, [lambda: issue_draft(YUSUF, draft)] * 20)
    assert outcomes == ["RE-2026-00001", *["not_a_draft"] * 19]
