"""Instalments: they add up, and who keeps to them has respite."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import Invalid
from billing.instalments import Instalment, check, is_kept, left_of, monthly
from tests.billing.makers import day

PLAN = (
    Instalment(day("2026-12-01"), 40_00),
    Instalment(day("2027-01-01"), 40_00),  # New Year: payable on Monday the 4th
    Instalment(day("2027-02-01"), 39_00),
)


def test_a_debt_in_three_months() -> None:
    found = monthly(100_00, 3, day("2026-12-31"))
    assert found == (
        Instalment(day("2026-12-31"), 33_34),
        Instalment(day("2027-01-31"), 33_33),
        Instalment(day("2027-02-28"), 33_33),
    )


@given(st.integers(1, 10**9), st.integers(1, 36))
def test_instalments_add_up_to_what_is_open(open_cents: int, count: int) -> None:
    if count > open_cents:
        with pytest.raises(Invalid):
            monthly(open_cents, count, day("2026-12-01"))
        return
    plan = monthly(open_cents, count, day("2026-12-01"))
    check(plan, open_cents, day("2026-12-01"))
    assert max(part.cents for part in plan) - min(part.cents for part in plan) <= 1


@pytest.mark.feature("MAH-7")
@pytest.mark.parametrize(
    ("paid", "today", "kept"),
    [
        (0, "2026-12-01", True),  # due today
        (0, "2026-12-02", True),  # ordered yesterday, it arrives today
        (0, "2026-12-03", False),
        (39_99, "2026-12-03", False),  # a cent too little
        (40_00, "2026-12-03", True),
        (40_00, "2027-01-05", True),  # due at New Year, payable on Monday the 4th
        (40_00, "2027-01-06", False),
        (100_00, "2027-01-31", True),  # ahead of the plan
        (119_00, "2027-06-01", True),
    ],
)
def test_a_plan_is_kept_while_what_was_due_is_paid(paid: int, today: str, kept: bool) -> None:
    assert is_kept(PLAN, paid, day(today), grace_days=1) is kept


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ((), "instalments"),
        (PLAN[:2], "instalments"),  # less than is open
        ((*PLAN[:2], Instalment(day("2027-02-01"), 39_01)), "instalments"),
        ((Instalment(day("2026-12-01"), 120_00), Instalment(day("2027-01-01"), -1_00)), "instalments"),
        ((PLAN[1], PLAN[0], PLAN[2]), "due_on"),
        ((Instalment(day("2026-11-30"), 119_00),), "due_on"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(plan: tuple[Instalment, ...], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(plan, 119_00, day("2026-12-01"))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("paid", "left"), [(-1, 3), (0, 3), (33_33, 3), (33_34, 2), (99_99, 1), (100_00, 0), (120_00, 0)]
)
def test_an_instalment_is_open_until_it_is_paid_in_full(paid: int, left: int) -> None:
    assert left_of(monthly(100_00, 3, day("2026-12-01")), paid) == left
