"""The drafts of a contract over its months, with coupons, vouchers and granted credit (X-20, D-9)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.contracts import Terms
from billing.discounts import Coupon, Grant
from billing.drafts import Draft, total
from tests.billing.makers import AMOUNT, PERCENT, VOUCHER, coupon, day, item, keys, planned, terms, used


def amounts(contract: Terms, on: str, grants: list[Grant] | None = None) -> list[int]:
    return [sum(p.amount_cents for p in d.positions) for d in planned([contract], on, grants=grants or []).drafts]


MONTHS = {
    # coupon, billing days up to, amounts of 10.00 a month
    "for one event": (coupon(PERCENT, "50", events=1), "2026-03-01", [500, 1000, 1000]),
    "for two events": (coupon(AMOUNT, "300", events=2), "2026-03-01", [700, 700, 1000]),
    "two events, one of them behind": (
        coupon(AMOUNT, "300", events=2, used={day("2025-12-01"): 300}), "2026-03-01", [700, 1000, 1000]),
    "for two months": (coupon(PERCENT, "50", ends_on=day("2026-03-01")), "2026-03-01", [500, 500, 1000]),
    "for ever": (coupon(PERCENT, "25"), "2026-03-01", [750, 750, 750]),
    "from the second month": (coupon(PERCENT, "50", starts_on=day("2026-01-15")), "2026-03-01", [1000, 500, 500]),
    "a voucher over 25.00": (coupon(VOUCHER, "2500"), "2026-04-01", [0, 0, 500, 1000]),
}  # fmt: skip


@pytest.mark.feature("X-20")
@pytest.mark.parametrize(("given_coupon", "on", "expected"), MONTHS.values(), ids=MONTHS.keys())
def test_a_coupon_over_the_months_of_a_contract(given_coupon: Coupon, on: str, expected: list[int]) -> None:
    assert amounts(terms(coupons=[given_coupon]), on) == expected


@pytest.mark.feature("D-9")
def test_granted_credit_is_used_up_over_invoices_in_the_order_of_their_days() -> None:
    assert amounts(terms(), "2026-03-01", [Grant(1, "EUR", 1500)]) == [0, 500, 1000]


@pytest.mark.feature("D-9")
@pytest.mark.parametrize(("is_gross", "gross"), [(False, 595), (True, 500)])
def test_credit_reduces_before_vat_in_the_contracts_own_mode(is_gross: bool, gross: int) -> None:
    (draft,) = planned([terms(is_gross=is_gross)], "2026-01-01", grants=[Grant(1, "EUR", 500)]).drafts
    assert total(draft).gross_cents == gross


@pytest.mark.feature("X-20")
def test_usage_is_reduced_like_the_plan() -> None:
    contract = terms(usage=[used("2026-01-10", quantity="50")], coupons=[coupon(PERCENT, "10", events=2)])
    second = planned([contract], "2026-02-01").drafts[1]
    assert [p.amount_cents for p in second.positions] == [900, 450]
    assert second.lines[0].discounts[0].text == "Gutschein C1 (10 %)"


def spent(contract: Terms, drafts: list[Draft]) -> Terms:
    """The contract as the next run loads it: what the drafts took is written down."""
    used_up: dict[int, dict[date, int]] = defaultdict(dict)
    for draft in drafts:
        for discount in (d for p in draft.positions for d in p.discounts if d.source == "coupon"):
            days = used_up[discount.source_id]
            days[draft.billing_on] = days.get(draft.billing_on, 0) + discount.cents
    coupons = []
    for one in contract.coupons:
        mine = used_up[one.redemption_id]
        cents = one.cents - sum(mine.values()) if one.is_voucher else one.cents
        coupons.append(replace(one, cents=cents, used={**one.used, **mine}))
    return replace(contract, coupons=tuple(coupons))


kinds = st.sampled_from([(PERCENT, "15"), (PERCENT, "100"), (AMOUNT, "333"), (AMOUNT, "5000"), (VOUCHER, "2500")])
wishes = st.lists(st.tuples(kinds, st.sampled_from([None, 1, 3]), st.booleans()), max_size=4)
prices = st.lists(st.integers(0, 5000), min_size=1, max_size=3)


def made(wanted: list[tuple[tuple[str, str], int | None, bool]]) -> list[Coupon]:
    return [
        coupon(*kind, n, events=events, product_ids=frozenset({1} if chosen else ()))
        for n, (kind, events, chosen) in enumerate(wanted, 1)
    ]


def contract_of(cents: list[int], coupons: list[Coupon]) -> Terms:
    items = [
        replace(item(n, str(Decimal(amount).scaleb(-2))), product_id=n, kind="plan" if n == 1 else "addon")
        for n, amount in enumerate(cents, 1)
    ]
    return terms(*items, coupons=coupons)


@pytest.mark.feature("X-20")
@pytest.mark.feature("S24")
@given(prices, wishes, st.lists(st.integers(0, 4000), max_size=2))
def test_nothing_falls_below_zero_and_no_limit_is_passed(
    cents: list[int], wanted: list[tuple[tuple[str, str], int | None, bool]], granted: list[int]
) -> None:
    coupons = made(wanted)
    grants = [Grant(n, "EUR", amount) for n, amount in enumerate(granted, 1)]
    drafts = planned([contract_of(cents, coupons)], "2026-06-01", grants=grants).drafts
    taken: dict[tuple[str, int], int] = defaultdict(int)
    events: dict[int, set[date]] = defaultdict(set)
    for draft in drafts:
        on_day: dict[int, int] = defaultdict(int)
        for charge in draft.charges:
            full = sum(d.cents for d in charge.discounts) + charge.amount_cents
            assert charge.amount_cents >= 0 and full == cents[charge.item.id - 1]
            for discount in charge.discounts:
                assert discount.cents > 0
                taken[discount.source, discount.source_id] += discount.cents
                if discount.source == "coupon":
                    events[discount.source_id].add(draft.billing_on)
                    on_day[discount.source_id] += discount.cents
        for one in coupons:
            assert one.percent is not None or on_day[one.redemption_id] <= one.cents
    for one in coupons:
        assert one.events is None or len(events[one.redemption_id]) <= one.events
        assert not one.is_voucher or taken["coupon", one.redemption_id] <= one.cents
    for grant in grants:
        assert taken["grant", grant.id] <= grant.cents


@pytest.mark.feature("X-20")
@given(prices, wishes, st.lists(st.integers(0, 180), max_size=5))
def test_the_order_and_number_of_runs_changes_no_amount(
    cents: list[int], wanted: list[tuple[tuple[str, str], int | None, bool]], offsets: list[int]
) -> None:
    contract, last = contract_of(cents, made(wanted)), date(2026, 6, 30)
    at_once = planned([contract], last).drafts
    claimed, found = set(), []
    for on in [*sorted(date.fromordinal(day("2026-01-01").toordinal() + n) for n in offsets), last]:
        drafts = planned([contract], on, claimed).drafts
        found += drafts
        claimed |= keys(drafts)
        contract = spent(contract, drafts)
    assert [(d.billing_on, d.charges) for d in found] == [(d.billing_on, d.charges) for d in at_once]
