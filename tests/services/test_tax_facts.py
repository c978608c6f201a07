"""What the planner is told of the seller comes from dated rows: the rates that hold in Germany, every day of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from billing.taxes import GERMAN_RATES, RateTable
from services import company

THE_DAYS_AROUND_EACH_CHANGE = [
    date(2020, 6, 30), date(2020, 7, 1), date(2020, 12, 31), date(2021, 1, 1), date(2026, 11, 21),
]  # fmt: skip


@pytest.mark.feature("F20")
@pytest.mark.parametrize("category", ["standard", "reduced", "zero"])
@pytest.mark.parametrize("day", THE_DAYS_AROUND_EACH_CHANGE)
def test_a_founded_company_has_the_german_rate_of_every_day(context: Flask, day: date, category: str) -> None:
    of_the_law = RateTable(GERMAN_RATES).percent("DE", category, day)
    assert company.tax_facts(day).rates.percent("DE", category, day) == of_the_law


def test_the_second_half_of_2020_was_cheaper_to_its_last_day(context: Flask) -> None:
    rates = company.tax_facts(date(2020, 12, 31)).rates
    assert rates.percent("DE", "standard", date(2020, 12, 31)) == Decimal(16)
    assert rates.percent("DE", "standard", date(2021, 1, 1)) == Decimal(19)
