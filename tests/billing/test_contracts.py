"""Trials, minimum terms, notices: the dates that follow from a contract."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.contracts import (
    Notice,
    Rhythm,
    billing_anchor,
    binding,
    earliest_end,
    end_of_period,
    events_end,
    in_trial,
    last_notice_day,
    lawful_for_consumers,
    minimum_term_end,
    notice_expires,
    ordinary_end,
    state_on,
    trial_end,
    unlawful_part,
)
from billing.periods import Interval, Unit, shift
from tests.billing.makers import day, terms

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
NOTICES = st.none() | st.builds(Interval, st.sampled_from([Unit.DAY, Unit.WEEK, Unit.MONTH]), st.integers(1, 6))
TERMS_OF_MONTHS = st.none() | st.builds(Interval, st.just(Unit.MONTH), st.integers(1, 24))


def rules(minimum: str = "", renewal: str = "", notice: str = "") -> Notice:
    return Notice(*(Interval.parse(text) if text else None for text in (minimum, renewal, notice)))


@pytest.mark.feature("EB-37")
@pytest.mark.parametrize(
    ("start", "trial", "first_paid_day"),
    [
        ("2026-01-01", "14 day", "2026-01-15"),
        ("2026-01-31", "1 month", "2026-02-28"),
        ("2026-03-15", "14 day", "2026-03-29"),
        ("2026-10-11", "2 week", "2026-10-25"),
    ],
)
def test_a_trial_ends_by_date(start: str, trial: str, first_paid_day: str) -> None:
    assert trial_end(day(start), Interval.parse(trial)) == day(first_paid_day)


def test_without_a_trial_every_day_is_paid_for() -> None:
    assert trial_end(date(2026, 1, 1), None) is None
    assert billing_anchor(terms(anchor="2026-01-01")) == date(2026, 1, 1)
    assert not in_trial(terms(anchor="2026-01-01"), date(2026, 1, 1))


@pytest.mark.feature("EB-13")
def test_periods_count_from_the_end_of_the_trial() -> None:
    contract = terms(anchor="2026-01-01", trial_ends="2026-01-31")
    assert billing_anchor(contract) == date(2026, 1, 31)
    assert in_trial(contract, date(2026, 1, 30)) and not in_trial(contract, date(2026, 1, 31))


@pytest.mark.feature("D-6")
def test_an_anchor_moved_past_the_trial_wins() -> None:
    assert billing_anchor(terms(anchor="2026-03-15", trial_ends="2026-01-31")) == date(2026, 3, 15)


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


@pytest.mark.feature("EB-7")
@pytest.mark.parametrize(
    ("on", "end"), [("2026-01-31", "2026-02-28"), ("2026-02-28", "2026-03-31"), ("2026-01-10", "2026-01-31")]
)
def test_the_end_of_the_running_period(on: str, end: str) -> None:
    assert end_of_period(date(2026, 1, 31), Interval(Unit.MONTH, 1), day(on)) == day(end)


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


@pytest.mark.parametrize(
    ("status", "ends", "trial", "paused", "state"),
    [
        ("trial", None, "2026-05-11", False, "trial"),
        ("trial", None, "2026-05-10", False, "active"),
        ("active", None, None, True, "paused"),
        ("paused", None, None, False, "active"),
        ("paused", "2026-06-01", None, True, "cancelled"),
        ("cancelled", "2026-05-01", None, False, "cancelled"),
        ("cancelled", None, None, False, "active"),
        ("closed", None, None, True, "closed"),
        ("deactivated", "2026-06-01", "2026-07-01", True, "deactivated"),
    ],
)
def test_the_state_follows_from_the_dates(
    status: str, ends: str | None, trial: str | None, paused: bool, state: str
) -> None:
    ends_on, trial_ends_on = (None if text is None else day(text) for text in (ends, trial))
    assert state_on(status, ends_on, trial_ends_on, paused, day("2026-05-10")) == state


@pytest.mark.parametrize(
    ("events", "before", "end"), [(0, 0, None), (None, 0, None), (3, 0, "2026-04-30"), (3, 2, "2026-02-28")]
)
def test_a_number_of_events_ends_on_a_day(events: int | None, before: int, end: str | None) -> None:
    rhythm = Rhythm(date(2026, 1, 31), Interval(Unit.MONTH, 1), False, events, before)
    assert events_end(rhythm) == (None if end is None else day(end))
