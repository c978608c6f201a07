"""Coupons, vouchers and granted credit reduce positions before VAT, in a fixed order, never below zero (X-20, D-9)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.contracts import Terms
from billing.discounts import Coupon, Grant, Position, Purse
from billing.invoices import Draft, total
from tests.billing.makers import day, item, keys, planned, terms, used

PERCENT, AMOUNT, VOUCHER = "percent", "amount", "voucher"


def coupon(kind: str, value: str, id: int = 1, contract: int = 1, **more: object) -> Coupon:
    """20 percent, or so many cents."""
    worth: dict[str, object] = {"percent": Decimal(value)}
    if kind != PERCENT:
        worth = {"cents": int(value), "currency": "EUR", "is_voucher": kind == VOUCHER}
    return Coupon(id, contract, f"C{id}", **{"starts_on": day("2026-01-01")} | worth | more)  # type: ignore[arg-type]


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
