"""What money does to what is owed: settle, leave credit, earn a discount; given up by rate; undone to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.ledger import balanced
from billing.payments import (
    Leg,
    Settlement,
    account_of,
    by_rate,
    cash_discount,
    credit_legs,
    discount_legs,
    excess,
    payment_legs,
    payout_legs,
    reversed_legs,
    settle,
    share_of_discount,
    taken_from_credit,
    write_off_legs,
)
from billing.taxes import tax_lines

FULL, REDUCED, NONE = Decimal("19.00"), Decimal("7.00"), Decimal("0.00")
ISSUED = date(2026, 11, 1)


def sums(legs: list[Leg]) -> dict[str, int]:
    assert balanced([(account, cents) for account, cents, _ in legs])
    return {account: cents for account, cents, _ in legs}


@pytest.mark.feature("D-9")
@pytest.mark.parametrize(
    ("open_cents", "paid", "discount", "applied", "credit", "given"),
    [
        (11900, 11900, 0, 11900, 0, 0),  # all of it
        (11900, 5000, 0, 5000, 0, 0),  # a part
        (11900, 15000, 0, 11900, 3100, 0),  # too much
        (0, 2000, 0, 0, 2000, 0),  # twice, or ahead
        (-300, 2000, 0, 0, 2000, 0),  # what is owed to the customer is not owed by them
        (11900, 11662, 238, 11662, 0, 238),  # the discount to the cent
        (11900, 11700, 238, 11700, 0, 200),  # less than the discount kept back
        (11900, 11661, 238, 11661, 0, 0),  # a cent too little: a part payment
        (11900, 11900, 238, 11900, 0, 0),  # who pays all is given nothing
        (11900, 12000, 238, 11900, 100, 0),
    ],
)
def test_what_becomes_of_a_payment(
    open_cents: int, paid: int, discount: int, applied: int, credit: int, given: int
) -> None:
    assert settle(open_cents, paid, discount) == Settlement(applied, credit, given)


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.integers(0, 10**6))
def test_no_cent_of_a_payment_is_lost_and_none_is_settled_twice(open_cents: int, paid: int, discount: int) -> None:
    result = settle(open_cents, paid, discount)
    assert result.applied_cents + result.credit_cents == paid
    assert 0 <= result.applied_cents + result.discount_cents <= open_cents
    assert result.discount_cents <= discount
    assert not result.discount_cents or result.applied_cents + result.discount_cents == open_cents


@pytest.mark.parametrize(
    ("percent", "days", "received_on", "cents"),
    [
        ("2", 10, date(2026, 11, 11), 238),  # the last day counts
        ("2", 10, date(2026, 11, 12), 0),
        ("2", 0, date(2026, 11, 1), 238),
        ("2", 10, date(2026, 10, 20), 238),  # paid ahead
        ("0", 10, date(2026, 11, 2), 0),
        ("2.50", 10, date(2026, 11, 2), 298),  # 297.5, half up as on the paper
    ],
)
def test_the_cash_discount_of_an_invoice(percent: str, days: int, received_on: date, cents: int) -> None:
    assert cash_discount(11900, Decimal(percent), days, ISSUED, received_on) == cents


def test_of_nothing_there_is_no_discount() -> None:
    assert cash_discount(0, Decimal(2), 10, ISSUED, ISSUED) == 0


@pytest.mark.parametrize(
    ("discount", "corrected", "claim", "share"),
    [(238, 11900, 11900, 238), (238, 5950, 11900, 119), (238, 100, 11900, 2), (0, 100, 11900, 0), (238, 1, 0, 238)],
)
def test_of_a_discount_the_corrected_share_falls(discount: int, corrected: int, claim: int, share: int) -> None:
    assert share_of_discount(discount, corrected, claim) == share


@pytest.mark.feature("COR-4")
@pytest.mark.parametrize(
    ("cents", "taxed", "parts"),
    [
        (11900, [("S", FULL, 11900)], [("S", 10000, 1900)]),
        (238, [("S", FULL, 11900)], [("S", 200, 38)]),
        (1, [("S", FULL, 11900)], [("S", 1, 0)]),
        (22600, [("S", FULL, 11900), ("S", REDUCED, 10700)], [("S", 10000, 1900), ("S", 10000, 700)]),
        (452, [("S", FULL, 11900), ("S", REDUCED, 10700)], [("S", 200, 38), ("S", 200, 14)]),
        (5000, [("AE", NONE, 5000)], [("AE", 5000, 0)]),
        (5000, [("S", FULL, 5000), ("S", REDUCED, 0)], [("S", 4202, 798)]),  # a rate that was corrected wholly
        (4000, [], []),
    ],
)
def test_an_amount_is_spread_over_the_rates_of_its_document(
    cents: int, taxed: list[tuple[str, Decimal, int]], parts: list[tuple[str, int, int]]
) -> None:
    assert [(line.category, line.net_cents, line.tax_cents) for line in by_rate(cents, taxed)] == parts


@pytest.mark.feature("COR-4")
@given(st.lists(st.tuples(st.sampled_from([FULL, REDUCED, Decimal("5.5")]), st.integers(1, 10**8)), min_size=1,
                max_size=3, unique_by=lambda rate: rate[0]), st.booleans())  # fmt: skip
def test_a_whole_document_given_up_gives_back_its_own_tax_to_the_cent(
    rates: list[tuple[Decimal, int]], is_gross: bool
) -> None:
    lines = tax_lines([("S", percent, cents) for percent, cents in rates], is_gross)
    given_up = by_rate(
        sum(line.gross_cents for line in lines), [(li.category, li.percent, li.gross_cents) for li in lines]
    )
    assert given_up == lines


@given(st.integers(1, 10**8), st.lists(st.integers(1, 10**8), min_size=1, max_size=3))
def test_the_parts_of_the_rates_add_up_to_the_amount(cents: int, gross: list[int]) -> None:
    taxed = [("S", percent, amount) for percent, amount in zip((FULL, REDUCED, NONE), gross, strict=False)]
    assert sum(line.net_cents + line.tax_cents for line in by_rate(cents, taxed)) == cents


@pytest.mark.feature("X-03")
def test_a_payment_moves_what_was_owed_to_the_bank() -> None:
    assert payment_legs("bank", Settlement(11900, 0, 0), 7) == [("bank", 11900, None), ("receivable", -11900, 7)]
    assert sums(payment_legs("clearing:stripe", Settlement(100, 0, 0), 7)) == {"clearing:stripe": 100,
                                                                              "receivable": -100}  # fmt: skip


@pytest.mark.feature("D-9")
def test_what_came_too_much_or_ahead_is_the_customers_credit() -> None:
    assert sums(payment_legs("bank", Settlement(11900, 3100, 0), 7)) == {"bank": 15000, "receivable": -11900,
                                                                        "credit": -3100}  # fmt: skip
    assert sums(payment_legs("cash", Settlement(0, 500, 0), None)) == {"cash": 500, "credit": -500}
    assert sums(credit_legs(500, 7)) == {"credit": 500, "receivable": -500}
    assert sums(payout_legs(500, "bank")) == {"credit": 500, "bank": -500}


def test_a_discount_lowers_turnover_and_vat_of_each_rate() -> None:
    legs = discount_legs(452, [("S", FULL, 11900), ("S", REDUCED, 10700)], 7)
    assert sums(legs) == {"revenue:S:19.00": 200, "vat:S:19.00": 38, "revenue:S:7.00": 200, "vat:S:7.00": 14,
                          "receivable": -452}  # fmt: skip


@pytest.mark.feature("COR-4")
def test_what_is_given_up_is_a_loss_and_its_vat_is_not_owed_any_more() -> None:
    assert sums(write_off_legs(11900, [("S", FULL, 11900)], 7)) == {"writeoff:S:19.00": 10000, "vat:S:19.00": 1900,
                                                                   "receivable": -11900}  # fmt: skip
    assert sums(write_off_legs(500, [("AE", NONE, 500)], 7)) == {"writeoff:AE:0.00": 500, "receivable": -500}
    assert sums(write_off_legs(4000, [], 7)) == {"writeoff": 4000, "receivable": -4000}


def test_where_money_of_each_method_lies() -> None:
    assert [account_of(method) for method in ("bank", "cash", "other")] == ["bank", "cash", "clearing:other"]


@pytest.mark.feature("L1")
@pytest.mark.parametrize(
    ("open_now", "claim", "legs", "turned"),
    [  # the invoice was of 100; what was paid of it, and what of that may be owed again
        (0, 100, [("bank", 100, None), ("receivable", -100, 7)], {"bank": -100, "receivable": 100}),
        (0, 0, [("bank", 100, None), ("receivable", -100, 7)], {"bank": -100, "credit": 100}),  # cancelled since
        (0, 60, [("bank", 100, None), ("receivable", -100, 7)], {"bank": -100, "receivable": 60, "credit": 40}),
        (20, 60, [("bank", 50, None), ("receivable", -50, 7)], {"bank": -50, "receivable": 40, "credit": 10}),
        (0, 100, [("bank", 150, None), ("receivable", -100, 7), ("credit", -50, None)],
         {"bank": -150, "receivable": 100, "credit": 50}),
        (0, 0, [("credit", 80, None), ("receivable", -80, 7)], {}),  # the credit that it used is credit again already
        (5, 100, [("bank", 30, None), ("credit", -30, None)], {"bank": -30, "credit": 30}),
    ],
)  # fmt: skip
def test_what_is_undone_is_owed_again_as_far_as_the_invoice_still_asks_for_it(
    open_now: int, claim: int, legs: list[Leg], turned: dict[str, int]
) -> None:
    undone = reversed_legs(legs, excess(open_now, claim, legs))
    found: dict[str, int] = {}
    for account, cents, _ in undone:
        found[account] = found.get(account, 0) + cents
    assert {account: cents for account, cents in found.items() if cents} == turned
    assert taken_from_credit(undone) == turned.get("credit", 0)
