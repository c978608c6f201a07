"""Periods are counted from the anchor and tile time without gap or overlap."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from billing.errors import Invalid
from billing.periods import (
    MAX_PERIODS,
    Interval,
    Period,
    Unit,
    index_of,
    nth,
    periods,
    shift,
)

DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))
INTERVALS = st.builds(Interval, st.sampled_from(Unit), st.integers(1, 24))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "unit", "count", "canonical"),
    [
        ("1 month", Unit.MONTH, 1, "1 month"),
        ("3 months", Unit.MONTH, 3, "3 month"),
        (" 14 Days ", Unit.DAY, 14, "14 day"),
        ("2 WEEK", Unit.WEEK, 2, "2 week"),
        ("999 years", Unit.YEAR, 999, "999 year"),
    ],
)
def test_an_interval_is_read_and_written_as_the_call_api_does(
    text: str, unit: Unit, count: int, canonical: str
) -> None:
    interval = Interval.parse(text)
    assert (interval.unit, interval.count) == (unit, count)
    assert interval.format() == str(interval) == canonical
    assert Interval.parse(canonical) == interval


@pytest.mark.parametrize(
    "text",
    ["", "0", "month", "0 month", "1000 month", "-1 month", "1.5 month", "1 fortnight", "1month", "² month", "1 s"],
)
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        Interval.parse(text)
    assert refused.value.field == "interval"


@pytest.mark.parametrize("count", [0, -1, 1000])
def test_an_interval_counts_from_1_to_999(count: int) -> None:
    with pytest.raises(Invalid, match="count_out_of_range"):
        Interval(Unit.DAY, count)


@pytest.mark.feature("EB-1")
def test_the_31st_of_january_over_48_months() -> None:
    anchor, monthly = date(2026, 1, 31), Interval(Unit.MONTH, 1)
    starts = [period.start for period in periods(anchor, monthly, 0, date(2030, 1, 31))]
    assert len(starts) == 48
    assert [start.day for start in starts[:13]] == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31]
    assert starts[25] == date(2028, 2, 29)
    assert all((start + timedelta(1)).day == 1 for start in starts), "always the last day of its month"


@pytest.mark.feature("EB-3")
@pytest.mark.parametrize(
    ("anchor", "interval", "n", "expected"),
    [
        ("2028-02-29", "1 year", 1, "2029-02-28"),
        ("2028-02-29", "1 year", 4, "2032-02-29"),
        ("2096-02-29", "1 year", 4, "2100-02-28"),
        ("2026-01-31", "1 month", 1, "2026-02-28"),
        ("2026-01-31", "1 month", 2, "2026-03-31"),
        ("2026-01-31", "1 month", -1, "2025-12-31"),
        ("2026-01-31", "1 month", -2, "2025-11-30"),
        ("2026-01-30", "1 month", 1, "2026-02-28"),
        ("2026-01-30", "1 month", 2, "2026-03-30"),
        ("2026-11-30", "3 month", 1, "2027-02-28"),
        ("2026-08-31", "6 month", 1, "2027-02-28"),
        ("2026-12-31", "2 week", 1, "2027-01-14"),
        ("2026-03-28", "1 day", 1, "2026-03-29"),
        ("2026-10-24", "1 day", 2, "2026-10-26"),
        ("2026-10-25", "90 day", 1, "2027-01-23"),
    ],
)
def test_a_period_starts_so_many_intervals_after_the_anchor(anchor: str, interval: str, n: int, expected: str) -> None:
    assert shift(day(anchor), Interval.parse(interval), n) == day(expected)


@pytest.mark.feature("EB-8")
@pytest.mark.parametrize(
    ("anchor", "until", "interval", "count"),
    [
        ("2026-08-03", "2027-08-03", "1 month", 12),
        ("2026-01-31", "2026-12-31", "1 month", 11),
        ("2026-01-31", "2027-01-01", "1 month", 12),
        ("2026-02-28", "2027-02-28", "1 month", 12),
        ("2024-02-29", "2028-02-29", "1 year", 4),
        ("2026-03-28", "2026-03-31", "1 day", 3),
        ("2026-10-24", "2026-10-27", "1 day", 3),
        ("2026-01-01", "2026-12-31", "1 week", 52),
        ("2026-01-01", "2026-01-01", "1 month", 0),
    ],
)
def test_so_many_periods_lie_between_two_days(anchor: str, until: str, interval: str, count: int) -> None:
    assert len(list(periods(day(anchor), Interval.parse(interval), 0, day(until)))) == count


@pytest.mark.feature("EB-9")
def test_the_end_is_stored_exclusive_and_printed_inclusive() -> None:
    march = nth(date(2026, 3, 1), Interval(Unit.MONTH, 1), 0)
    assert march == Period(date(2026, 3, 1), date(2026, 4, 1))
    assert (march.last_day, march.days) == (date(2026, 3, 31), 31)


@pytest.mark.feature("EB-40")
@given(DAYS, INTERVALS, st.integers(-60, 60))
def test_periods_tile_without_gap_or_overlap(anchor: date, interval: Interval, first: int) -> None:
    run = list(periods(anchor, interval, first, shift(anchor, interval, first + 30)))
    assert len(run) == 30
    assert run[0].start == shift(anchor, interval, first)
    assert all(left.end == right.start for left, right in pairwise(run))
    assert all(period.days > 0 for period in run)


@pytest.mark.feature("EB-40")
@given(DAYS, INTERVALS, DAYS)
def test_every_day_lies_in_exactly_the_period_of_its_index(anchor: date, interval: Interval, on: date) -> None:
    n = index_of(anchor, interval, on)
    period = nth(anchor, interval, n)
    assert period.start <= on < period.end


@given(DAYS, INTERVALS, st.integers(-200, 200))
def test_the_index_of_a_start_is_its_number(anchor: date, interval: Interval, n: int) -> None:
    assume(1 < anchor.year + n * interval.count < 9999)
    assert index_of(anchor, interval, shift(anchor, interval, n)) == n


@pytest.mark.feature("EB-12")
@pytest.mark.feature("EB-31")
def test_no_generator_runs_for_ever() -> None:
    with pytest.raises(Invalid, match="too_many_periods"):
        next(periods(date(1900, 1, 1), Interval(Unit.DAY, 1), 0, date(2400, 1, 1)))
    assert sum(1 for _ in periods(date(1900, 1, 1), Interval(Unit.DAY, 1), 0, date(2000, 1, 1))) < MAX_PERIODS


@pytest.mark.parametrize(
    ("interval", "n"), [("999 year", 9), ("999 year", -3), ("999 day", 10**7), ("1 day", -(10**9))]
)
def test_outside_the_calendar_there_are_no_periods(interval: str, n: int) -> None:
    with pytest.raises(Invalid, match="outside_calendar"):
        shift(date(2026, 1, 1), Interval.parse(interval), n)
