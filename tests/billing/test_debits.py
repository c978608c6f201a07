"""Our own debits: which day, which sequence, how long a mandate holds, and what a return means."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from holidays import financial_holidays
from hypothesis import given
from hypothesis import strategies as st

from billing.bank_days import add_bank_days, is_bank_day
from billing.debits import (
    RETURNS,
    collect_on,
    earliest_for,
    execution_day,
    is_lapsed,
    is_reference,
    lapses_on,
    meaning,
    plain_reference,
    returnable_until,
    sequence,
    unauthorised_until,
)
from tests.billing.makers import day

DAYS = st.dates(date(2024, 1, 1), date(2040, 12, 31))


@pytest.mark.feature("SEP-2")
@pytest.mark.parametrize(
    ("announced", "due", "notice", "collected"),
    [
        ("2026-11-23", "2026-12-07", 14, "2026-12-07"),  # a Monday, two weeks later
        ("2026-11-23", "2026-11-23", 14, "2026-12-07"),  # due at once: the notice still counts
        ("2026-11-23", "2026-12-14", 14, "2026-12-14"),  # never before it is due
        ("2026-11-23", "2026-11-23", 5, "2026-11-30"),  # the 28th is a Saturday
        ("2026-11-23", "2026-11-23", 1, "2026-11-24"),
        ("2026-12-11", "2026-12-11", 14, "2026-12-28"),  # Christmas Day, Boxing Day, Sunday
        ("2026-03-20", "2026-03-20", 14, "2026-04-07"),  # Good Friday to Easter Monday
    ],
)
def test_a_debit_is_announced_for_a_bank_day_after_its_notice(
    announced: str, due: str, notice: int, collected: str
) -> None:
    assert collect_on(day(announced), day(due), notice) == day(collected)


@pytest.mark.feature("SEP-2", "SEP-3")
@given(DAYS, st.integers(0, 60), st.integers(1, 30))
def test_whatever_the_days_the_notice_is_kept_and_banks_are_open(announced: date, days: int, notice: int) -> None:
    collected = collect_on(announced, announced + timedelta(days), notice)
    assert (collected - announced).days >= max(days, notice) and is_bank_day(collected)


@pytest.mark.feature("SEP-3")
@pytest.mark.parametrize(
    ("today", "first"),
    [
        ("2026-11-23", "2026-11-24"),
        ("2026-11-20", "2026-11-23"),  # Friday -> Monday
        ("2026-11-21", "2026-11-23"),  # from a Saturday the Monday is the one day of lead
        ("2026-12-23", "2026-12-24"),
        ("2026-12-24", "2026-12-28"),
        ("2026-04-02", "2026-04-07"),
    ],
)
def test_the_bank_has_the_file_a_bank_day_before(today: str, first: str) -> None:
    assert earliest_for(day(today)) == day(first)


@pytest.mark.feature("SEP-3")
def test_what_is_handed_in_late_is_collected_later_and_never_before_it_was_announced() -> None:
    assert execution_day(day("2026-12-07"), day("2026-11-30")) == day("2026-12-07")
    assert execution_day(day("2026-12-07"), day("2026-12-04")) == day("2026-12-07")
    assert execution_day(day("2026-12-07"), day("2026-12-07")) == day("2026-12-08")
    assert execution_day(day("2026-12-07"), day("2026-12-24")) == day("2026-12-28")


@pytest.mark.feature("SEP-3")
@given(DAYS)
def test_the_days_of_banks_are_those_of_the_european_central_bank(on: date) -> None:
    closed = on.weekday() >= 5 or on in financial_holidays("ECB", years=on.year)
    assert is_bank_day(on) is not closed
    assert add_bank_days(on, 1) > on


@pytest.mark.feature("SEP-4", "EB-59")
@pytest.mark.parametrize(
    ("used", "once", "always", "is_"),
    [
        (False, False, False, "FRST"),
        (True, False, False, "RCUR"),
        (False, False, True, "RCUR"),  # since 11/2016 every bank takes it
        (True, True, True, "OOFF"),
        (False, True, False, "OOFF"),
    ],
)
def test_the_sequence_follows_from_the_history(used: bool, once: bool, always: bool, is_: str) -> None:
    assert sequence(used=used, once=once, always_recurring=always) == is_


@pytest.mark.feature("SEP-1")
def test_a_mandate_lapses_after_36_months_without_a_debit() -> None:
    assert lapses_on(day("2026-11-23"), None) == day("2029-11-23")
    assert lapses_on(day("2020-02-29"), day("2024-02-29")) == day("2027-02-28")
    assert not is_lapsed(day("2026-11-23"), None, day("2029-11-22"))
    assert is_lapsed(day("2026-11-23"), None, day("2029-11-23"))
    assert not is_lapsed(day("2020-01-01"), day("2026-11-23"), day("2029-11-22"))


@pytest.mark.feature("SEP-5")
@pytest.mark.parametrize(
    ("code", "stops", "review", "retry", "fault"),
    [
        ("AC01", True, False, False, True),
        ("AC04", True, False, False, True),
        ("AC06", True, False, False, True),
        ("MD01", True, True, False, False),
        ("MD06", False, False, False, True),
        ("AM04", False, False, True, True),
        ("MS02", False, False, False, True),
        ("MS03", False, False, False, True),
        ("am04", False, False, True, True),
        ("XX99", False, True, False, False),
        ("", False, True, False, False),
    ],
)
def test_what_the_bank_says_when_it_gives_a_debit_back(
    code: str, stops: bool, review: bool, retry: bool, fault: bool
) -> None:
    told = meaning(code)
    assert (told.stops, told.review, told.retry, told.fault) == (stops, review, retry, fault)


@pytest.mark.feature("SEP-5")
def test_no_code_stops_a_mandate_and_tries_it_again() -> None:
    assert [code for code, told in RETURNS.items() if told.stops and told.retry] == []


@pytest.mark.feature("SEP-5")
def test_how_long_a_debit_may_come_back() -> None:
    assert returnable_until(day("2026-12-07")) == day("2027-02-01")  # eight weeks
    assert returnable_until(day("2026-12-07"), scheme="B2B") is None
    assert unauthorised_until(day("2026-12-07")) == day("2028-01-07")  # thirteen months, in both schemes


@pytest.mark.feature("SEP-1")
@pytest.mark.parametrize(
    ("typed", "reference", "fits"),
    [
        ("M-00001", "M-00001", True),
        (" m-00 001 ", "M-00001", True),
        ("K/17:(2026)", "K/17:(2026)", True),
        ("", "", False),
        ("Ü-1", "Ü-1", False),
        ("A_1", "A_1", False),
        ("/A1", "/A1", False),
        ("A1/", "A1/", False),
        ("A//1", "A//1", False),
        ("X" * 36, "X" * 36, False),
        ("A\x001", "A\x001", False),
    ],
)
def test_a_reference_is_what_banks_can_compare(typed: str, reference: str, fits: bool) -> None:
    assert plain_reference(typed) == reference
    assert is_reference(plain_reference(typed)) is fits
