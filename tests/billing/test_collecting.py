"""Which method pays, whether it is charged before the invoice, and when a declined payment is tried again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.collecting import Kept, chosen, collection_of, next_try

DAY = date(2026, 11, 22)
CARD = Kept(1, "card", "stripe", True)
OTHER = Kept(2, "card", "adyen", False)
GONE = Kept(3, "card", "stripe", False, "expired")
DEBIT = Kept(4, "sepa_debit", "", False)
PAYPAL = Kept(5, "paypal", "unzer", False)


@pytest.mark.feature("M1-19")
@pytest.mark.parametrize(
    ("payment_type", "kept", "own", "wanted"),
    [
        (6, [CARD, OTHER], None, 1),  # the default
        (6, [CARD, OTHER], 2, 2),  # the contract's own
        (6, [CARD], 4, 1),  # its own is of another kind
        (6, [OTHER, GONE], None, 2),  # one that holds rather than one that is over
        (6, [GONE], None, 3),  # an expired one is better than none: it says why nothing is paid
        (4, [CARD, PAYPAL], None, 5),
        (2, [CARD, DEBIT], None, 4),
        (1, [CARD], None, None),  # a transfer needs none
        (6, [], None, None),
    ],
)
def test_the_contract_s_own_method_wins_then_the_default_then_the_newest(
    payment_type: int, kept: list[Kept], own: int | None, wanted: int | None
) -> None:
    found = chosen(payment_type, kept, own)
    assert (found and found.id) == wanted


@pytest.mark.feature("M1-18")
@pytest.mark.feature("M2-20")
@pytest.mark.parametrize(
    ("payment_type", "method", "can_charge", "wanted"),
    [
        (1, None, True, "invoice_first"),
        (3, None, True, "invoice_first"),
        (5, None, True, "invoice_first"),
        (2, None, True, "invoice_first"),  # our own debit follows the invoice
        (2, DEBIT, True, "invoice_first"),
        (2, Kept(9, "sepa_debit", "stripe", True), True, "charge_first"),
        (6, CARD, True, "charge_first"),
        (6, None, True, "charge_first"),  # no payment, no invoice
        (4, None, True, "charge_first"),
        (6, None, False, "invoice_first"),  # nobody here could charge a card: it is collected elsewhere
    ],
)
def test_what_a_provider_charges_is_charged_before_the_invoice(
    payment_type: int, method: Kept | None, can_charge: bool, wanted: str
) -> None:
    assert collection_of(payment_type, method, can_charge) == wanted


@pytest.mark.parametrize(
    ("expires_on", "state", "pays"),
    [(None, "active", True), (DAY, "active", True), (DAY - timedelta(1), "active", False), (None, "expired", False)],
)
def test_a_card_pays_until_its_last_day(expires_on: date | None, state: str, pays: bool) -> None:
    assert Kept(1, "card", "stripe", True, state, expires_on).pays(DAY) is pays


@pytest.mark.feature("EB-51")
@pytest.mark.parametrize(
    ("kind", "today", "wanted"),
    [
        ("soft", DAY, DAY + timedelta(3)),
        ("soft", DAY + timedelta(3), DAY + timedelta(7)),
        ("soft", DAY + timedelta(5), DAY + timedelta(7)),
        ("soft", DAY + timedelta(8), DAY + timedelta(14)),  # the machine was off: one try, not two
        ("soft", DAY + timedelta(14), None),
        ("action", DAY, DAY + timedelta(3)),
        ("hard", DAY, None),
    ],
)
def test_a_soft_decline_is_tried_on_its_days_and_a_hard_one_never(kind: str, today: date, wanted: date | None) -> None:
    assert next_try(kind, DAY, today, (3, 7, 14)) == wanted


@given(st.lists(st.integers(1, 90), max_size=10, unique=True).map(sorted), st.integers(0, 200))
def test_the_next_try_lies_ahead_and_the_tries_end(days: list[int], later: int) -> None:
    today = DAY + timedelta(later)
    found = next_try("soft", DAY, today, days)
    assert found is None or found > today
    if later >= 90:
        assert found is None
