"""Trials, periods, states: the dates that follow from a contract."""

from __future__ import annotations

from datetime import date

import pytest

from billing.contracts import Rhythm, billing_anchor, events_end, state_on, trial_end
from billing.periods import Interval, Unit
from tests.billing.makers import day, terms


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


@pytest.mark.feature("EB-13")
def test_periods_count_from_the_end_of_the_trial() -> None:
    contract = terms(anchor="2026-01-01", trial_ends="2026-01-31")
    assert billing_anchor(contract) == date(2026, 1, 31)


@pytest.mark.feature("D-6")
def test_an_anchor_moved_past_the_trial_wins() -> None:
    assert billing_anchor(terms(anchor="2026-03-15", trial_ends="2026-01-31")) == date(2026, 3, 15)


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
