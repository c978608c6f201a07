"""Sums, rates and dates are written as their readers write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from documents import figures


@pytest.mark.parametrize(
    ("cents", "currency", "german", "english"),
    [
        (123450, "EUR", "1.234,50 €", "€1,234.50"),
        (0, "EUR", "0,00 €", "€0.00"),
        (1, "EUR", "0,01 €", "€0.01"),
        (-123450, "EUR", "-1.234,50 €", "-€1,234.50"),
        (123456789012, "EUR", "1.234.567.890,12 €", "€1,234,567,890.12"),
        (9900, "USD", "99,00 $", "$99.00"),
        (9900, "GBP", "99,00 £", "£99.00"),
        (9900, "CHF", "99,00 CHF", "CHF 99.00"),
    ],
)
def test_money(cents: int, currency: str, german: str, english: str) -> None:
    assert figures.money(cents, currency, "de") == german
    assert figures.money(cents, currency, "en") == english


@pytest.mark.parametrize(
    ("amount", "german", "english"),
    [
        ("49.9", "49,90 €", "€49.90"),
        ("49.9000", "49,90 €", "€49.90"),
        ("0.0125", "0,0125 €", "€0.0125"),
        ("1234.567891", "1.234,567891 €", "€1,234.567891"),
        ("-5", "-5,00 €", "-€5.00"),
    ],
)
def test_a_unit_price_keeps_its_decimals(amount: str, german: str, english: str) -> None:
    assert figures.price(Decimal(amount), "EUR", "de") == german
    assert figures.price(Decimal(amount), "EUR", "en") == english


@pytest.mark.parametrize(
    ("amount", "german", "english"),
    [("1.000", "1", "1"), ("1.5", "1,5", "1.5"), ("1000.125", "1.000,125", "1,000.125")],
)
def test_a_quantity_has_no_needless_noughts(amount: str, german: str, english: str) -> None:
    assert figures.quantity(Decimal(amount), "de") == german
    assert figures.quantity(Decimal(amount), "en") == english


@pytest.mark.parametrize(
    ("rate", "german", "english"), [("19.00", "19 %", "19%"), ("0", "0 %", "0%"), ("8.1", "8,1 %", "8.1%")]
)
def test_a_rate(rate: str, german: str, english: str) -> None:
    assert figures.percent(Decimal(rate), "de") == german
    assert figures.percent(Decimal(rate), "en") == english


def test_periods_name_both_days_and_a_single_day_once() -> None:
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    assert figures.period(first, last, "de") == "01.11.2026–30.11.2026"
    assert figures.period(first, last, "en") == "1 Nov 2026 – 30 Nov 2026"
    assert figures.period(first, first, "de") == "01.11.2026"


def test_a_language_we_do_not_speak_is_answered_in_english() -> None:
    assert figures.money(100, "EUR", "fr") == "€1.00"
    assert figures.day(date(2026, 11, 1), "fr") == "1 Nov 2026"
