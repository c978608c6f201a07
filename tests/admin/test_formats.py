"""Days and periods as people read them, the same on every screen as on the paper."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

from admin import formats

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("start", "end", "read"),
    [
        (date(2026, 12, 1), date(2027, 1, 1), "01.12.2026 – 31.12.2026"),
        (date(2026, 12, 31), date(2027, 1, 1), "31.12.2026"),
        (None, None, ""),
    ],
)
def test_a_period_names_its_last_day_and_a_single_day_once(
    app: Flask, start: date | None, end: date | None, read: str
) -> None:
    with app.test_request_context():
        assert formats.period(start, end) == read


def test_the_day_of_an_instant_is_that_of_berlin(app: Flask) -> None:
    with app.test_request_context():
        assert formats.day(datetime(2026, 11, 22, 23, 30, tzinfo=UTC)) == "23.11.2026"


@pytest.mark.parametrize(
    ("language", "currency", "read", "axis"),
    [
        ("de", "EUR", "1.234,50 €", "1.235 €"),
        ("de", "CHF", "1.234,50 CHF", "1.235 CHF"),
        ("en", "EUR", "€1,234.50", "€1,235"),
        ("en", "CHF", "CHF 1,234.50", "CHF 1,235"),
    ],
)
def test_an_amount_has_one_form_in_each_language_beside_a_chart_too(
    app: Flask, language: str, currency: str, read: str, axis: str
) -> None:
    with app.test_request_context(), force_locale(language):
        assert formats.money(123450, currency).replace("\xa0", " ") == read
        assert formats.price(Decimal("1234.5"), currency).replace("\xa0", " ") == read
        assert formats.with_places(Decimal(1235), currency, 0).replace("\xa0", " ") == axis


def test_no_page_joins_two_days_by_hand() -> None:
    by_hand = re.compile(r"\| day \}\} – \{\{ [\w.]+ \|")
    pages = sorted((ROOT / "templates").rglob("*.html"))
    found = [page.name for page in pages if by_hand.search(page.read_text(encoding="utf-8"))]
    assert pages and found == [], "use the filters `period` and `days`"


@pytest.mark.feature("D-9")
@pytest.mark.parametrize(
    ("cents", "read"), [("EUR:100050 CHF:700", "7,00 CHF · 1.000,50 €"), ("EUR:5", "0,05 €"), ("", ""), (None, "")]
)
def test_amounts_in_several_currencies_stand_side_by_side(app: Flask, cents: str | None, read: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert formats.sums(cents).replace("\xa0", " ") == read
