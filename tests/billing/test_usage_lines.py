"""Usage stands summed on its invoice, one line for each article, price and rate, each record once (X-20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.charges import next_due_on
from billing.contracts import ClaimKey, Terms
from billing.drafts import Draft, total
from billing.lines import Line
from tests.billing.makers import day, item, planned, terms, used


def lines(drafts: list[Draft]) -> list[Line]:
    return [line for draft in drafts for line in draft.lines]


@pytest.mark.feature("X-20")
def test_records_of_one_article_and_price_are_one_line_that_says_how_many_and_when() -> None:
    usage = [used("2026-01-05", 1, quantity="30"), used("2026-01-20", 2, quantity="12.5")]
    (draft,) = planned([terms(item(1), usage=usage)], "2026-02-01", {ClaimKey(1, "period", day("2026-01-01"))}).drafts
    (line,) = draft.lines
    assert (line.reason, line.quantity, line.unit, line.unit_price) == (
        "usage",
        Decimal("42.5"),
        "MIN",
        Decimal("0.10"),
    )
    assert line.amount_cents == 425 and line.description == "2 Nutzungen vom 05.01.2026 bis 20.01.2026"
    assert line.period == (day("2026-01-05"), day("2026-01-21"))
    assert line.records == (ClaimKey(1, "usage:1", day("2026-01-05")), ClaimKey(1, "usage:2", day("2026-01-20")))
    assert draft.billing_on == day("2026-02-01") and len(draft.charges) == 1
    assert total(draft).net_cents == 1425


@pytest.mark.feature("X-20")
def test_the_quantities_are_summed_before_the_one_rounding() -> None:
    usage = [used("2026-01-05", n, price="0.004") for n in range(1, 4)]
    (draft,) = planned([terms(usage=usage)], "2026-02-01").drafts[-1:]
    assert draft.lines[0].amount_cents == 1  # 3 x 0.004 = 0.012, not three times nothing


@pytest.mark.feature("X-20")
@pytest.mark.parametrize(
    ("other", "count"),
    [
        ({}, 1),
        ({"price": "0.20"}, 2),
        ({"article": "sms"}, 2),
        ({"vat": "reduced"}, 2),
        ({"description": "Ausland"}, 1),
    ],
    ids=["alike", "price", "article", "rate", "words"],
)
def test_another_article_price_or_rate_is_another_line(other: dict[str, Any], count: int) -> None:
    usage = [used("2026-01-05"), used("2026-01-06", 2, **other)]
    assert len(lines(planned([terms(usage=usage)], "2026-02-01").drafts)) == count


@pytest.mark.feature("X-20")
def test_usage_before_and_after_a_change_of_the_rate_is_taxed_by_the_day_of_use() -> None:
    contract = terms(item(1, starts="2020-06-01"), anchor="2020-06-01", every="2 month",
                     usage=[used("2020-06-30"), used("2020-07-01", 2)])  # fmt: skip
    assert [line.percent for line in lines(planned([contract], "2020-08-01").drafts)] == [Decimal(16), Decimal(19)]


@pytest.mark.feature("X-20")
@pytest.mark.parametrize(("status", "billed"), [("active", 1), ("closed", 1), ("paused", 1), ("deactivated", 0)])
def test_a_contract_that_pauses_or_has_ended_bills_usage_and_one_switched_off_waits(status: str, billed: int) -> None:
    contract = terms(item(1, ends="2026-01-06"), status=status, usage=[used("2026-01-05")])
    assert len(lines(planned([contract], "2026-02-01").drafts)) == billed
    assert (next_due_on(contract, day("2026-01-31")) is not None) == bool(billed)


@pytest.mark.feature("X-20")
def test_usage_that_cannot_be_taxed_parks_its_contract_alone() -> None:
    bad = terms(item(2), id=2, usage=[used("2026-01-05", vat="unheard of")])
    result = planned([terms(item(1)), bad], "2026-01-31")
    assert {charge.subscription_id for draft in result.drafts for charge in draft.charges} == {1, 2}
    result = planned([terms(item(1)), bad], "2026-02-01")
    assert [parked.subscription_id for parked in result.parked] == [2]
    assert {charge.subscription_id for draft in result.drafts for charge in draft.charges} == {1}


FIRST = date(2026, 1, 1)
days = st.integers(0, 200).map(lambda n: FIRST + timedelta(n))
records = st.lists(st.tuples(days, days, st.integers(1, 1000)), max_size=12)


def after_runs(contract: Terms, runs: list[date]) -> list[tuple[date, date, Line]]:
    """(run, billing day, usage line) of run after run, each knowing what those before it billed and what was recorded
    by then."""
    billed: set[int] = set()
    found = []
    for on in runs:
        known = tuple(r for r in contract.usage if r.recorded_on <= on and r.id not in billed)
        for draft in planned([replace(contract, usage=known, items=())], on).drafts:
            for line in draft.lines:
                found.append((on, draft.billing_on, line))
                billed |= {int(key.kind.removeprefix("usage:")) for key in line.records}
    return found


@pytest.mark.feature("X-20")
@given(records, st.lists(days, max_size=6), st.sampled_from([None, "2026-03-17", "2026-05-01"]))
def test_each_record_is_billed_once_on_its_own_day_however_often_it_is_run(
    made: list[tuple[date, date, int]], runs: list[date], ends: str | None
) -> None:
    usage = [used(on.isoformat(), n, known.isoformat(), str(q)) for n, (on, known, q) in enumerate(made, 1)]
    contract, last = terms(usage=usage, ends=ends), date(2027, 1, 1)
    at_last, often = after_runs(contract, [last]), after_runs(contract, [*sorted(runs), last])
    keys = [key for _, _, line in often for key in line.records]
    assert len(keys) == len(set(keys)) == len(usage)
    by_day = {key: on for _, on, line in at_last for key in line.records}
    assert by_day == {key: on for _, on, line in often for key in line.records}
    assert all(on <= run for run, on, _ in often)
    assert sum(line.quantity for _, _, line in often) == sum(q for _, _, q in made)
