"""One collection on another day, versions with periods of their own, and what a switched-off contract owes."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.charges import Charge, next_due_on, nominal_period, wanted
from billing.contracts import Rhythm, moved_rhythm
from billing.periods import Interval, Unit, nth, shift
from tests.billing.makers import day, item, keys, planned, run_by_run, terms

MONTH, YEAR = Interval.parse("1 month"), Interval.parse("1 year")
INTERVALS = st.builds(Interval, st.sampled_from(list(Unit)), st.integers(1, 3))
ANCHORS = st.dates(date(2026, 1, 1), date(2028, 12, 31))


def due(charges: list[Charge]) -> list[tuple[str, str]]:
    return [(charge.key.period_start.isoformat(), charge.due_on.isoformat()) for charge in charges]


@pytest.mark.feature("D-6")
@pytest.mark.parametrize(
    ("moved", "in_arrears", "dues"),
    [
        ([("2026-02-01", "2026-02-15")], False, ["2026-01-01", "2026-02-15", "2026-03-01", "2026-04-01"]),
        ([("2026-02-01", "2026-03-20")], False, ["2026-01-01", "2026-03-20", "2026-03-01", "2026-04-01"]),
        ([("2026-02-01", "2026-01-20")], False, ["2026-01-01", "2026-01-20", "2026-03-01", "2026-04-01"]),
        ([("2026-01-01", "2025-12-20")], False, ["2025-12-20", "2026-02-01", "2026-03-01", "2026-04-01"]),
        ([("2026-02-01", "2026-03-15")], True, ["2026-02-01", "2026-03-15", "2026-04-01"]),
        ([("2026-02-01", "2026-02-10")], True, ["2026-02-01", "2026-02-10", "2026-04-01"]),
        ([("2026-01-01", "2026-02-01"), ("2026-02-01", "2026-04-01")], False,
         ["2026-02-01", "2026-04-01", "2026-03-01", "2026-04-01"]),
    ],
)  # fmt: skip
def test_one_collection_moves_and_the_following_days_stay(
    moved: list[tuple[str, str]], in_arrears: bool, dues: list[str]
) -> None:
    contract = terms(moved=moved, in_arrears=in_arrears)
    charges = wanted(contract, day("2026-04-30"))
    assert [charge.due_on.isoformat() for charge in charges] == dues
    starts = [nth(day("2026-01-01"), MONTH, n).start for n in range(len(dues))]
    assert [charge.key.period_start for charge in charges] == starts, "the claims are those of the periods"


@pytest.mark.feature("D-6")
@pytest.mark.parametrize(("moved", "kept"), [("2026-02-20", "2026-02-20"), ("2026-01-20", "2026-02-10")])
def test_an_add_on_of_a_moved_period_is_never_due_before_it_begins(moved: str, kept: str) -> None:
    contract = terms(item(1), item(2, starts="2026-02-10", kind="addon"), moved=[("2026-02-01", moved)])
    assert [charge.due_on for charge in wanted(contract, day("2026-02-28")) if charge.item.id == 2] == [day(kept)]


@pytest.mark.feature("D-6")
@given(st.integers(0, 4), st.integers(-25, 70), st.booleans())
def test_a_moved_collection_bills_nothing_twice_and_nothing_less(n: int, days: int, in_arrears: bool) -> None:
    plain = terms(in_arrears=in_arrears)
    nominal = nth(plain.anchor_on, MONTH, n)
    moved_to = (nominal.end if in_arrears else nominal.start) + timedelta(days)
    moved = terms(in_arrears=in_arrears, moved=[(nominal.start.isoformat(), moved_to.isoformat())])
    daily = [date(2025, 12, 1) + timedelta(k) for k in range(320)]
    usual, changed = run_by_run([plain], daily), run_by_run([moved], daily)
    assert keys(usual) == keys(changed) and len(keys(changed)) == sum(len(draft.charges) for draft in changed)
    others = [(c.key, c.due_on) for d in usual for c in d.charges if c.key.period_start != nominal.start]
    still = [(c.key, c.due_on) for d in changed for c in d.charges if c.key.period_start != nominal.start]
    assert sorted(others) == sorted(still)


def test_a_version_keeps_the_periods_it_was_billed_by() -> None:
    """Monthly until 10 March, by the year from then on: the old claims are the old months, the new one the year."""
    old = item(1, price="31.00", ends="2026-03-10", rhythm=Rhythm(day("2026-01-01"), MONTH))
    new = item(2, price="365.00", starts="2026-03-10", rhythm=Rhythm(day("2026-03-10"), YEAR))
    contract = terms(old, new, anchor="2026-03-10", every="1 year")
    charges = wanted(contract, day("2027-03-10"))
    assert [(c.item.id, c.period.start.isoformat(), c.amount_cents) for c in charges] == [
        (1, "2026-01-01", 3100), (1, "2026-02-01", 3100), (1, "2026-03-01", 900),
        (2, "2026-03-10", 36500), (2, "2027-03-10", 36500),
    ]  # fmt: skip
    assert nominal_period(contract, old, day("2026-02-14")).end == day("2026-03-01")


def test_a_new_rhythm_goes_on_counting_its_events() -> None:
    old = item(1, ends="2026-03-01", rhythm=Rhythm(day("2026-01-01"), MONTH, number_events=4))
    new = item(2, starts="2026-03-01", rhythm=Rhythm(day("2026-03-01"), MONTH, number_events=4, counted_before=2))
    charges = wanted(terms(old, new, events=4), day("2027-01-01"))
    assert [(charge.item.id, charge.counter) for charge in charges] == [(1, 1), (1, 2), (2, 3), (2, 4)]


@pytest.mark.feature("D-6")
@pytest.mark.parametrize(
    ("anchor", "since", "new_day", "periods"),
    [
        ("2026-01-01", "2026-03-01", "2026-03-15",
         [("2026-03-01", "2026-03-15"), ("2026-03-15", "2026-04-15"), ("2026-04-15", "2026-05-15")]),
        ("2026-01-01", "2026-03-01", "2026-03-31",
         [("2026-03-01", "2026-03-31"), ("2026-03-31", "2026-04-30"), ("2026-04-30", "2026-05-31")]),
        ("2026-01-31", "2026-02-28", "2026-03-15",
         [("2026-02-28", "2026-03-15"), ("2026-03-15", "2026-04-15"), ("2026-04-15", "2026-05-15")]),
    ],
)  # fmt: skip
def test_a_billing_day_moved_for_good_bills_the_days_between_as_a_part(
    anchor: str, since: str, new_day: str, periods: list[tuple[str, str]]
) -> None:
    old = Rhythm(day(anchor), MONTH)
    new = moved_rhythm(old, day(since), day(new_day))
    versions = item(1, starts=anchor, ends=since, rhythm=old), item(2, starts=since, rhythm=new)
    charges = [c for c in wanted(terms(*versions), shift(day(new_day), MONTH, 1)) if c.item.id == 2]
    assert [(c.period.start.isoformat(), c.period.end.isoformat()) for c in charges] == periods
    assert [c.part.days < c.part.of_days for c in charges] == [True, False, False]


@pytest.mark.feature("EB-40")
@given(ANCHORS, INTERVALS, st.integers(0, 5), st.integers(1, 400))
def test_a_moved_billing_day_leaves_no_day_out_and_none_twice(
    anchor: date, interval: Interval, n: int, later: int
) -> None:
    old = Rhythm(anchor, interval, number_events=99)
    boundary = nth(anchor, interval, n)
    new_day = boundary.start + timedelta(later % (boundary.days or 1))
    new = moved_rhythm(old, boundary.start, new_day)
    versions = (
        item(1, starts=anchor.isoformat(), ends=boundary.start.isoformat(), rhythm=old),
        item(2, starts=boundary.start.isoformat(), rhythm=new),
    )
    charges = wanted(terms(*versions, events=99), shift(new_day, interval, 2))
    assert all(left.period.end == right.period.start for left, right in pairwise(charges))
    assert [charge.counter for charge in charges] == list(range(1, len(charges) + 1)), "the count goes on"
    assert new_day in {charge.period.start for charge in charges}


@pytest.mark.feature("D-12")
def test_a_switched_off_contract_still_owes_what_was_due_before() -> None:
    contract = terms(status="deactivated", silent_from="2026-02-10")
    assert due(wanted(contract, day("2026-06-01"))) == [("2026-01-01", "2026-01-01"), ("2026-02-01", "2026-02-01")]
    assert next_due_on(contract, day("2026-01-15")) == day("2026-02-01")
    assert next_due_on(contract, day("2026-02-01")) is None
    assert planned([contract], "2026-06-01", confirmed={1}).parked == []
