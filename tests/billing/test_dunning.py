"""Which step is due for one receivable on a day, and why none is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.dunning import (
    COLLECT,
    HELD,
    REASONS,
    REMIND,
    WAIT,
    Case,
    Decision,
    Hold,
    Level,
    Rules,
    due_level,
    fee_cents,
    latest_since,
    next_level,
    step_on,
)
from tests.billing.makers import day

LEVELS = (
    Level(1, 7, "Zahlungserinnerung"),
    Level(2, 14, "1. Mahnung", fee_cents=5_00, consumer_fee_cents=70),
    Level(3, 21, "2. Mahnung", fee_cents=7_50, consumer_fee_cents=76, collect_before=True),
    Level(4, 28, "3. Mahnung", fee_cents=10_00, consumer_fee_cents=76, collect_before=True, deactivate_after=True),
)
RULES = Rules()
CASE = Case(open_cents=119_00, due_on=day("2026-11-02"))  # a Monday
LATE = replace(CASE, level=2, last_step_on=day("2026-11-16"))  # level 3 from the 23rd on


def decided(case: Case, today: str, levels: tuple[Level, ...] = LEVELS, rules: Rules = RULES) -> tuple[str, str, int]:
    """Deed, reason and the position of the level it is about (0: none)."""
    found = due_level(levels, case, day(today), rules)
    return found.deed, found.reason, found.level.position if found.level else 0


@pytest.mark.feature("M2-12")
@pytest.mark.feature("M2-15")
@pytest.mark.parametrize(
    ("level", "last", "today", "expected"),
    [
        (0, None, "2026-11-02", (WAIT, "not_due", 1)),  # the due day itself
        (0, None, "2026-11-03", (WAIT, "next_level_later", 1)),
        (0, None, "2026-11-08", (WAIT, "next_level_later", 1)),
        (0, None, "2026-11-09", (REMIND, "", 1)),  # seven days after
        (1, "2026-11-09", "2026-11-09", (WAIT, "next_level_later", 2)),  # the second run of that day
        (1, "2026-11-09", "2026-11-15", (WAIT, "next_level_later", 2)),
        (1, "2026-11-09", "2026-11-16", (REMIND, "", 2)),  # days count from the due date, not from the step before
        (4, "2026-11-30", "2027-03-01", (WAIT, "no_more_levels", 0)),
    ],
)
def test_each_level_comes_so_many_days_after_the_due_date(
    level: int, last: str | None, today: str, expected: tuple[str, str, int]
) -> None:
    case = replace(CASE, level=level, last_step_on=day(last) if last else None)
    assert decided(case, today) == expected


@pytest.mark.feature("F15")
@pytest.mark.feature("EB-23")
def test_missed_levels_are_made_up_one_a_run_and_never_two_on_a_day() -> None:
    case, taken = CASE, []
    for today in ("2026-12-01", "2026-12-01", "2026-12-02", "2026-12-02", "2026-12-03", "2026-12-20", "2026-12-21"):
        found = due_level(LEVELS, case, day(today), RULES)
        if found.deed != WAIT and found.level:
            taken.append((today, found.level.position))
            case = replace(case, level=found.level.position, last_step_on=day(today))
    assert taken == [("2026-12-01", 1), ("2026-12-02", 2), ("2026-12-03", 3), ("2026-12-20", 4)]


@pytest.mark.feature("MAH-7")
@pytest.mark.parametrize(
    ("due_on", "first"),
    [
        ("2026-11-02", "2026-11-04"),  # ordered on Monday, there on Tuesday, read on Wednesday
        ("2026-11-06", "2026-11-10"),  # over a weekend
        ("2026-11-07", "2026-11-11"),  # due on a Saturday means Monday (section 193 BGB)
        ("2026-12-24", "2026-12-29"),  # over Christmas
        ("2026-05-14", "2026-05-19"),  # Ascension
    ],
)
def test_nobody_is_reminded_while_a_transfer_of_the_due_day_may_be_on_its_way(due_on: str, first: str) -> None:
    eager = (Level(1, 1, "Zahlungserinnerung"),)
    case = replace(CASE, due_on=day(due_on))
    before = (day(first) - timedelta(1)).isoformat()
    assert decided(case, before, eager) == (WAIT, "grace", 1)
    assert decided(case, first, eager) == (REMIND, "", 1)


@pytest.mark.feature("MAH-7")
@pytest.mark.feature("M2-21")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"open_cents": 0}, "settled"),
        ({"open_cents": -5_00}, "settled"),
        ({"kind": "fee"}, "no_invoice"),
        ({"kind": "interest"}, "no_invoice"),
        ({"kind": "lump_sum"}, "no_invoice"),
        ({"kind": "deposit"}, "no_invoice"),
        ({"open_cents": 4_99}, "below_minimum"),
        ({"is_disputed": True}, "disputed"),
        ({"holds": (Hold("Kulanz"),)}, "on_hold"),
        ({"holds": (Hold("Kulanz", day("2026-11-23")),)}, "on_hold"),  # its last day
        ({"in_instalments": True}, "instalments"),
        ({"debit_in_flight": True}, "debit_in_flight"),
        ({"collection": "pending"}, "attempt_under_way"),
        ({"collection": "unknown"}, "attempt_unknown"),
        ({"collection": "accepted"}, "collected"),
    ],
)
def test_who_is_left_alone(change: dict[str, object], reason: str) -> None:
    rules = replace(RULES, minimum_cents=5_00)
    found = due_level(LEVELS, replace(LATE, **change), day("2026-11-23"), rules)
    assert (found.deed, found.reason) == (WAIT, reason)
    assert found.is_held is (reason in HELD)
    assert reason in REASONS


@pytest.mark.feature("MAH-7")
def test_an_ended_hold_holds_nothing_and_the_longest_one_says_until_when() -> None:
    ended = replace(LATE, holds=(Hold("Kulanz", day("2026-11-22")),))
    assert decided(ended, "2026-11-23") == (REMIND, "", 3)
    two = replace(LATE, holds=(Hold("Kulanz", day("2026-11-30")), Hold("Klärung", day("2026-12-15"))))
    assert due_level(LEVELS, two, day("2026-11-23"), RULES).on == day("2026-12-15")
    endless = replace(LATE, holds=(*two.holds, Hold("Anwalt")))
    assert due_level(LEVELS, endless, day("2026-11-23"), RULES).on is None, "nobody said until when"


@pytest.mark.feature("MAH-7")
def test_a_minimum_counts_for_other_currencies_one_to_one() -> None:
    rules = replace(RULES, minimum_cents=5_00)
    assert decided(replace(LATE, open_cents=4_99, currency="PLN"), "2026-11-23", rules=rules)[1] == "below_minimum"
    assert decided(replace(LATE, open_cents=5_00), "2026-11-23", rules=rules)[0] == REMIND


@pytest.mark.feature("M2-16")
@pytest.mark.feature("M2-18")
@pytest.mark.feature("EB-52")
@pytest.mark.parametrize(
    ("level", "can_collect", "answer", "expected"),
    [
        (2, True, "", (COLLECT, "", 3)),
        (2, True, "pending", (WAIT, "attempt_under_way", 3)),
        (2, True, "unknown", (WAIT, "attempt_unknown", 3)),  # EB-51: nobody tries again
        (2, True, "accepted", (WAIT, "collected", 3)),
        (2, True, "declined", (REMIND, "", 3)),
        (2, False, "", (REMIND, "", 3)),  # nothing to collect from: the reminder asks for a transfer (M2-13)
        (1, True, "", (REMIND, "", 2)),  # this level does not want it
        (1, True, "pending", (WAIT, "attempt_under_way", 2)),  # but an answer that is to come is waited for
    ],
)
def test_a_level_may_try_to_collect_once_more_before_it_reminds(
    level: int, can_collect: bool, answer: str, expected: tuple[str, str, int]
) -> None:
    case = replace(LATE, level=level, can_collect=can_collect, collection=answer)
    assert decided(case, "2026-11-23") == expected


@pytest.mark.feature("M2-17")
def test_the_decision_carries_its_level_so_that_what_follows_is_known() -> None:
    last = due_level(LEVELS, replace(LATE, level=3, collection="declined"), day("2026-11-30"), RULES)
    assert last == Decision(REMIND, "", LEVELS[3], day("2026-11-30"))
    assert last.level is not None and last.level.deactivate_after


@pytest.mark.feature("EB-54")
def test_what_was_paid_and_is_owed_again_begins_at_the_first_level_and_counts_from_that_day() -> None:
    again = replace(CASE, level=0, reopened_on=day("2027-01-11"))
    assert decided(again, "2027-01-17") == (WAIT, "next_level_later", 1)
    assert decided(again, "2027-01-18") == (REMIND, "", 1)


def test_a_level_that_was_taken_out_is_passed_over() -> None:
    assert next_level((LEVELS[0], LEVELS[2]), 1) == LEVELS[2]
    assert next_level((), 0) is None


@pytest.mark.feature("MAH-5")
@pytest.mark.parametrize(
    ("who", "level", "in_default", "fee"),
    [
        ("business", 1, False, 0),  # it brings about the default: nobody pays for it
        ("business", 1, True, 5_00),
        ("business", 2, True, 7_50),  # not 12.50: fees are not cumulative
        ("consumer", 0, True, 0),  # a consumer's first reminder, though in default by the date agreed
        ("consumer", 1, False, 0),
        ("consumer", 1, True, 70),
        ("consumer", 2, True, 76),
        ("zloty", 2, True, 0),  # no rate of exchange is guessed
    ],
)
def test_the_fee_of_a_reminder(who: str, level: int, in_default: bool, fee: int) -> None:
    case = replace(CASE, level=level, is_consumer=who == "consumer", currency="PLN" if who == "zloty" else "EUR")
    paid_first = replace(LEVELS[0], fee_cents=3_00, consumer_fee_cents=76)
    taken = next_level((paid_first, *LEVELS[1:]), level)
    assert taken is not None
    assert fee_cents(taken, case, RULES, in_default) == fee


@pytest.mark.feature("MAH-5")
def test_a_cap_that_was_lowered_later_holds_for_levels_that_stand() -> None:
    lower = replace(RULES, consumer_fee_cap_cents=0)  # by mail alone: nothing
    assert fee_cents(LEVELS[1], replace(CASE, level=1), lower, in_default=True) == 0


@pytest.mark.feature("MAH-4")
@pytest.mark.parametrize(("fee", "left"), [(10_00, 0), (40_00, 0), (45_00, 5_00)])
def test_the_lump_sum_covers_the_fees(fee: int, left: int) -> None:
    case = replace(CASE, level=3, is_consumer=False)
    assert fee_cents(replace(LEVELS[3], fee_cents=fee), case, RULES, True, lump_sum_cents=40_00) == left


@pytest.mark.feature("X-12")
def test_a_letters_deadline_has_passed_before_the_next_level() -> None:
    granting = [replace(level, days_to_pay=7) for level in LEVELS]
    case = replace(CASE, level=1, last_step_on=day("2026-12-01"))
    assert due_level(granting, case, day("2026-12-08"), RULES).on == day("2026-12-09")
    assert due_level(granting, case, day("2026-12-09"), RULES).deed == REMIND


@pytest.mark.feature("MAH-7")
@given(
    st.integers(0, 4),
    st.integers(0, 400),
    st.lists(st.integers(0, 60), min_size=1, max_size=30),
    st.booleans(),
    st.sampled_from(["", "pending", "declined"]),
)
def test_whatever_the_days_of_the_runs_levels_come_in_order_and_once_a_day(
    level: int, late: int, gaps: list[int], can_collect: bool, answer: str
) -> None:
    case = replace(CASE, level=level, can_collect=can_collect, collection=answer)
    today, steps = CASE.due_on + timedelta(late), list[tuple[date, int]]()
    for gap in gaps:
        today += timedelta(gap)
        found = due_level(LEVELS, case, today, RULES)
        if found.deed == REMIND and found.level:
            steps.append((today, found.level.position))
            case = replace(case, level=found.level.position, last_step_on=today)
    assert [position for _, position in steps] == list(range(level + 1, level + 1 + len(steps)))
    assert len({on for on, _ in steps}) == len(steps)
    for on, position in steps:
        assert (on - CASE.due_on).days >= LEVELS[position - 1].days_after_due


@given(
    due=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    later=st.integers(-20, 60),
    days=st.integers(1, 40),
    grace=st.integers(0, 12),
)
def test_what_a_database_finds_by_the_day_is_what_the_rule_says(due: date, later: int, days: int, grace: int) -> None:
    """A step is due exactly where it counts from `latest_since` or earlier, over weekends, holidays and the grace."""
    level, rules, today = Level(1, days, "A"), Rules(grace_bank_days=grace), due + timedelta(days + later)
    is_due = step_on(level, replace(CASE, due_on=due), rules) <= today
    assert is_due == (due <= latest_since(level, rules, today))
