"""Interest on late payment, worked out by hand: principal * days * percent / 365 / 100, rounded once.

The base rates are the Bundesbank's: 3.62 (1 January 2024), 3.37 (1 July 2024), 2.27 (1 January 2025), 1.27 (1 July
2025), 1.27 (1 January 2026); -0.88 from 1 July 2016 to the end of 2022, 1.62 (1 January 2023).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import Invalid
from billing.interest import BaseRates, Interest, Owed, half_year_of, interest, next_half_year, points, still_to_charge
from tests.billing.makers import day

RATES = BaseRates(
    (day(on), Decimal(percent))
    for on, percent in [
        ("2022-07-01", "-0.88"),
        ("2023-01-01", "1.62"),
        ("2024-01-01", "3.62"),
        ("2024-07-01", "3.37"),
        ("2025-01-01", "2.27"),
        ("2025-07-01", "1.27"),
        ("2026-01-01", "1.27"),
    ]
)
CONSUMER, BUSINESS = True, False


def owed(*steps: tuple[str, int]) -> list[Owed]:
    return [(day(on), cents) for on, cents in steps]


@pytest.mark.feature("MAH-2")
@pytest.mark.parametrize(
    ("steps", "since", "until", "who", "cents"),
    [
        # 15 days at 7.27 and 15 days at 6.27 on 1,000.00: 2.98767 + 2.57671 = 5.56438. Each half rounded: 5.57.
        ([("2025-06-01", 1000_00)], "2025-06-16", "2025-07-16", CONSUMER, 5_56),
        # the same at 11.27 and 10.27: 15 * 21.54 * 1000 / 36500 = 8.85205
        ([("2025-06-01", 1000_00)], "2025-06-16", "2025-07-16", BUSINESS, 8_85),
        # 30 June alone at 7.27: 0.19918; 1 July alone at 6.27: 0.17178
        ([("2025-06-01", 1000_00)], "2025-06-30", "2025-07-01", CONSUMER, 20),
        ([("2025-06-01", 1000_00)], "2025-07-01", "2025-07-02", CONSUMER, 17),
        # over New Year from a negative base rate: 12 days at 4.12 and 9 at 6.62: 109.02 * 1000 / 36500 = 2.98685
        ([("2022-12-01", 1000_00)], "2022-12-20", "2023-01-10", CONSUMER, 2_99),
        # February of a leap year: 29 days at 12.62 on 2,500.00: 914,950 / 36,500 = 25.0671 (of 366 days: 25.00)
        ([("2024-01-01", 2500_00)], "2024-02-01", "2024-03-01", BUSINESS, 25_07),
        # a whole leap year: 182 days at 8.62 and 184 at 8.37 on 10,000.00: 31,089,200 / 36,500 = 851.7589
        ([("2024-01-01", 10_000_00)], "2024-01-01", "2025-01-01", CONSUMER, 851_76),
        # 400.00 paid on 1 July: 15 days of 1,000.00 at 7.27, 15 of 600.00 at 6.27: 165,480 / 36,500 = 4.53370
        ([("2025-06-01", 1000_00), ("2025-07-01", 600_00)], "2025-06-16", "2025-07-16", CONSUMER, 4_53),
        # all paid on the 20th, a chargeback on the 25th: 4 days and 21 days of 100.00 at 6.27: 15,675 / 36,500
        ([("2025-07-01", 100_00), ("2025-07-20", 0), ("2025-07-25", 100_00)], "2025-07-16", "2025-08-15", CONSUMER, 43),
        # two payments on one day: what was owed in the evening counts
        ([("2025-07-01", 100_00), ("2025-07-20", 50_00), ("2025-07-20", 0)], "2025-07-16", "2025-08-15", CONSUMER, 7),
        # paid on the first day of default, or before: nothing
        ([("2025-07-01", 100_00), ("2025-07-16", 0)], "2025-07-16", "2025-08-15", CONSUMER, 0),
        ([("2025-07-01", 100_00)], "2025-07-16", "2025-07-16", CONSUMER, 0),
    ],
)
def test_interest_by_days_and_half_years(
    steps: list[tuple[str, int]], since: str, until: str, who: bool, cents: int
) -> None:
    assert interest(owed(*steps), day(since), day(until), RATES, who).cents == cents


@pytest.mark.feature("MAH-2")
def test_the_one_rounding_is_half_up() -> None:
    one_percent = BaseRates([(day("2025-01-01"), Decimal(1))])
    half_a_cent = interest(owed(("2025-01-01", 25)), day("2025-01-01"), day("2025-03-15"), one_percent, BUSINESS)
    assert [part.days for part in half_a_cent.parts] == [73]  # 25 * 73 * 10 / 36500 = 0.5
    assert half_a_cent.cents == 1


@pytest.mark.feature("MAH-2")
def test_the_parts_tell_days_principal_and_rate_as_a_letter_lists_them() -> None:
    steps = owed(("2025-06-01", 1000_00), ("2025-07-10", 600_00))
    parts = interest(steps, day("2025-06-16"), day("2025-07-16"), RATES, BUSINESS).parts
    assert [(part.days, part.principal_cents, str(part.percent)) for part in parts] == [
        (15, 1000_00, "11.27"), (9, 1000_00, "10.27"), (6, 600_00, "10.27"),
    ]  # fmt: skip


@pytest.mark.feature("MAH-3")
@pytest.mark.parametrize(
    ("since", "until", "missing"),
    [
        ("2026-07-01", "2026-07-15", ["2026-07-01"]),  # the half-year is not entered: the one before is not carried on
        ("2026-06-16", "2026-07-16", ["2026-07-01"]),  # nor is the half that is known charged alone
        ("2023-06-01", "2024-02-01", ["2023-07-01"]),  # a gap in the middle
        ("2026-12-01", "2027-02-01", ["2026-07-01", "2027-01-01"]),
    ],
)
def test_a_missing_half_year_gives_no_interest_and_says_so(since: str, until: str, missing: list[str]) -> None:
    found = interest(owed(("2020-01-01", 1000_00)), day(since), day(until), RATES, CONSUMER)
    assert found == Interest(0, (), tuple(map(day, missing)))


@pytest.mark.feature("MAH-3")
def test_a_half_year_in_which_nothing_was_owed_need_not_be_known() -> None:
    paid = owed(("2026-01-01", 1000_00), ("2026-06-30", 0))
    found = interest(paid, day("2026-06-01"), day("2026-08-01"), RATES, CONSUMER)
    assert (found.cents, found.missing) == (4_98, ())  # 29 days at 6.27: 4.98164


@pytest.mark.feature("MAH-2")
def test_respite_bears_no_interest() -> None:
    steps, since, until = owed(("2025-07-01", 1000_00)), day("2025-07-11"), day("2025-08-20")
    spans = [(day("2025-08-01"), day("2025-08-11")), (day("2025-07-01"), day("2025-07-21"))]
    found = interest(steps, since, until, RATES, CONSUMER, spans)
    assert [(part.starts_on, part.days) for part in found.parts] == [(day("2025-07-21"), 11), (day("2025-08-11"), 9)]
    assert found.cents == 3_44  # 20 days at 6.27


@pytest.mark.feature("MAH-3")
@pytest.mark.parametrize(
    ("rates", "code"),
    [
        ([("2025-01-01", "2.27"), ("2025-01-01", "2.27")], "rate_twice"),
        ([("2025-01-02", "2.27")], "not_a_half_year"),
        ([("2025-04-01", "2.27")], "not_a_half_year"),
        ([("2025-01-01", "NaN")], "not_a_number"),
    ],
)
def test_a_table_of_base_rates_that_cannot_be_is_refused(rates: list[tuple[str, str]], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        BaseRates((day(on), Decimal(percent)) for on, percent in rates)
    assert refused.value.code == code


@pytest.mark.feature("MAH-2")
def test_consumers_five_points_businesses_nine() -> None:
    assert (points(CONSUMER), points(BUSINESS)) == (Decimal(5), Decimal(9))


def test_a_further_reminder_asks_for_what_was_not_asked_for_before() -> None:
    assert still_to_charge(Interest(5_56), 2_99) == 2_57
    assert still_to_charge(Interest(0, missing=(day("2026-07-01"),)), 2_99) == 0


days = st.dates(min_value=day("2023-01-01"), max_value=day("2023-06-30"))


@given(days, st.lists(days, max_size=4), st.integers(1, 10**8))
def test_however_it_is_cut_the_days_add_up(since: date, cuts: list[date], cents: int) -> None:
    """Respites and the same amount told again lose no day and count none twice."""
    until = day("2023-07-01")
    whole = interest([(day("2022-12-01"), cents)], since, until, RATES, CONSUMER)
    told_again = interest([(day("2022-12-01"), cents), *((cut, cents) for cut in cuts)], since, until, RATES, CONSUMER)
    assert sum(part.days for part in told_again.parts) == (until - since).days == sum(part.days for part in whole.parts)
    assert told_again.cents == whole.cents


@given(days, st.integers(0, 10**8), st.integers(0, 10**8))
def test_who_paid_a_part_never_owes_more(paid_on: date, cents: int, part: int) -> None:
    since, until = day("2023-01-10"), day("2023-06-20")
    whole = interest([(day("2022-12-01"), cents + part)], since, until, RATES, BUSINESS)
    paid = interest([(day("2022-12-01"), cents + part), (paid_on, cents)], since, until, RATES, BUSINESS)
    assert 0 <= paid.cents <= whole.cents


@given(st.dates(min_value=day("1999-01-01"), max_value=day("2200-12-31")))
def test_half_years_tile_the_calendar(on: date) -> None:
    assert half_year_of(on) <= on < next_half_year(on)
    assert half_year_of(next_half_year(on) - timedelta(1)) == half_year_of(on)
