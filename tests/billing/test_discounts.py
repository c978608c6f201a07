"""Coupons, vouchers and granted credit reduce positions before VAT, in a fixed order, never below zero (X-20, D-9)."""

from __future__ import annotations

import pytest

from billing.discounts import Coupon, Grant, Position, Purse
from tests.billing.makers import AMOUNT, PERCENT, VOUCHER, coupon, day


def left_over(prices: list[int], coupons: list[Coupon], grants: list[Grant] | None = None) -> list[int]:
    """What is left of positions of these amounts, billed on 1 January."""
    positions = [Position(1, n, day("2026-01-01"), cents) for n, cents in enumerate(prices, 1)]
    taken = Purse(coupons, grants or [], "de").take(day("2026-01-01"), "EUR", positions)
    return [p.cents - sum(d.cents for d in found) for p, found in zip(positions, taken, strict=True)]


ONE_INVOICE = {
    # prices, coupons, grants, what is left
    "20 % of one": ([1000], [coupon(PERCENT, "20")], [], [800]),
    "rounded once a position": ([995, 995], [coupon(PERCENT, "10")], [], [895, 895]),  # 99.5 goes up to 100
    "a third": ([999], [coupon(PERCENT, "33.33")], [], [666]),
    "all of it": ([999, 1], [coupon(PERCENT, "100")], [], [0, 0]),
    "two percents, one after the other": ([1000], [coupon(PERCENT, "10"), coupon(PERCENT, "50", 2)], [], [450]),
    "an amount": ([1000], [coupon(AMOUNT, "300")], [], [700]),
    "an amount over two positions": ([1000, 500], [coupon(AMOUNT, "100")], [], [933, 467]),
    "an amount larger than all": ([1000, 500], [coupon(AMOUNT, "9999")], [], [0, 0]),
    "percent before amount, whatever came first": (
        [1000], [coupon(AMOUNT, "500", 1), coupon(PERCENT, "50", 2)], [], [0]),
    "a chosen product": ([1000, 1000], [coupon(PERCENT, "50", product_ids=frozenset({2}))], [], [1000, 500]),
    "another contract": ([1000], [coupon(PERCENT, "50", contract=2)], [], [1000]),
    "another currency": ([1000], [coupon(AMOUNT, "500", currency="CHF")], [], [1000]),
    "not yet": ([1000], [coupon(PERCENT, "50", starts_on=day("2026-01-02"))], [], [1000]),
    "over": ([1000], [coupon(PERCENT, "50", ends_on=day("2026-01-01"))], [], [1000]),
    "no event left": ([1000], [coupon(PERCENT, "50", events=1, used={day("2025-12-01"): 500})], [], [1000]),
    "the same event once more": ([1000], [coupon(PERCENT, "50", events=1, used={day("2026-01-01"): 500})], [], [500]),
    "the rest of an event's amount": ([1000], [coupon(AMOUNT, "500", used={day("2026-01-01"): 400})], [], [900]),
    "a voucher": ([1000], [coupon(VOUCHER, "300")], [], [700]),
    "an empty voucher": ([1000], [coupon(VOUCHER, "0")], [], [1000]),
    "granted credit": ([1000, 500], [], [Grant(1, "EUR", 300)], [800, 400]),
    "granted credit in another currency": ([1000], [], [Grant(1, "CHF", 300)], [1000]),
    "the oldest grant first": ([1000], [], [Grant(2, "EUR", 700), Grant(1, "EUR", 600)], [0]),
    "coupon before credit": ([1000], [coupon(PERCENT, "50")], [Grant(1, "EUR", 600)], [0]),
    "nothing to reduce": ([0], [coupon(AMOUNT, "500")], [Grant(1, "EUR", 600)], [0]),
}  # fmt: skip


@pytest.mark.feature("X-20")
@pytest.mark.feature("D-9")
@pytest.mark.parametrize(("prices", "coupons", "grants", "left"), ONE_INVOICE.values(), ids=ONE_INVOICE.keys())
def test_what_is_left_of_the_positions_of_one_invoice(
    prices: list[int], coupons: list[Coupon], grants: list[Grant], left: list[int]
) -> None:
    assert left_over(prices, coupons, grants) == left
