"""A line is rounded once; a part of a period is a share of the full period, and the parts add up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import Invalid
from billing.periods import Interval, Period, nth
from billing.pricing import Part, line_cents, part_of, prorate, remaining


@pytest.mark.feature("RND-2")
@pytest.mark.parametrize(
    ("quantity", "price", "cents"),
    [
        ("1", "9.99", 999),
        ("3", "0.3333", 100),
        ("1", "0.005", 1),
        ("1", "0.0049", 0),
        ("2.5", "0.01", 3),
        ("-1", "0.005", -1),
        ("1000000", "0.00000001", 1),
        ("1234567.891", "98765.43210987", 12193263122359),
        ("0", "10", 0),
    ],
)
def test_a_line_is_quantity_times_price_rounded_once(quantity: str, price: str, cents: int) -> None:
    assert line_cents(Decimal(quantity), Decimal(price)) == cents


@pytest.mark.feature("S26")
@pytest.mark.parametrize(
    ("quantity", "price"),
    [("1E+14", "1"), ("1E+999999", "1E+999999"), ("1", "NaN"), ("Infinity", "0"), ("1" * 50, "1" * 50)],
)
def test_amounts_beyond_every_bank_are_refused(quantity: str, price: str) -> None:
    with pytest.raises(Invalid) as refused:
        line_cents(Decimal(quantity), Decimal(price))
    assert refused.value.field in ("unit_price", "amount")


MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
QUARTER = nth(date(2026, 1, 31), Interval.parse("3 month"), 0)


@pytest.mark.feature("EB-34")
def test_the_denominator_is_the_full_nominal_period() -> None:
    assert part_of(QUARTER, Period(date(2026, 3, 20), QUARTER.end)) == Part(41, 89)
    assert prorate(89_00, QUARTER, Period(date(2026, 3, 20), QUARTER.end)) == 41_00


@pytest.mark.feature("EB-38")
@pytest.mark.parametrize(
    ("start", "end"), [("2026-02-27", "2026-03-05"), ("2026-03-30", "2026-04-02"), ("2026-03-10", "2026-03-09")]
)
def test_a_part_never_leaves_its_period(start: str, end: str) -> None:
    with pytest.raises(Invalid, match="part_outside_period"):
        prorate(3100, MARCH, Period(date.fromisoformat(start), date.fromisoformat(end)))


@pytest.mark.feature("EB-39")
@pytest.mark.parametrize(
    ("start", "end", "cents"),
    [
        ("2026-03-01", "2026-04-01", 8000),
        ("2026-03-01", "2026-03-16", 3871),  # 15/31 of 80.00
        ("2026-03-16", "2026-04-01", 4129),
        ("2026-03-15", "2026-03-15", 0),
        ("2026-03-31", "2026-04-01", 258),
    ],
)
def test_a_month_of_eighty_euro_by_days(start: str, end: str, cents: int) -> None:
    assert prorate(8000, MARCH, Period(date.fromisoformat(start), date.fromisoformat(end))) == cents


@pytest.mark.feature("RND-6")
@given(st.integers(-(10**7), 10**7), st.sets(st.integers(1, 30)))
def test_however_a_period_is_cut_its_parts_add_up_to_the_whole(whole: int, cuts: set[int]) -> None:
    edges = [MARCH.start, *(MARCH.start + timedelta(cut) for cut in sorted(cuts)), MARCH.end]
    parts = [prorate(whole, MARCH, Period(a, b)) for a, b in zip(edges, edges[1:], strict=False)]
    assert sum(parts) == whole
    assert parts[-1] == remaining(whole, parts[:-1])
    for part, (a, b) in zip(parts, zip(edges, edges[1:], strict=False), strict=True):
        assert abs(part * 31 - whole * (b - a).days) <= 31
