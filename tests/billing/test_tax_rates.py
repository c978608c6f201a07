"""Which per cent holds on which day: dated data, never constants."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing.errors import Invalid
from billing.taxes import GERMAN_RATES, Rate, RateTable

D19, D7 = Decimal("19.00"), Decimal("7.00")
GERMAN = RateTable(GERMAN_RATES)


@pytest.mark.feature("F20")
@pytest.mark.parametrize(
    ("category", "on", "percent"),
    [
        ("standard", "2020-06-30", "19.00"),
        ("standard", "2020-07-01", "16.00"),
        ("standard", "2020-12-31", "16.00"),
        ("standard", "2021-01-01", "19.00"),
        ("reduced", "2020-07-01", "5.00"),
        ("reduced", "2026-11-21", "7.00"),
        ("zero", "2026-11-21", "0.00"),
    ],
)
def test_the_rate_is_the_one_of_the_day_of_supply(category: str, on: str, percent: str) -> None:
    assert GERMAN.percent("DE", category, date.fromisoformat(on)) == Decimal(percent)


@pytest.mark.parametrize(
    ("country", "category", "on"),
    [("FR", "standard", "2026-01-01"), ("DE", "luxury", "2026-01-01"), ("DE", "standard", "2006-12-31")],
)
def test_without_a_rate_nothing_is_guessed(country: str, category: str, on: str) -> None:
    with pytest.raises(Invalid) as refused:
        GERMAN.percent(country, category, date.fromisoformat(on))
    assert (refused.value.code, refused.value.facts["on"]) == ("no_vat_rate", on)


@pytest.mark.parametrize("until", [None, date(2026, 2, 1)])
def test_two_rates_for_one_day_are_refused(until: date | None) -> None:
    first = Rate("DE", "standard", D19, date(2026, 1, 1), until)
    with pytest.raises(Invalid, match="rates_overlap"):
        RateTable([Rate("DE", "standard", D7, date(2026, 1, 31), None), first])
