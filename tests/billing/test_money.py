"""Money is whole cents: it is added, rounded in one way, and split so that nothing is lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import CurrencyMismatch, Invalid
from billing.money import Money, divide_half_up, round_half_up, share_out, split_cents, zero

CENTS = st.integers(-(10**12), 10**12)
WEIGHTS = st.lists(st.one_of(st.integers(0, 10**6), st.decimals(0, 1000, places=3)), min_size=1, max_size=20)


@pytest.mark.feature("RND-1")
@pytest.mark.parametrize(
    ("exact", "cents"),
    [("0.5", 1), ("0.49999", 0), ("1.5", 2), ("2.5", 3), ("-0.5", -1), ("-0.49999", 0), ("-2.5", -3), ("7", 7)],
)
def test_a_half_cent_goes_up_and_away_from_zero(exact: str, cents: int) -> None:
    assert round_half_up(Decimal(exact)) == cents
    top, bottom = Decimal(exact).as_integer_ratio()
    assert divide_half_up(top, bottom) == cents


@pytest.mark.feature("RND-1")
@given(st.integers(-(10**15), 10**15), st.integers(1, 10**6))
def test_integer_rounding_is_decimal_rounding(top: int, bottom: int) -> None:
    nearest = divide_half_up(top, bottom)
    assert abs(2 * (top - nearest * bottom)) <= bottom
    assert divide_half_up(-top, bottom) == -nearest


def test_sums_and_order_stay_within_one_currency() -> None:
    euro, dollar = Money(100, "EUR"), Money(100, "USD")
    assert euro + Money(1, "EUR") == Money(101, "EUR")
    assert euro - Money(101, "EUR") == -Money(1, "EUR")
    assert zero("EUR") < euro <= Money(100, "EUR") and euro > zero("EUR") and euro >= zero("EUR")
    assert bool(euro) and not zero("EUR")
    assert euro != dollar
    for mixed in (lambda: euro + dollar, lambda: euro - dollar, lambda: euro < dollar, lambda: euro >= dollar):
        with pytest.raises(CurrencyMismatch) as refused:
            mixed()
        assert refused.value.facts == {"left": "EUR", "right": "USD"}


@pytest.mark.parametrize(
    ("cents", "currency"), [(1.0, "EUR"), (True, "EUR"), (1, "euro"), (1, "eur"), (1, ""), (1, "ÄÖÜ")]
)
def test_only_whole_cents_of_a_currency_are_money(cents: int, currency: str) -> None:
    with pytest.raises(Invalid):
        Money(cents, currency)


@pytest.mark.feature("RND-1")
@pytest.mark.parametrize(
    ("cents", "factor", "expected"),
    [(999, "0.19", 190), (50, "0.01", 1), (49, "0.01", 0), (-50, "0.01", -1), (10**15 + 1, "1", 10**15 + 1)],
)
def test_times_rounds_once(cents: int, factor: str, expected: int) -> None:
    assert Money(cents, "EUR").times(Decimal(factor)) == Money(expected, "EUR")


def test_floats_never_come_near_money() -> None:
    careless: Any = 0.5
    with pytest.raises(Invalid, match="float_near_money"):
        Money(100, "EUR").times(careless)
    with pytest.raises(Invalid, match="float_near_money"):
        split_cents(100, [careless, careless])
    with pytest.raises(Invalid):
        Money(100, "EUR").times(Decimal("NaN"))
    with pytest.raises(Invalid):
        round_half_up(Decimal("Infinity"))


@pytest.mark.feature("RND-6")
@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (101, [Decimal("0.5"), Decimal("0.5")], [51, 50]),
        (10, [0, 1, 0], [0, 10, 0]),
        (1, [1, 3], [0, 1]),
        (0, [0, 0], [0, 0]),
        (0, [], []),
        (7, [Decimal("0.1"), Decimal("0.25"), 1], [1, 1, 5]),
    ],
)
def test_a_split_loses_nothing(total: int, weights: list[int | Decimal], parts: list[int]) -> None:
    assert split_cents(total, weights) == parts
    assert Money(total, "EUR").split(weights) == [Money(part, "EUR") for part in parts]


@pytest.mark.feature("RND-6")
@given(CENTS, WEIGHTS)
def test_parts_add_up_and_stay_within_a_cent_of_their_share(total: int, weights: list[int | Decimal]) -> None:
    if not sum(weights):
        weights = [1, *weights]
    parts = split_cents(total, weights)
    assert sum(parts) == total
    assert split_cents(-total, weights) == [-part for part in parts]
    whole = sum((Decimal(weight) for weight in weights), Decimal(0))
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * whole - total * Decimal(weight)) < whole


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [-1], [Decimal("NaN")]])
def test_weights_that_cannot_carry_are_refused(weights: list[int | Decimal]) -> None:
    with pytest.raises(Invalid):
        split_cents(5, weights)


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=15), st.integers(1, 10**4))
def test_sharing_out_rounds_each_part_down_or_up(numerators: list[int], denominator: int) -> None:
    total = divide_half_up(sum(numerators), denominator)
    parts = share_out(numerators, denominator, total)
    assert sum(parts) == total
    assert all(abs(part * denominator - top) <= denominator for part, top in zip(parts, numerators, strict=True))
