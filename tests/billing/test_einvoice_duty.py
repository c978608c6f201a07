"""On whom an e-invoice is owed, and from when on (§27(38) UStG, UStAE 14.7a)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from billing.einvoice_duty import Sale, effective_format, einvoice_required, missing_of_recipient

SALE = Sale(date(2028, 1, 1), 250_01, "EUR", buyer_is_business=True, buyer_country="DE")
SMALL, LARGE, UNKNOWN = 800_000_00, 800_000_01, None


@pytest.mark.feature("EIN-1")
@pytest.mark.parametrize(
    ("day", "turnover", "required"),
    [
        (date(2026, 12, 31), SMALL, False), (date(2026, 12, 31), LARGE, False), (date(2026, 12, 31), UNKNOWN, False),
        (date(2027, 1, 1), SMALL, False), (date(2027, 1, 1), LARGE, True), (date(2027, 1, 1), UNKNOWN, True),
        (date(2027, 12, 31), SMALL, False), (date(2027, 12, 31), LARGE, True), (date(2027, 12, 31), UNKNOWN, True),
        (date(2028, 1, 1), SMALL, True), (date(2028, 1, 1), LARGE, True), (date(2028, 1, 1), UNKNOWN, True),
    ],
)  # fmt: skip
def test_the_duty_begins_with_the_day_of_supply_and_a_year_earlier_above_800000_euros(
    day: date, turnover: int | None, required: bool
) -> None:
    assert einvoice_required(replace(SALE, supplied_on=day), turnover) is required


@pytest.mark.feature("EIN-2")
@pytest.mark.feature("INV-4")
@pytest.mark.parametrize(
    ("change", "required"),
    [
        ({}, True),
        ({"buyer_country": ""}, True),
        ({"buyer_is_business": False}, False),
        ({"buyer_country": "AT"}, False),
        ({"buyer_country": "CH"}, False),
        ({"seller_country": "AT"}, False),
        ({"gross_cents": 250_00}, False),
        ({"gross_cents": -250_00}, False),
        ({"gross_cents": -250_01}, True),
        ({"gross_cents": 250_00, "currency": "CHF"}, True),
        ({"small_business": True}, False),
        ({"exempt": True}, False),
    ],
)
def test_only_german_businesses_among_themselves_owe_it(change: dict[str, Any], required: bool) -> None:
    assert einvoice_required(replace(SALE, **change), LARGE) is required


@pytest.mark.feature("EIN-5")
@pytest.mark.parametrize(
    ("wanted", "required", "drawn"),
    [
        ("pdf", False, "pdf"), ("pdf", True, "zugferd"), ("zugferd", False, "zugferd"), ("zugferd", True, "zugferd"),
        ("xrechnung", False, "xrechnung"), ("xrechnung", True, "xrechnung"), ("", False, "zugferd"),
    ],
)  # fmt: skip
def test_a_bare_pdf_is_never_drawn_where_the_law_wants_an_e_invoice(wanted: str, required: bool, drawn: str) -> None:
    assert effective_format(wanted, required) == drawn


@pytest.mark.feature("EIN-7")
def test_xrechnung_asks_for_more_of_its_recipient_before_anything_is_issued() -> None:
    bare = {"einvoice_format": "xrechnung", "zipcode": "20095", "city": " ", "email": ""}
    assert missing_of_recipient(bare) == ("city", "email")
    assert missing_of_recipient({**bare, "city": "Hamburg", "email": "a@b.example"}) == ()
    assert missing_of_recipient({**bare, "einvoice_format": "zugferd"}) == missing_of_recipient({}) == ()
