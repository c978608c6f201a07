"""What a contract brings in a month (MRR), as a table of cases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing.periods import Interval
from billing.recurring import Running, monthly_cents, months_until, recurring

DAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("quantity", "price", "every", "percent", "cents"),
    [
        ("1", "9.90", "1 month", "0", 990),
        ("3", "9.90", "1 month", "0", 2970),
        ("1", "120.00", "1 year", "0", 1000),
        ("1", "100.00", "1 year", "0", 833),
        ("1", "100.00", "3 month", "0", 3333),
        ("1", "49.00", "6 month", "0", 817),  # 816.67
        ("1", "100.00", "2 year", "0", 417),  # 416.67
        ("1", "12.00", "1 week", "0", 5214),  # 52.14 weeks a year
        ("1", "14.90", "4 week", "0", 1619),  # 13.04 times a year
        ("1", "1.00", "1 day", "0", 3042),  # 30.42 days a month
        ("1", "11.90", "1 month", "19", 1000),  # the VAT that a gross price contains is no revenue
        ("1", "129.00", "1 year", "19", 903),
        ("1", "7.90", "3 month", "7", 246),
        ("0.5", "0.01", "1 month", "0", 1),  # half a cent goes up
        ("0", "9.90", "1 month", "0", 0),
    ],
)
def test_what_an_item_brings_in_a_month(quantity: str, price: str, every: str, percent: str, cents: int) -> None:
    assert monthly_cents(Decimal(quantity), Decimal(price), Interval.parse(every), Decimal(percent)) == cents


def running(
    price: str,
    every: str = "1 month",
    *,
    currency: str = "EUR",
    is_gross: bool = False,
    count: int = 1,
    plans: int = 1,
    anchor_on: date | None = None,
    events: int = 0,
) -> Running:
    return Running(
        currency, is_gross, "standard", Interval.parse(every), Decimal(1), Decimal(price), count, plans, anchor_on,
        events,
    )  # fmt: skip


def nineteen(_category: str, _on: date) -> Decimal:
    return Decimal(19)


def test_currencies_stand_apart_and_equal_items_count_as_often_as_there_are() -> None:
    items = [running("9.90", count=3, plans=3), running("4.50", count=2, plans=0), running("20", currency="CHF")]
    assert recurring(items, DAY, nineteen) == {"EUR": (3 * 990 + 2 * 450, 3), "CHF": (2000, 1)}


def test_each_item_is_rounded_by_itself_so_that_contracts_add_up_to_the_sum() -> None:
    assert recurring([running("100", "1 year", count=3, plans=3)], DAY, nineteen) == {"EUR": (3 * 833, 3)}


def test_gross_prices_count_net_by_the_rate_of_the_day_and_net_prices_as_they_are() -> None:
    assert recurring([running("11.90", is_gross=True), running("11.90")], DAY, nineteen) == {"EUR": (1000 + 1190, 2)}


@pytest.mark.parametrize(
    ("anchor", "events", "cents"),
    [
        (date(2026, 9, 15), 3, 990),  # 15 September to 14 December
        (date(2026, 8, 31), 3, 0),  # 31 August, 30 September, 31 October: over on 30 November
        (date(2026, 1, 1), 0, 990),  # without end
    ],
)
def test_a_contract_of_some_events_counts_until_the_last_is_served(anchor: date, events: int, cents: int) -> None:
    found = recurring([running("9.90", anchor_on=anchor, events=events)], DAY, nineteen)
    assert found.get("EUR", (0, 0))[0] == cents


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 11, 22), date(2025, 12, 1), date(2026, 11, 1)),
        (date(2026, 12, 31), date(2026, 1, 1), date(2026, 12, 1)),
        (date(2027, 1, 31), date(2026, 2, 1), date(2027, 1, 1)),
    ],
)
def test_twelve_months_end_with_the_running_one(today: date, first: date, last: date) -> None:
    months = months_until(today)
    assert (len(months), months[0], months[-1]) == (12, first, last)
