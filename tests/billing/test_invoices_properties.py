"""What must hold for any contracts: nothing twice, nothing lost, and a missed run changes only the date of issue."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.charges import next_due_on, wanted
from billing.contracts import Item, Moved, Terms
from billing.drafts import total
from billing.periods import Interval, Unit, nth
from tests.billing.makers import item, keys, planned, run_by_run, terms

STARTS = st.dates(date(2026, 1, 1), date(2026, 6, 30))
ENDS = st.none() | st.dates(date(2026, 1, 15), date(2027, 3, 1))
INTERVALS = st.builds(Interval, st.sampled_from([Unit.MONTH, Unit.MONTH, Unit.WEEK, Unit.YEAR]), st.integers(1, 3))
PRICES = st.decimals(Decimal("0.01"), Decimal(500), places=4)


@st.composite
def contracts(draw: st.DrawFn) -> list[Terms]:
    return [draw(_contract(number)) for number in range(1, draw(st.integers(1, 3)) + 1)]


@st.composite
def _contract(draw: st.DrawFn, number: int) -> Terms:
    anchor = draw(STARTS)
    items = tuple(draw(_item(number * 10 + i, anchor, kind)) for i, kind in enumerate(("plan", "addon", "setup")))
    bare = terms(
        *items[: draw(st.integers(1, 3))],
        id=number,
        anchor=anchor.isoformat(),
        in_arrears=draw(st.booleans()),
        is_gross=draw(st.booleans()),
        events=draw(st.sampled_from([None, None, 1, 5])),
    )
    trial = draw(st.none() | st.integers(1, 40))
    trial_ends = None if trial is None else anchor + timedelta(trial)
    whole = replace(bare, interval=draw(INTERVALS), ends_on=draw(ENDS), trial_ends_on=trial_ends)
    moved = draw(
        st.lists(st.tuples(st.integers(0, 5), st.integers(-20, 60)), max_size=2, unique_by=lambda pair: pair[0])
    )
    return replace(whole, moved=tuple(_move(whole, n, days) for n, days in moved))


def _move(contract: Terms, n: int, days: int) -> Moved:
    """The collection of the contract's period n, so many days later or earlier than it would be."""
    nominal = nth(contract.rhythm.anchor_on, contract.interval, n)
    return Moved(nominal.start, (nominal.end if contract.in_arrears else nominal.start) + timedelta(days))


@st.composite
def _item(draw: st.DrawFn, number: int, anchor: date, kind: str) -> Item:
    starts = anchor + timedelta(draw(st.integers(0, 70)) if kind == "addon" else 0)
    bare = item(number, starts=starts.isoformat(), kind=kind, vat=draw(st.sampled_from(["standard", "reduced"])))
    return replace(bare, unit_price=draw(PRICES), ends_on=draw(ENDS))


DAYS_OF_A_YEAR = [date(2026, 1, 1) + timedelta(n) for n in range(400)]
EVERYONE = frozenset(range(100))


@pytest.mark.feature("X-02")
@pytest.mark.feature("EB-19")
@given(contracts(), st.sampled_from(DAYS_OF_A_YEAR))
def test_planning_twice_plans_nothing(book: list[Terms], on: date) -> None:
    first = planned(book, on, confirmed=EVERYONE)
    assert planned(book, on, keys(first.drafts), confirmed=EVERYONE).drafts == []
    charges = [charge for draft in first.drafts for charge in draft.charges]
    assert len({charge.key for charge in charges}) == len(charges)


@pytest.mark.feature("EB-5")
@pytest.mark.feature("EB-26")
@pytest.mark.feature("F15")
@given(contracts(), st.sampled_from(DAYS_OF_A_YEAR), st.integers(1, 92))
def test_a_run_missed_for_three_months_catches_up_to_the_same_drafts(book: list[Terms], on: date, missed: int) -> None:
    before = [on - timedelta(n) for n in range(30, 0, -1)]
    daily = [on + timedelta(n) for n in range(missed + 1)]
    book = [contract for contract in book if _fits(contract, daily[-1])]
    punctual = run_by_run(book, before + daily)
    late = run_by_run(book, [*before, daily[-1]])
    assert late == punctual
    assert [total(draft) for draft in late] == [total(draft) for draft in punctual]


@pytest.mark.feature("F15")
def test_three_months_missed_by_a_month_end_contract() -> None:
    book = [terms(anchor="2026-01-31")]
    punctual = run_by_run(book, [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)])
    assert run_by_run(book, [date(2026, 1, 31), date(2026, 4, 30)]) == punctual
    assert len(punctual) == 4


@pytest.mark.feature("EB-29")
@pytest.mark.feature("EB-40")
@given(contracts(), st.sampled_from(DAYS_OF_A_YEAR))
def test_the_charged_periods_of_an_item_tile_its_time_of_service(book: list[Terms], on: date) -> None:
    """A period whose one collection was put off is left out until its day; nothing else is (D-6)."""
    for contract in book:
        charges = wanted(contract, on)
        put_off = {moved.period_start for moved in contract.moved if moved.due_on > on}
        for thing in contract.items:
            served = sorted(charge.period for charge in charges if charge.item is thing and charge.key.kind == "period")
            assert all(left.end == right.start or left.end in put_off for left, right in pairwise(served))
            assert all(_inside(period.start, period.end, contract, thing) for period in served)
        for charge in charges:
            assert 0 < charge.part.days <= charge.part.of_days
            assert charge.due_on <= on


@given(contracts(), st.sampled_from(DAYS_OF_A_YEAR))
def test_the_next_due_day_is_the_first_day_on_which_more_is_wanted(book: list[Terms], on: date) -> None:
    for contract in book:
        due, known = next_due_on(contract, on), len(wanted(contract, on))
        if due is None:
            assert len(wanted(contract, on + timedelta(5000))) == known
        else:
            assert on < due and len(wanted(contract, due - timedelta(1))) == known < len(wanted(contract, due))


@pytest.mark.feature("RND-5")
@pytest.mark.feature("RND-4")
@given(contracts(), st.sampled_from(DAYS_OF_A_YEAR))
def test_totals_add_up_and_gross_totals_are_the_sum_charged(book: list[Terms], on: date) -> None:
    for draft in planned(book, on, confirmed=EVERYONE).drafts:
        totals, charged = total(draft), sum(charge.amount_cents for charge in draft.charges)
        assert charged == (totals.gross_cents if draft.is_gross else totals.net_cents)
        assert totals[:3] == tuple(sum(column) for column in zip(*totals.line_amounts, strict=True))
        assert totals[:3] == tuple(
            sum(column) for column in zip(*(line[2:5] for line in totals.tax_lines), strict=True)
        )


@given(contracts(), st.sampled_from(DAYS_OF_A_YEAR), st.dates(date(2026, 1, 1), date(2027, 1, 1)))
def test_knowing_what_is_settled_plans_the_same_as_its_claims(book: list[Terms], on: date, settled: date) -> None:
    old = {charge.key for contract in book for charge in wanted(contract, on) if charge.key.period_start < settled}
    hinted = [
        replace(contract, items=tuple(replace(thing, settled_before=settled) for thing in contract.items))
        for contract in book
    ]
    assert planned(hinted, on, confirmed=EVERYONE) == planned(book, on, old, confirmed=EVERYONE)


def _fits(contract: Terms, until: date) -> bool:
    """Punctual runs never meet the bound of twelve that a person would have to confirm."""
    return len({charge.key.period_start for charge in wanted(contract, until)}) <= 12


def _inside(start: date, end: date, contract: Terms, thing: Item) -> bool:
    first = max(contract.anchor_on, contract.trial_ends_on or contract.anchor_on, thing.starts_on)
    ends = [day for day in (contract.ends_on, thing.ends_on) if day is not None]
    return first <= start < end and all(end <= day for day in ends)
