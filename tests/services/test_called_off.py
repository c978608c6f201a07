"""Who does not confirm in time can confirm no more: the charge is called off at the provider before it is given up."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.corrections import Part
from billing.money import Money
from gateways.base import Charge
from models import Collection, Invoice, InvoiceLine, PaymentAttempt, Receivable
from queries.lists.listing import page
from queries.lists.payments import PAYMENTS
from queries.lists.shape import Wish
from queries.taken_twice import TAKEN_TWICE, taken_twice_of_customer, taken_twice_of_invoice
from queries.waiting import Sight, get_waiting
from services import (
    attempt_answers,
    chargebacks,
    charging,
    clock,
    corrections,
    customers,
    given_up_documents,
    merge,
    paid_credit,
    payments,
)  # fmt: skip
from services.actor import Actor
from services.checks import check_books
from services.payments import Receipt
from services.unit import end_reading, write
from tests.services.charged import Till

JULE = Actor("staff", 1, "Jule")
LATER = timedelta(9)


def asked(till: Till) -> str:
    """A charge that waits for the customer; gives the provider's id."""
    till.keep("needs_action")
    till.bill()
    assert till.carry_on() == ["needs_action"]
    return str(till.attempt.provider_id)


@pytest.mark.feature("EB-51")
def test_what_nobody_confirmed_is_called_off_at_the_provider(till: Till) -> None:
    charge_id = asked(till)
    with clock.stand_at(clock.instant() + LATER):
        assert till.carry_on() == ["declined"]
    assert (till.attempt.decline_kind, till.attempt.decline_code) == ("action", "not_confirmed")
    found = till.gateway.fetch(charge_id)
    assert found is not None and found.status == "cancelled"


def taken_twice(till: Till) -> int:
    """The customer confirmed both charges of one invoice; gives the invoice's id."""
    asked(till)
    with clock.stand_at(clock.instant() + LATER):
        till.carry_on()
        charging.try_now(JULE, till.invoice.id)
        till.carry_on()
        for row in till.all(PaymentAttempt):
            yes = Charge(str(row.provider_id), "succeeded", row.amount_cents, row.currency_code)
            attempt_answers.settle(row.id, yes)
    return till.invoice.id


def seen(till: Till) -> tuple[int, int, int]:
    """Of how many invoices the overview, the customer's card and the list of payments tell."""
    end_reading()
    listed = {row.invoice_id for row in page(PAYMENTS, Wish(narrow={"state": TAKEN_TWICE}), 20).rows} - {None}
    waiting = get_waiting(clock.today(), Sight(payments=True)).taken_twice
    return waiting, len(taken_twice_of_customer(till.customer_id)), len(listed)


@pytest.mark.feature("EB-51")
def test_a_second_yes_of_one_invoice_is_told_until_its_excess_is_paid_out(till: Till) -> None:
    invoice_id = taken_twice(till)
    gross = till.invoice.gross_cents
    with clock.stand_at(clock.instant() + LATER):
        assert [note["code"] for note in check_books().notes] == ["taken_twice"]
        assert seen(till) == (1, 1, 1)
        (found,) = taken_twice_of_invoice(invoice_id)
        assert (found.number, found.taken_cents, found.too_much_cents) == (till.invoice.number, 2 * gross, gross)
        paid_credit.pay_out(JULE, till.customer_id, Money(gross, "EUR"))
        assert seen(till) == (0, 0, 0) and not check_books().notes


@pytest.mark.feature("EB-51")
def test_a_yes_after_the_transfer_had_come_is_told_as_well(till: Till) -> None:
    """Nobody decided that it becomes credit: the customer transferred it, and confirmed the charge afterwards."""
    asked(till)
    invoice_id = till.invoice.id
    with clock.stand_at(clock.instant() + LATER):
        till.carry_on()
        with write() as session:
            session.get_one(Collection, invoice_id).state = "given_up"
        given_up_documents.issue_open(JULE, invoice_id)
        (owed,) = till.all(Receivable)
        charging.collect_again(JULE, owed.id)
        assert till.carry_on() == ["needs_action"]
        gross = till.invoice.gross_cents
        payments.receive(JULE, owed.id, Receipt(Money(gross, "EUR")))
        assert seen(till) == (0, 0, 0)
        last = till.all(PaymentAttempt)[-1]
        attempt_answers.settle(last.id, Charge(str(last.provider_id), "succeeded", gross, "EUR"))
        (found,) = taken_twice_of_invoice(invoice_id)
        assert (found.taken_cents, found.too_much_cents) == (2 * gross, gross)
        assert seen(till) == (1, 1, 1) and [note["code"] for note in check_books().notes] == ["taken_twice"]
        paid_credit.pay_out(JULE, till.customer_id, Money(gross, "EUR"))
        assert seen(till) == (0, 0, 0)


@pytest.mark.feature("EB-51")
def test_a_part_that_went_back_of_one_of_the_two_does_not_hide_the_rest(till: Till) -> None:
    invoice_id = taken_twice(till)
    gross = till.invoice.gross_cents
    with clock.stand_at(clock.instant() + LATER):
        chargebacks.take_back(JULE, till.payments[-1].id, Money(500, "EUR"), key="case")
        end_reading()
        (found,) = taken_twice_of_invoice(invoice_id)
        assert (found.taken_cents, found.too_much_cents) == (2 * gross - 500, gross - 500)
        half = Part(till.all(InvoiceLine)[0].id, Decimal("0.5"))
        corrections.correct(JULE, invoice_id, [half], reason="ein Teil")
        end_reading()
        (found,) = taken_twice_of_invoice(invoice_id)
        assert found.too_much_cents == gross - 500 - till.all(Invoice)[-1].gross_cents


@pytest.mark.feature("EB-51")
@pytest.mark.parametrize("deed", ["charged back", "merged"])
def test_it_is_told_no_more_once_the_second_money_is_elsewhere_and_follows_a_merged_record(
    till: Till, deed: str
) -> None:
    taken_twice(till)
    with clock.stand_at(clock.instant() + LATER):
        second = till.payments[-1]
        if deed == "charged back":
            whole = Money(second.amount_cents, second.currency_code)
            chargebacks.take_back(JULE, second.id, whole, key="case")
            assert seen(till) == (0, 0, 0)
        else:
            survivor = customers.create_customer(JULE, {"last_name": "Meier"})
            merge.merge(JULE, survivor, till.customer_id)
            assert len(taken_twice_of_customer(survivor)) == 1
