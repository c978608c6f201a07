"""Money back after a cancellation: how much, once, by whom, and what becomes of it when nobody answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing.errors import AlreadyDone, Conflict, KontorError, NotAllowed
from billing.money import Money
from gateways.base import Event
from gateways.base import Refund as Told
from models import Activity, Refund
from services import clock, paid_credit, payment_changes, refund_answers, refund_calls, refund_rows, refunds, sweep
from services.payment_settings import change_payment_settings
from tests.at_once import at_once
from tests.services.charged import Till
from tests.services.refunding import (
    ANNA,
    JULE,
    MIDDAY,
    balance,
    cancelled,
    given_back,
    lie_still,
    paid_by_card,
    paid_by_transfer,
    part_of,
    refund,
)


@pytest.mark.feature("M2-01", "M2-07", "M2-08", "M2-10")
@pytest.mark.feature("EB-53")
def test_the_whole_way_from_a_cancelled_invoice_to_the_card(till: Till) -> None:
    invoice = paid_by_card(till)
    with pytest.raises(NotAllowed, match="nothing_cancelled"):
        refunds.order(JULE, invoice.id)
    storno = cancelled(invoice)
    assert balance("credit") == -invoice.gross_cents
    (refund_id,) = refunds.order(JULE, storno)
    assert (balance("credit"), balance("refunds_under_way")) == (0, -invoice.gross_cents)
    assert given_back(till) == [], "the provider is called afterwards"
    assert refund_calls.carry_on(refund_id) == "succeeded"
    assert given_back(till) == [invoice.gross_cents]
    assert (balance("refunds_under_way"), balance("clearing:sandbox")) == (0, 0)
    assert lie_still(till) == [("payment", invoice.gross_cents), ("refund", invoice.gross_cents)]
    (row,) = till.all(Refund)
    assert till.payments[1].provider_id == row.provider_id and till.payments[1].belongs_to_id == row.payment_id


@pytest.mark.feature("M2-01", "D-1")
def test_a_part_of_the_invoice_gives_back_that_part_and_the_rest_later(till: Till) -> None:
    invoice = paid_by_card(till)
    first = part_of(invoice)
    assert refund(till, first).state == "succeeded"
    rest = invoice.gross_cents - given_back(till)[0]
    if rest:
        assert refund(till, cancelled(invoice)).state == "succeeded"
    assert sum(given_back(till)) == invoice.gross_cents
    with pytest.raises(NotAllowed, match="all_refunded"):
        refunds.order(JULE, first)


@pytest.mark.feature("M2-11", "COR-3")
def test_credit_that_was_spent_since_is_not_given_back_a_second_time(till: Till) -> None:
    invoice = paid_by_card(till)
    storno = cancelled(invoice)
    paid_credit.pay_out(JULE, till.customer_id, Money(invoice.gross_cents - 100, "EUR"))
    assert refund(till, storno).amount_cents == 100
    with pytest.raises(NotAllowed):
        refunds.order(JULE, storno)
    assert given_back(till) == [100]


@pytest.mark.feature("M2-03", "M2-04", "M2-05")
def test_what_was_paid_on_account_goes_back_by_hand_alone(till: Till) -> None:
    invoice = paid_by_transfer(till)
    storno = cancelled(invoice)
    with pytest.raises(NotAllowed, match="not_by_provider"):
        refunds.order(JULE, storno)
    (refund_id,) = refunds.order(JULE, storno, "transfer")
    assert balance("bank") == invoice.gross_cents, "nothing has left the bank yet"
    refunds.note_sent(JULE, refund_id, reference="Erstattung")
    assert (balance("bank"), balance("refunds_under_way")) == (0, 0)
    with pytest.raises(AlreadyDone):
        refunds.note_sent(JULE, refund_id)
    refunds.note_returned(JULE, refund_id, "Konto erloschen")
    assert (balance("bank"), balance("credit")) == (invoice.gross_cents, -invoice.gross_cents)
    assert [each.kind for each in till.payments] == ["payment", "refund", "reversal"]


@pytest.mark.feature("F1")
def test_a_double_click_gives_back_once_with_and_without_the_same_form(till: Till) -> None:
    storno = cancelled(paid_by_card(till))
    refunds.order(JULE, storno, key="form-1")
    with pytest.raises(AlreadyDone, match="already_done"):
        refunds.order(JULE, storno, key="form-1")
    with pytest.raises(NotAllowed, match="all_refunded"):
        refunds.order(JULE, storno, key="form-2")
    assert len(till.all(Refund)) == 1


def test_who_saw_another_amount_is_told(till: Till) -> None:
    storno = cancelled(paid_by_card(till))
    with pytest.raises(Conflict, match="changed_meanwhile"):
        refunds.order(JULE, storno, seen=1)


@pytest.mark.feature("F1")
def test_two_people_and_their_double_clicks_in_the_same_moment_give_back_once(till: Till) -> None:
    invoice = paid_by_card(till)
    storno = cancelled(invoice)
    clicks = [lambda who=who: refunds.order(who, storno) for who in (JULE, ANNA, JULE, ANNA)]
    assert at_once(till.app, clicks) == ["all_refunded", "all_refunded", "all_refunded", "done"]
    (row,) = till.all(Refund)
    looks = [lambda: refund_calls.carry_on(row.id, at_once=True) for _ in range(4)]
    at_once(till.app, looks)
    refund_calls.carry_on(row.id, at_once=True)
    assert given_back(till) == [invoice.gross_cents] and till.all(Refund)[0].state == "succeeded"
    assert lie_still(till)[1:] == [("refund", invoice.gross_cents)]


@pytest.mark.feature("X-16")
def test_above_the_limit_another_person_lets_it_go(till: Till) -> None:
    change_payment_settings(JULE, {"four_eyes_cents": 1})
    storno = cancelled(paid_by_card(till))
    (refund_id,) = refunds.order(JULE, storno)
    assert till.all(Refund)[0].state == "waiting" and balance("credit") == 0
    assert refund_calls.carry_on(refund_id, at_once=True) == "waiting", "nobody is asked before it is approved"
    with pytest.raises(NotAllowed, match="four_eyes"):
        refunds.approve(JULE, refund_id)
    assert refunds.approve(ANNA, refund_id) == "approved"
    with pytest.raises(AlreadyDone):
        refunds.approve(ANNA, refund_id)
    assert refund_calls.carry_on(refund_id) == "succeeded"
    assert (till.all(Refund)[0].ordered_by, till.all(Refund)[0].approved_by) == ("staff:1", "staff:2")


@pytest.mark.feature("X-16")
def test_the_limit_counts_all_parts_of_an_invoice(till: Till) -> None:
    invoice = paid_by_card(till)
    change_payment_settings(JULE, {"four_eyes_cents": invoice.gross_cents - 1})
    first, second = part_of(invoice, "0.5"), cancelled(invoice)
    assert refund(till, first).state == "succeeded"
    refunds.order(JULE, second)
    assert till.all(Refund)[-1].state == "waiting"


def test_what_was_withdrawn_is_credit_again_and_can_be_ordered_anew(till: Till) -> None:
    invoice = paid_by_card(till)
    storno = cancelled(invoice)
    (refund_id,) = refunds.order(JULE, storno)
    refunds.withdraw(ANNA, refund_id, "doch nicht")
    assert balance("credit") == -invoice.gross_cents
    assert refund_calls.carry_on(refund_id, at_once=True) == "withdrawn"
    with pytest.raises(AlreadyDone):
        refunds.withdraw(ANNA, refund_id)
    assert refund(till, storno).state == "succeeded"
    with pytest.raises(NotAllowed, match="wrong_state"):
        refunds.withdraw(ANNA, till.all(Refund)[-1].id)


@pytest.mark.feature("EB-51", "F12")
@pytest.mark.parametrize("trouble", ["lost", "broken"])
def test_no_answer_is_unknown_and_reading_resolves_it(till: Till, trouble: str) -> None:
    invoice = paid_by_card(till)
    storno = cancelled(invoice)
    (refund_id,) = refunds.order(JULE, storno)
    till.gateway.trouble = trouble
    assert refund_calls.carry_on(refund_id) == "unknown"
    assert refund_calls.waiting(9) == [], "its next look has not come"
    with clock.stand_at(clock.real() + timedelta(hours=1)):
        assert refund_calls.waiting(9) == [refund_id]
        sweep.sweep()
        assert refund_calls.carry_on(refund_id) == "succeeded"
    assert given_back(till) == [invoice.gross_cents]


def test_a_busy_provider_is_asked_again_with_the_same_key(till: Till) -> None:
    invoice = paid_by_card(till)
    (refund_id,) = refunds.order(JULE, cancelled(invoice))
    till.gateway.trouble = "busy"
    assert refund_calls.carry_on(refund_id) == "sent"
    assert refund_calls.carry_on(refund_id, at_once=True) == "succeeded"
    assert given_back(till) == [invoice.gross_cents]


def test_after_the_keys_time_a_person_decides(till: Till) -> None:
    invoice = paid_by_card(till)
    storno = cancelled(invoice)
    (refund_id,) = refunds.order(JULE, storno)
    till.gateway.trouble = "broken"
    till.gateway.forgets_refunds = True
    refund_calls.carry_on(refund_id)
    with clock.stand_at(clock.real() + timedelta(hours=25)):
        assert refund_calls.carry_on(refund_id) == "unknown"
        assert till.all(Refund)[0].error == "no_answer"
        assert refund_answers.decide(ANNA, refund_id, went=False) == "failed"
        with pytest.raises(NotAllowed):
            refund_answers.decide(ANNA, refund_id, went=True)
    assert balance("credit") == -invoice.gross_cents


@pytest.mark.feature("M2-11")
def test_what_the_provider_refuses_is_credit_again_and_said(till: Till) -> None:
    invoice = paid_by_card(till)
    storno = cancelled(invoice)
    with till.gateway._store.open() as provider:
        provider.execute("UPDATE charges SET charged_back_cents = cents")
    row = refund(till, storno)
    assert (row.state, row.error) == ("failed", "refund_too_large")
    assert balance("credit") == -invoice.gross_cents and given_back(till) == []
    assert "refund.failed" in [each.code for each in till.all(Activity)]
    assert len(refunds.order(JULE, storno, "transfer")) == 1, "then a person sends it"


@pytest.mark.feature("EB-55", "EB-58", "L5")
def test_news_of_a_refund_in_any_order_any_number_of_times_is_booked_once(till: Till) -> None:
    invoice = paid_by_card(till)
    (refund_id,) = refunds.order(JULE, cancelled(invoice))
    for status in ("pending", "pending", "succeeded", "succeeded", "pending"):
        told = Told("re-1", status, invoice.gross_cents, "EUR")
        if status == "pending" and till.all(Refund)[0].state == "ordered":
            refund_calls._take(refund_id, True)
        refund_answers.settle(refund_id, told)
    assert till.all(Refund)[0].state == "succeeded" and len(till.payments) == 2
    refund_answers.settle(refund_id, Told("re-1", "failed", invoice.gross_cents, "EUR", reason="account_closed"))
    assert till.all(Refund)[0].state == "failed" and balance("credit") == -invoice.gross_cents


def test_an_event_finds_its_refund_and_a_foreign_one_is_noted(till: Till) -> None:
    invoice = paid_by_card(till)
    (refund_id,) = refunds.order(JULE, cancelled(invoice))
    key = till.all(Refund)[0].key
    mine = Event("e1", "refund", "refund.succeeded", "unbekannt", MIDDAY, key=key)
    assert refund_calls.take_event("sandbox", mine) and refund_rows.state_of(refund_id) == "succeeded"
    charge = till.payments[0].provider_id or ""
    foreign = Event("e2", "refund", "refund.succeeded", "re-fremd", MIDDAY, cents=5, currency="EUR",
                    facts={"charge_id": charge})  # fmt: skip
    assert not refund_calls.take_event("sandbox", foreign)
    assert till.all(Activity)[-1].code == "refund.foreign"


@pytest.mark.feature("COR-3")
def test_a_payment_of_which_something_went_back_is_neither_undone_nor_moved(till: Till) -> None:
    invoice = paid_by_card(till)
    refund(till, cancelled(invoice))
    for payment in till.payments:
        with pytest.raises(NotAllowed):
            payment_changes.cancel(JULE, payment.id, "verschrieben")


def test_a_moved_payment_still_goes_back_to_its_card(till: Till) -> None:
    invoice = paid_by_card(till)
    payment_changes.move(JULE, till.payments[0].id, reason="verwechselt")
    assert (balance("clearing:sandbox"), balance("clearing:card")) == (invoice.gross_cents, 0)
    moved = till.payments[-1]
    paid_credit.apply_credit(JULE, till.receivables[0].id)
    assert moved.gateway == "sandbox" and moved.provider_id is None


def test_a_way_that_is_none_and_a_document_that_is_none_are_refused(till: Till) -> None:
    storno = cancelled(paid_by_card(till))
    with pytest.raises(KontorError, match="not_a_choice"):
        refunds.order(JULE, storno, "pigeon")
    with pytest.raises(KontorError, match="unknown_invoice"):
        refunds.order(JULE, 999)
