"""What was taken back and needs work bears a sign of its own in the lists of payments."""

from __future__ import annotations

from datetime import date

import pytest

from admin.words import state_label
from billing.money import Money
from models import Receivable
from queries.cards.customer_lists import payments_of
from queries.cards.payments import get_payment, payments_of_invoice
from queries.lists.listing import page
from queries.lists.payments import PAYMENTS
from queries.lists.shape import Listing, Wish
from services import clock
from services.payment_changes import cancel, move
from services.payments import Receipt, receive
from tests.services.charged import Till
from tests.services.refunding import charged_back, paid_by_card, won
from tests.services.reminding import ANKE, after

DAY = after(20)
GONE = ("undone", "moved")


def paid(owed: Receivable, cents: int, on: date = DAY) -> int:
    return receive(ANKE, owed.id, Receipt(Money(cents, owed.currency_code), on)).payment_id


def states(listing: Listing, **narrow: str) -> dict[str, str]:
    return {row.kind: row.state for row in page(listing, Wish(narrow=narrow), 50).rows}


@pytest.mark.feature("F19")
@pytest.mark.parametrize(("card", "kind"), [("succeeds", "chargeback"), ("debit", "returned_debit")])
def test_what_was_taken_back_and_is_still_open_is_told_from_what_is_settled(till: Till, card: str, kind: str) -> None:
    with clock.stand_at(clock.instant()):
        invoice = paid_by_card(till, card)
        charged_back(till)
        for listing in (PAYMENTS, payments_of(till.customer_id)):
            assert states(listing) == {"payment": "booked", kind: "owed_again"}
        assert states(PAYMENTS, state="owed_again") == {kind: "owed_again"}
        assert states(PAYMENTS, state="booked") == {"payment": "booked"}
        (row,) = (each for each in payments_of_invoice(invoice.id) if each.called == kind)
        assert row.state == "owed_again" and row.stands and get_payment(row.id) == row
        won(till)
        assert states(PAYMENTS, state="owed_again") == {} and states(PAYMENTS)[kind] == "undone"


@pytest.mark.feature("F19")
def test_a_debt_that_was_paid_after_all_needs_nobody(till: Till) -> None:
    with clock.stand_at(clock.instant()):
        paid_by_card(till, "debit")
        charged_back(till, fee=0)
        (owed,) = (row for row in till.receivables if row.open_cents > 0)
        receive(ANKE, owed.id, Receipt(Money(owed.open_cents, owed.currency_code), clock.today()))
        assert states(PAYMENTS)["returned_debit"] == "booked"


@pytest.mark.feature("F19")
def test_every_state_of_a_payment_has_its_own_word_and_open_ones_their_colour() -> None:
    words = [str(state_label("movement", state)[0]) for state in ("booked", "undone", "moved", "owed_again")]
    assert len(set(words)) == 4
    assert state_label("movement", "owed_again")[1] == "bad" != state_label("movement", "undone")[1]


@pytest.mark.feature("M2-14")
def test_what_was_moved_is_found_as_that_and_not_as_undone(owed: Receivable) -> None:
    with clock.stand_at(DAY):
        undone, moved = (paid(owed, 100), paid(owed, 200))
        cancel(ANKE, undone, "falsch gebucht")
        move(ANKE, moved, customer_id=owed.customer_id, reason="gehört dem Kunden")
    found = {state: [row.id for row in page(PAYMENTS, Wish(narrow={"state": state}), 50).rows] for state in GONE}
    assert found == {"undone": [undone], "moved": [moved]}
    assert {row.id: row.state for row in page(PAYMENTS, Wish(), 50).rows if row.state in GONE} == {
        undone: "undone", moved: "moved",
    }  # fmt: skip
