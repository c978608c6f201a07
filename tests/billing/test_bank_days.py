"""On which days banks move money, and on which one has to pay."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.bank_days import add_bank_days, easter, is_bank_day, is_working_day, next_bank_day, next_working_day
from tests.billing.makers import day


@pytest.mark.parametrize("on", ["2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2038-04-25", "2285-03-22"])
def test_easter_moves_with_the_moon(on: str) -> None:
    assert easter(day(on).year) == day(on)


@pytest.mark.feature("SEP-3")
@pytest.mark.parametrize(
    ("on", "first_open"),
    [
        ("2026-12-24", "2026-12-24"),  # Christmas Eve is a bank day
        ("2026-12-25", "2026-12-28"),  # Friday and Saturday are closed, Sunday is Sunday
        ("2026-12-26", "2026-12-28"),
        ("2027-01-01", "2027-01-04"),
        ("2026-04-03", "2026-04-07"),  # Good Friday to Easter Monday
        ("2026-04-06", "2026-04-07"),
        ("2026-05-01", "2026-05-04"),
        ("2026-05-14", "2026-05-14"),  # Ascension: banks move money
        ("2025-10-03", "2025-10-03"),
        ("2026-11-21", "2026-11-23"),  # a Saturday
    ],
)
def test_the_next_day_on_which_banks_move_money(on: str, first_open: str) -> None:
    assert next_bank_day(day(on)) == day(first_open)


@pytest.mark.feature("MAH-7")
@pytest.mark.parametrize(
    ("on", "payable"),
    [
        ("2026-05-14", "2026-05-15"),  # Ascension is a holiday in the whole of Germany
        ("2026-05-25", "2026-05-26"),  # Whit Monday
        ("2025-10-03", "2025-10-06"),
        ("2026-06-04", "2026-06-04"),  # Corpus Christi is one in some of the states only
        ("2026-11-23", "2026-11-23"),
    ],
)
def test_nobody_has_to_pay_on_a_sunday_or_a_holiday_of_the_whole_country(on: str, payable: str) -> None:
    assert next_working_day(day(on)) == day(payable)


@pytest.mark.parametrize(
    ("on", "count", "then"),
    [
        ("2026-11-20", 0, "2026-11-20"),
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-11-21", 1, "2026-11-23"),  # from a closed day the first open one is day one
        ("2026-12-23", 2, "2026-12-28"),
    ],
)
def test_days_counted_by_banks(on: str, count: int, then: str) -> None:
    assert add_bank_days(day(on), count) == day(then)


@given(st.dates(min_value=day("2000-01-01"), max_value=day("2150-12-31")), st.integers(0, 12))
def test_a_counted_day_is_open_and_so_many_are_between(on: date, count: int) -> None:
    then = add_bank_days(on, count)
    between = [on + timedelta(n) for n in range(1, (then - on).days + 1)]
    assert sum(map(is_bank_day, between)) == count
    assert not count or is_bank_day(then)
    assert is_bank_day(next_working_day(on)) and is_working_day(next_working_day(on))
