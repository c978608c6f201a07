"""How much goes back, by which payments, and why not; what a chargeback does to what is owed."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import refunds
from billing.ledger import CREDIT, PROVIDER_FEE, RECEIVABLE, REFUNDS_UNDER_WAY, balanced
from billing.refunds import Due, Paid, Plan, Share, plan

CARD = Paid(1, 100_00, "stripe", at_provider=True)
BANK = Paid(2, 100_00)


def due(paid: int = 100_00, refunded: int = 0, credit: int = 100_00) -> Due:
    return Due(paid, refunded, credit)


@pytest.mark.feature("D-1")
@pytest.mark.feature("M2-01")
@pytest.mark.feature("M2-10")
def test_the_amount_is_that_of_the_cancellation() -> None:
    assert plan(due(), [CARD], "provider") == Plan((Share(1, 100_00),))
    assert plan(due(paid=30_00), [CARD], "provider") == Plan((Share(1, 30_00),))


@pytest.mark.feature("M2-11")
@pytest.mark.feature("COR-3")
@pytest.mark.parametrize(
    ("owed", "paid", "expected", "reason"),
    [
        (due(paid=0, credit=0), CARD, 0, "nothing_was_paid"),
        (due(refunded=100_00), CARD, 0, "all_refunded"),
        (due(refunded=40_00), Paid(1, 100_00, "stripe", True, refunded_cents=40_00), 60_00, ""),
        (due(credit=0), CARD, 0, "credit_spent"),
        (due(credit=25_00), CARD, 25_00, "credit_spent"),
        (due(), Paid(1, 100_00, "stripe", True, charged_back_cents=100_00), 0, "charged_back"),
        (due(), Paid(1, 70_00, "stripe", True), 70_00, "not_by_provider"),
        (due(), BANK, 0, "not_by_provider"),
        (due(), Paid(3, 100_00, "adyen"), 0, "provider_gone"),
    ],
)
def test_never_more_than_was_paid_and_is_left(owed: Due, paid: Paid, expected: int, reason: str) -> None:
    found = plan(owed, [paid], "provider")
    assert (found.cents, found.reason) == (expected, reason)


@pytest.mark.feature("M2-03")
@pytest.mark.feature("M2-05")
def test_only_what_came_through_a_provider_goes_back_through_it_the_newest_first() -> None:
    newer, older = Paid(9, 30_00, "stripe", True), Paid(4, 50_00, "adyen", True)
    found = plan(due(), [newer, BANK, older], "provider")
    assert found == Plan((Share(9, 30_00), Share(4, 50_00)), 20_00, "not_by_provider")


def test_by_transfer_goes_back_first_what_no_provider_can_give() -> None:
    found = plan(due(paid=120_00, credit=120_00), [CARD, BANK], "transfer")
    assert found == Plan((Share(2, 100_00), Share(1, 20_00)))


def test_a_payment_that_this_document_used_already_is_not_used_again() -> None:
    used = Paid(1, 100_00, "stripe", True, refunded_cents=20_00, used=True)
    assert plan(due(refunded=20_00), [used], "provider").shares == ()


PAID = st.builds(
    Paid, st.integers(1, 10**6), st.integers(1, 500_00), st.sampled_from(("", "stripe")), st.booleans(),
    st.integers(0, 600_00), st.integers(0, 600_00), st.booleans(),
)  # fmt: skip


@pytest.mark.feature("L4")
@given(st.builds(Due, *(st.integers(0, 900_00) for _ in range(3))), st.lists(PAID, max_size=5),
       st.sampled_from(("provider", "transfer")))  # fmt: skip
def test_whatever_was_paid_nobody_gets_more_back(owed: Due, payments: list[Paid], way: str) -> None:
    payments = [Paid(n, p.cents, p.gateway, p.at_provider, p.refunded_cents, p.charged_back_cents, p.used)
                for n, p in enumerate(payments)]  # fmt: skip
    found = plan(owed, payments, way)
    assert 0 <= found.cents <= min(max(owed.paid_cents - owed.refunded_cents, 0), owed.credit_cents)
    assert all(0 < share.cents <= payments[share.payment_id].left_cents for share in found.shares)
    assert found.cents + found.rest_cents == max(owed.paid_cents - owed.refunded_cents, found.cents)
    assert bool(found.reason) == bool(found.rest_cents or not found.cents)


@pytest.mark.feature("EB-53")
def test_what_is_ordered_leaves_the_credit_at_once_and_the_house_when_it_is_sent() -> None:
    assert refunds.order_legs(10_00) == [(CREDIT, 10_00, None), (REFUNDS_UNDER_WAY, -10_00, None)]
    assert refunds.sent_legs(10_00, "clearing:stripe") == [
        (REFUNDS_UNDER_WAY, 10_00, None), ("clearing:stripe", -10_00, None)
    ]  # fmt: skip
    assert refunds.return_legs(10_00) == [(REFUNDS_UNDER_WAY, 10_00, None), (CREDIT, -10_00, None)]


@pytest.mark.parametrize(
    ("cents", "open_cents", "claim", "settled", "again"),
    [
        (100_00, 0, 100_00, 100_00, 100_00),
        (100_00, 0, 0, 100_00, 0),  # cancelled since: it had become credit
        (100_00, 0, 40_00, 100_00, 40_00),  # corrected in part
        (100_00, 30_00, 100_00, 100_00, 70_00),
        (100_00, 100_00, 100_00, 100_00, 0),
        (100_00, 0, 100_00, 0, 0),  # paid by other money: this had become credit
        (100_00, 0, 100_00, 30_00, 30_00),  # it paid the rest
    ],
)
def test_money_taken_back_is_owed_again_as_far_as_the_invoice_still_asks_for_it(
    cents: int, open_cents: int, claim: int, settled: int, again: int
) -> None:
    assert refunds.owed_again(cents, open_cents, claim, settled) == again
    legs = refunds.chargeback_legs(cents, "clearing:stripe", again, 7)
    assert balanced((account, amount) for account, amount, _ in legs)
    assert sum(amount for account, amount, _ in legs if account == RECEIVABLE) == again


@pytest.mark.feature("F19")
def test_a_chargeback_that_was_won_lowers_what_is_still_owed_and_the_rest_is_credit() -> None:
    assert refunds.won_legs(100_00, "bank", 60_00, 7) == [
        ("bank", 100_00, None), (RECEIVABLE, -60_00, 7), (CREDIT, -40_00, None)
    ]  # fmt: skip
    assert refunds.fee_off_legs(15_00, 5_00, 8)[-2:] == [(RECEIVABLE, -5_00, 8), (CREDIT, -10_00, None)]
    assert refunds.bank_fee_legs(15_00, "bank") == [(PROVIDER_FEE, 15_00, None), ("bank", -15_00, None)]
    assert refunds.double_payout_legs(9, 8) == [(RECEIVABLE, 9, 8), (CREDIT, -9, None)]


@pytest.mark.feature("F19")
def test_a_refund_and_a_chargeback_of_the_same_money_are_a_double_payout() -> None:
    for refunded, charged_back in permutations((100, 100)):
        assert refunds.is_paid_out_twice(100, refunded, charged_back)
    assert not refunds.is_paid_out_twice(100, 100, 0)
    assert not refunds.is_paid_out_twice(100, 0, 100)
    assert not refunds.is_paid_out_twice(100, 40, 60)
