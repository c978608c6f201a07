"""A change on any day of any period: interval x anchor x phase x day, and what it may never do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import corrections
from billing.changes import Edits, amount, due_later, due_now, edited
from billing.charges import UNDECIDED, Charge, next_due_on, wanted
from billing.contracts import ClaimKey, Rhythm, Terms
from billing.lines import Line
from billing.periods import Interval, Unit, nth
from billing.taxes import ZERO
from tests.billing.makers import day, item, terms

PRICES = st.decimals(Decimal("0.01"), Decimal(500), places=2)
INTERVALS = st.sampled_from([Interval(Unit.MONTH), Interval(Unit.MONTH, 3), Interval(Unit.YEAR), Interval(Unit.WEEK),
                             Interval(Unit.WEEK, 2), Interval(Unit.DAY, 10)])  # fmt: skip
ANCHORS = st.sampled_from([date(2027, 1, 1), date(2027, 1, 31), date(2028, 2, 29), date(2027, 3, 15)])
PHASES = ("first", "middle", "last")


def line(charge: Charge, number: int) -> Line:
    """The issued line of a charge."""
    return Line("", charge.item.title, charge.item.quantity, charge.item.unit_price, charge.amount_cents, UNDECIDED,
                "S", ZERO, period=charge.period, part=charge.part, id=number)  # fmt: skip


def credit(billed: list[Charge], item_id: int, on: date) -> int:
    """What the corrections of an item's lines come to when it ends on that day; negative."""
    lines = [line(charge, n) for n, charge in enumerate(billed, 1)]
    parts = [
        corrections.Part(n, unserved_from=max(on, charge.period.start))
        for n, charge in enumerate(billed, 1)
        if charge.item.id == item_id and charge.period.end > on
    ]
    return sum(one.amount_cents for one in corrections.correct(lines, [], parts, False).lines) if parts else 0


def changed(contract: Terms, on: date, price: str, interval: Interval | None = None) -> Terms:
    """The plan ends and another begins; with another interval by a count of its own."""
    rhythm = Rhythm(on, interval) if interval else None
    new = replace(item(-1, price=price, starts=on.isoformat()), rhythm=rhythm)
    return edited(contract, Edits(on, frozenset({1}), begins=(new,), rhythm=rhythm))


def keys(charges: list[Charge]) -> set[ClaimKey]:
    return {charge.key for charge in charges}


@pytest.mark.feature("X-10")
@pytest.mark.feature("EB-39")
@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("anchor", ["2027-01-01", "2027-01-31", "2028-02-29"])
@pytest.mark.parametrize("every", ["1 month", "3 month", "1 year", "2 week", "10 day"])
def test_at_the_same_price_a_change_costs_nothing_on_any_day(every: str, anchor: str, phase: str) -> None:
    contract = terms(item(1, price="77.77", starts=anchor), anchor=anchor, every=every)
    nominal = nth(contract.anchor_on, contract.interval, 1)
    on = {"first": nominal.start, "last": nominal.last_day}.get(phase, nominal.start + timedelta(nominal.days // 3))
    billed = wanted(contract, on)
    after = due_now(changed(contract, on, "77.77"), on, keys(billed))
    assert credit(billed, 1, on) + amount(after) == 0
    assert [(c.period.start, c.period.end, c.part.of_days) for c in after] == [(on, nominal.end, nominal.days)]


@pytest.mark.feature("X-10")
@given(ANCHORS, INTERVALS, st.integers(0, 400), PRICES, PRICES, st.none() | INTERVALS, st.integers(0, 45))
def test_money_credited_never_exceeds_what_was_billed_and_no_day_is_charged_twice(
    anchor: date, every: Interval, later: int, price: Decimal, new_price: Decimal, other: Interval | None, behind: int
) -> None:
    """Billed up to some day at or before the change, which falls on any day."""
    on = anchor + timedelta(later)
    contract = terms(item(1, price=str(price), starts=anchor.isoformat()), anchor=anchor.isoformat())
    contract = replace(contract, interval=every)
    billed = wanted(contract, on - timedelta(behind))
    after = changed(contract, on, str(new_price), other)
    given_back, fresh = credit(billed, 1, on), due_now(after, on, keys(billed))
    assert 0 <= -given_back <= amount(billed)
    old = [(c.period.start, min(c.period.end, on)) for c in [*billed, *fresh] if c.item.id == 1]
    new = [(c.period.start, c.period.end) for c in fresh if c.item.id == -1]
    assert sum((end - start).days for start, end in old) == later, "every day before the change once"
    assert new[0][0] == on and all(start >= on for start, _ in new)
    assert keys(fresh).isdisjoint(keys(billed))


@pytest.mark.feature("X-10")
@given(ANCHORS, INTERVALS, st.integers(0, 200), st.lists(st.tuples(st.integers(0, 40), PRICES), max_size=4))
def test_however_often_it_changes_each_day_is_paid_for_once(
    anchor: date, every: Interval, later: int, changes: list[tuple[int, Decimal]]
) -> None:
    on, contract = anchor, terms(item(1, price="31.00", starts=anchor.isoformat()), anchor=anchor.isoformat())
    contract = replace(contract, interval=every)
    last = 1
    for days, price in changes:
        on += timedelta(days)
        new = item(last + 1, price=str(price), starts=on.isoformat())
        contract = edited(contract, Edits(on, frozenset({last}), begins=(new,)))
        last += 1
    until = on + timedelta(later)
    periods = sorted((c.period.start, c.period.end) for c in wanted(contract, until))
    assert periods[0][0] == anchor
    assert all(left[1] == right[0] for left, right in zip(periods, periods[1:], strict=False))
    assert periods[-1][1] > until


def test_the_next_day_with_its_charges() -> None:
    contract = terms(item(1, price="31.00", starts="2027-01-31"), anchor="2027-01-31")
    billed = wanted(contract, day("2027-02-10"))
    (charge,) = due_later(contract, day("2027-02-10"), keys(billed))
    assert (charge.due_on, charge.amount_cents) == (day("2027-02-28"), 3100)
    ended = replace(contract, ends_on=day("2027-02-28"))
    assert next_due_on(ended, day("2027-02-10")) is None and due_later(ended, day("2027-02-10"), set()) == []


def test_what_was_planned_before_is_dropped_and_what_it_was_to_end_goes_on() -> None:
    old, planned = item(1, ends="2027-03-01"), item(2, price="20.00", starts="2027-03-01")
    after = edited(terms(old, planned), Edits(day("2027-02-01"), dropped=frozenset({2}), reopened=frozenset({1})))
    assert [(each.id, each.ends_on) for each in after.items] == [(1, None)]
