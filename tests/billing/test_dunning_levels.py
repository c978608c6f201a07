"""Which levels a house may have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from billing.dunning import Level, Rules
from billing.dunning_levels import check_levels
from billing.errors import Invalid

LEVELS = (
    Level(1, 7, "Zahlungserinnerung"),
    Level(2, 14, "1. Mahnung", fee_cents=5_00, consumer_fee_cents=70),
    Level(3, 21, "2. Mahnung", fee_cents=7_50, consumer_fee_cents=76),
    Level(4, 28, "3. Mahnung", fee_cents=10_00, consumer_fee_cents=76),
)
RULES = Rules()


@pytest.mark.feature("M2-15")
def test_levels_that_make_sense_are_taken() -> None:
    check_levels(LEVELS, RULES)
    check_levels((), RULES)


@pytest.mark.feature("MAH-5")
@pytest.mark.parametrize(
    ("number", "change", "field", "code"),
    [
        (1, {"name": " "}, "name", "missing"),
        (1, {"name": "x" * 61}, "name", "too_long"),
        (0, {"days_after_due": 0}, "days_after_due", "out_of_range"),
        (3, {"days_after_due": 1000}, "days_after_due", "out_of_range"),
        (1, {"days_after_due": 7}, "days_after_due", "not_later_than_before"),  # not cumulative
        (1, {"fee_cents": -1}, "fee_cents", "negative"),
        (1, {"consumer_fee_cents": -1}, "consumer_fee_cents", "negative"),
        (1, {"consumer_fee_cents": 77}, "consumer_fee_cents", "above_cap"),
        (1, {"position": 3}, "position", "not_in_order"),
    ],
)
def test_levels_that_make_no_sense_are_refused_by_their_field(
    number: int, change: dict[str, object], field: str, code: str
) -> None:
    levels = [replace(level, **change) if at == number else level for at, level in enumerate(LEVELS)]
    with pytest.raises(Invalid) as refused:
        check_levels(levels, RULES)
    assert (refused.value.field, refused.value.code) == (field, code)
