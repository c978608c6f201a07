"""How a contract can be ended: by its term, its notice and the law."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.notice import (
    Notice,
    binding,
    earliest_end,
    last_notice_day,
    lawful_for_consumers,
    minimum_term_end,
    notice_expires,
    ordinary_end,
    unlawful_part,
)
from billing.periods import Interval, Unit, shift
from tests.billing.makers import day

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
NOTICES = st.none() | st.builds(Interval, st.sampled_from([Unit.DAY, Unit.WEEK, Unit.MONTH]), st.integers(1, 6))
TERMS_OF_MONTHS = st.none() | st.builds(Interval, st.just(Unit.MONTH), st.integers(1, 24))


def rules(minimum: str = "", renewal: str = "", notice: str = "") -> Notice:
    return Notice(*(Interval.parse(text) if text else None for text in (minimum, renewal, notice)))


@pytest.mark.feature("X-09")
@pytest.mark.parametrize(
    ("minimum", "renewal", "notice", "given", "end"),
    [
        ("", "", "", "2026-05-10", "2026-05-11"),  # nothing agreed: over when the day is over
        ("", "", "1 month", "2026-05-10", "2026-06-11"),
        ("", "", "1 month", "2026-01-31", "2026-03-01"),  # section 188 (3) BGB: the month's last day
        ("", "", "14 day", "2026-05-10", "2026-05-25"),
        ("12 month", "", "1 month", "2026-05-10", "2027-01-01"),  # inside the minimum term
        ("12 month", "", "1 month", "2026-11-30", "2027-01-01"),  # the last day that suffices
        ("12 month", "", "1 month", "2026-12-01", "2027-01-02"),  # a day late: indefinite, a month from now
        ("12 month", "", "1 month", "2027-06-10", "2027-07-11"),
        ("12 month", "12 month", "3 month", "2026-09-30", "2027-01-01"),  # between businesses: terms of a year
        ("12 month", "12 month", "3 month", "2026-10-02", "2028-01-01"),
        ("12 month", "1 month", "14 day", "2027-03-01", "2027-04-01"),
        ("12 month", "1 month", "14 day", "2027-03-18", "2027-05-01"),
        ("", "1 month", "", "2026-03-10", "2026-04-01"),
        ("", "1 month", "", "2026-03-31", "2026-04-01"),
    ],
)
def test_the_earliest_end_of_a_contract_begun_on_new_years_day(
    minimum: str, renewal: str, notice: str, given: str, end: str
) -> None:
    assert earliest_end(date(2026, 1, 1), day(given), rules(minimum, renewal, notice)) == day(end)


@pytest.mark.feature("CON-4")
@given(DAYS, st.integers(0, 1500), TERMS_OF_MONTHS, st.none() | st.just(Interval(Unit.MONTH, 1)))
def test_a_lawful_consumer_contract_ends_within_a_month_after_its_first_term(
    start: date, later: int, minimum: Interval | None, notice: Interval | None
) -> None:
    law = Notice(minimum, None, notice)
    assert lawful_for_consumers(law)
    given_on = start + timedelta(later)
    end = earliest_end(start, given_on, law)
    assert end <= max(minimum_term_end(start, minimum), shift(given_on, Interval(Unit.MONTH, 1), 1) + timedelta(1))


@given(DAYS, st.integers(0, 900), TERMS_OF_MONTHS, TERMS_OF_MONTHS, NOTICES)
def test_no_end_comes_before_its_notice_has_passed(
    start: date, later: int, minimum: Interval | None, renewal: Interval | None, notice: Interval | None
) -> None:
    given_on = start + timedelta(later)
    end = earliest_end(start, given_on, Notice(minimum, renewal, notice))
    assert end >= notice_expires(given_on, notice)
    assert end >= minimum_term_end(start, minimum)


@pytest.mark.feature("X-09")
@given(DAYS, NOTICES)
def test_the_last_notice_day_suffices_and_the_next_does_not(end: date, notice: Interval | None) -> None:
    last = last_notice_day(end, notice)
    assert notice_expires(last, notice) <= end < notice_expires(last + timedelta(1), notice)


@pytest.mark.feature("CON-4")
@pytest.mark.parametrize(
    ("minimum", "renewal", "notice", "lawful"),
    [
        ("24 month", "", "1 month", True),
        ("2 year", "", "30 day", True),
        ("", "", "", True),
        ("25 month", "", "1 month", False),
        ("3 year", "", "", False),
        ("12 month", "12 month", "1 month", False),
        ("12 month", "", "3 month", False),
        ("12 month", "", "6 week", False),
    ],
)
def test_what_consumers_may_be_bound_to(minimum: str, renewal: str, notice: str, lawful: bool) -> None:
    assert lawful_for_consumers(rules(minimum, renewal, notice)) is lawful


@pytest.mark.feature("CON-4")
@pytest.mark.parametrize(
    ("minimum", "renewal", "notice", "part", "bound"),
    [
        ("12 month", "", "1 month", "", ("12 month", "", "1 month")),
        ("3 year", "", "", "minimum", ("24 month", "", "")),
        ("12 month", "12 month", "3 month", "renewal", ("12 month", "", "1 month")),
        ("", "", "6 week", "notice", ("", "", "1 month")),
    ],
)
def test_a_consumer_is_bound_by_what_is_lawful_and_a_business_by_what_it_agreed(
    minimum: str, renewal: str, notice: str, part: str, bound: tuple[str, str, str]
) -> None:
    agreed = rules(minimum, renewal, notice)
    assert unlawful_part(agreed) == part
    assert binding(agreed, is_consumer=True) == rules(*bound)
    assert lawful_for_consumers(binding(agreed, is_consumer=True))
    assert binding(agreed, is_consumer=False) == agreed


@pytest.mark.feature("X-09")
@pytest.mark.parametrize(
    ("notice", "period_end", "end"),
    [("", "2026-06-01", "2026-06-01"), ("", "2026-05-10", "2026-05-11"), ("14 day", "2026-06-01", "2026-05-25")],
)
def test_where_nothing_was_agreed_the_running_period_is_served_to_its_end(
    notice: str, period_end: str, end: str
) -> None:
    agreed = rules(notice=notice)
    assert ordinary_end(date(2026, 1, 1), day("2026-05-10"), agreed, day(period_end)) == day(end)
