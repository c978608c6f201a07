"""A cancellation that gives the money back at once: one deed, both halves or neither."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from billing.errors import AlreadyDone, Conflict, KontorError, NotAllowed
from billing.money import Money
from extensions import db
from models import Invoice, Refund
from services import refund_calls, refunds
from services.cancel_with_refund import cancel_and_refund, get_promise
from services.payment_settings import change_payment_settings
from services.payments import Receipt, receive
from services.unit import end_reading
from tests.at_once import at_once
from tests.services.charged import Till
from tests.services.refunding import (
    ANNA,
    JULE,
    balance,
    charged_back,
    given_back,
    owed,
    paid_by_card,
    paid_by_transfer,
    part_of,
)

pytestmark = [pytest.mark.feature("EB-53"), pytest.mark.feature("D-1")]


def cancellations() -> list[int]:
    end_reading()
    return list(db.session.scalars(select(Invoice.id).where(Invoice.kind == "cancellation")))


def promised(invoice: Invoice, cents: int) -> tuple[int, int, tuple[str, ...], bool] | None:
    """(goes back, stays, providers, waits for another person)."""
    end_reading()
    found = get_promise(invoice.id, cents)
    return found and (found.plan.cents, found.plan.rest_cents, found.gateways, found.waits)


def both(invoice: Invoice, key: str = "form", cents: int | None = None) -> int:
    return cancel_and_refund(JULE, invoice.id, reason="storniert", seen_cents=cents, key=key)


def test_what_was_paid_by_card_is_cancelled_and_on_its_way_back_and_never_free_credit(till: Till) -> None:
    invoice = paid_by_card(till)
    assert promised(invoice, invoice.gross_cents) == (invoice.gross_cents, 0, ("sandbox",), False)
    storno = both(invoice, cents=invoice.gross_cents)
    assert cancellations() == [storno]
    assert (balance("credit"), balance("refunds_under_way")) == (0, -invoice.gross_cents)
    assert given_back(till) == [], "the provider is called afterwards"
    (row,) = till.all(Refund)
    assert (row.correction_id, row.state, row.ordered_by) == (storno, "ordered", "staff:1")
    assert refund_calls.carry_on(row.id) == "succeeded" and given_back(till) == [invoice.gross_cents]


@pytest.mark.feature("F1")
def test_a_form_that_comes_twice_cancels_once_and_gives_back_once(till: Till) -> None:
    invoice = paid_by_card(till)
    both(invoice)
    with pytest.raises(AlreadyDone, match="already_done"):
        both(invoice)
    with pytest.raises(KontorError):
        both(invoice, key="another form")
    assert len(cancellations()) == len(till.all(Refund)) == 1


@pytest.mark.feature("F1")
def test_two_people_in_the_same_moment_cancel_and_give_back_once(till: Till) -> None:
    invoice = paid_by_card(till)
    clicks = [lambda who=who: cancel_and_refund(who, invoice.id, reason="storniert") for who in (JULE, ANNA)]
    assert sorted(at_once(till.app, clicks)).count("done") == 1
    assert len(cancellations()) == len(till.all(Refund)) == 1


@pytest.mark.feature("M2-04", "M2-05")
def test_what_no_provider_took_is_not_cancelled_either(till: Till) -> None:
    invoice = paid_by_transfer(till)
    assert promised(invoice, invoice.gross_cents) is None
    with pytest.raises(NotAllowed, match="not_by_provider"):
        both(invoice)
    assert (cancellations(), till.all(Refund), balance("credit")) == ([], [], 0)


def test_whoever_saw_another_sum_cancels_nothing(till: Till) -> None:
    invoice = paid_by_card(till)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        both(invoice, cents=1)
    assert (cancellations(), till.all(Refund)) == ([], [])


def test_what_the_customer_s_bank_took_back_is_not_promised(till: Till) -> None:
    invoice = paid_by_card(till)
    charged_back(till, fee=0)
    assert promised(invoice, 0) is None
    with pytest.raises(NotAllowed, match="nothing_was_paid"):
        both(invoice)
    assert (cancellations(), owed(till)) == ([], {"invoice": invoice.gross_cents})


def test_only_what_came_by_the_provider_goes_back_the_rest_is_credit(till: Till) -> None:
    invoice = paid_by_card(till)
    part = charged_back(till, cents=1_00, fee=0)
    assert part is not None
    receive(JULE, till.receivables[0].id, Receipt(Money(1_00, "EUR")))
    by_card = invoice.gross_cents - 1_00
    assert promised(invoice, invoice.gross_cents) == (by_card, 1_00, ("sandbox",), False)
    both(invoice, cents=by_card)
    assert (balance("credit"), balance("refunds_under_way")) == (-1_00, -by_card)


@pytest.mark.feature("X-16")
def test_above_the_limit_the_refund_waits_for_another_person(till: Till) -> None:
    invoice = paid_by_card(till)
    change_payment_settings(JULE, {"four_eyes_cents": invoice.gross_cents - 1})
    assert promised(invoice, invoice.gross_cents) == (invoice.gross_cents, 0, ("sandbox",), True)
    both(invoice)
    (row,) = till.all(Refund)
    assert row.state == "waiting" and balance("credit") == 0
    with pytest.raises(NotAllowed, match="four_eyes"):
        refunds.approve(JULE, row.id)
    assert refunds.approve(ANNA, row.id) == "approved"


@pytest.mark.feature("X-16")
def test_the_limit_counts_what_went_back_of_the_invoice_before(till: Till) -> None:
    invoice = paid_by_card(till)
    refunds.order(JULE, part_of(invoice, "0.5"))
    gone = till.all(Refund)[0].amount_cents
    change_payment_settings(JULE, {"four_eyes_cents": invoice.gross_cents - 1})
    assert promised(invoice, invoice.gross_cents - gone) == (invoice.gross_cents - gone, 0, ("sandbox",), True)
    both(invoice)
    assert [row.state for row in till.all(Refund)] == ["ordered", "waiting"]
