"""Charge first: no payment, no invoice; unknown blocks; declined is tried again, and in the end given up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing.errors import AlreadyDone, NotAllowed
from billing.money import Money
from models import Claim, Invoice, Message, PaymentAttempt, Subscription
from services import billing_run, charging, clock, given_up_documents
from services.actor import SYSTEM, Actor
from services.paper_data import invoice_paper
from services.payment_settings import change_payment_settings
from services.payments import Receipt, mark_paid, prepay, receive
from tests.services.charged import FIRST, Till

JULE = Actor("staff", 1, "Jule")


@pytest.mark.feature("M2-19")
def test_a_card_that_pays_is_charged_before_the_invoice_is_made(till: Till) -> None:
    till.keep("succeeds")
    counts = till.bill()
    assert (counts.issued, counts.charging, counts.due) == (0, 1, 1)
    waiting = till.invoice
    assert waiting.status == "awaiting_payment" and waiting.number is None and till.receivables == []
    assert till.carry_on() == ["accepted"]
    invoice, (payment,), (owed,) = till.invoice, till.payments, till.receivables
    assert invoice.status == "issued" and invoice.number and owed.open_cents == 0
    assert (payment.amount_cents, payment.gateway) == (invoice.gross_cents, "sandbox")
    assert till.collection.state == "done" and {claim.state for claim in till.all(Claim)} == {"billed"}


@pytest.mark.feature("M2-19")
@pytest.mark.parametrize(
    ("card", "mode", "said", "payment_type"),
    [("succeeds", "no_invoice", "von Ihrer Karte eingezogen", 6), ("declines_hard", "issue_open", "überweisen", 1)],
)
def test_the_paper_says_what_has_happened_and_not_what_was_once_planned(
    till: Till, card: str, mode: str, said: str, payment_type: int
) -> None:
    change_payment_settings(JULE, {"on_declined": mode})
    till.keep(card)
    till.bill()
    till.carry_on()
    paper = invoice_paper(till.invoice.id)
    assert said in paper.payment_text and paper.payment_type == payment_type
    assert any("Verzug" in note for note in paper.notes) is (card == "declines_hard")


@pytest.mark.feature("M2-20")
@pytest.mark.feature("M2-21")
def test_without_payment_there_is_no_invoice_and_nothing_to_remind_of(till: Till) -> None:
    till.keep("declines_hard")
    till.bill()
    assert till.carry_on() == ["declined"]
    assert till.invoice.number is None and till.receivables == [] and till.payments == []
    assert till.collection.state == "given_up"
    assert {claim.state for claim in till.all(Claim)} == {"given_up"}
    assert till.bill(FIRST + timedelta(1)).due == 0, "what was given up is never planned again"
    assert [mail.template for mail in till.all(Message)] == ["payment_declined"]


@pytest.mark.feature("D-2")
@pytest.mark.feature("M2-22")
def test_the_setting_turns_it_round_and_dunning_takes_over(till: Till) -> None:
    change_payment_settings(JULE, {"on_declined": "issue_open"})
    till.keep("declines_hard")
    till.bill()
    till.carry_on()
    assert till.collection.state == "issued_open"
    assert till.invoice.number and till.receivables[0].open_cents == till.invoice.gross_cents


@pytest.mark.feature("D-2")
def test_what_was_given_up_is_issued_open_by_a_person(till: Till) -> None:
    till.keep("declines_hard")
    till.bill()
    till.carry_on()
    number = given_up_documents.issue_open(JULE, till.invoice.id)
    assert till.invoice.number == number and till.receivables[0].open_cents == till.invoice.gross_cents
    with pytest.raises(NotAllowed):
        given_up_documents.issue_open(JULE, till.invoice.id)


@pytest.mark.feature("F1")
def test_two_presses_of_one_button_ask_the_card_once(till: Till) -> None:
    till.keep("declines_hard")
    till.bill()
    till.carry_on()
    charging.try_now(JULE, till.invoice.id, after=1)
    till.carry_on()  # declined before the second press arrives
    with pytest.raises(AlreadyDone, match="tried_meanwhile"):
        charging.try_now(JULE, till.invoice.id, after=1)
    assert len(till.all(PaymentAttempt)) == 2


@pytest.mark.feature("M2-20")
def test_a_new_card_pays_what_was_given_up_as_the_mail_promised(till: Till) -> None:
    till.keep("declines_hard")
    till.bill()
    till.carry_on()
    till.keep("succeeds")
    assert len(charging.try_all_of(till.invoice.customer_id)) == 1
    till.carry_on()
    assert till.invoice.number and till.receivables[0].open_cents == 0


def test_what_was_given_up_is_released_and_billed_again(till: Till) -> None:
    till.keep("declines_hard")
    till.bill()
    till.carry_on()
    given_up_documents.release(JULE, till.invoice.id)
    till.keep("succeeds")
    assert till.bill().charging == 1
    till.carry_on()
    assert [each.status for each in till.all(Invoice)] == ["awaiting_payment", "issued"]


@pytest.mark.feature("EB-51")
def test_no_answer_is_unknown_and_only_reading_resolves_it(till: Till) -> None:
    till.keep("times_out_and_succeeds")
    till.bill()
    assert till.carry_on() == ["unknown"]
    with pytest.raises(NotAllowed, match="attempt_under_way"):
        given_up_documents.issue_open(JULE, till.invoice.id)
    assert charging.try_again(till.invoice.id, JULE, early=True) is None
    assert till.carry_on() == ["accepted"]
    assert len(till.payments) == 1 and len(till.all(PaymentAttempt)) == 1


@pytest.mark.feature("F3")
@pytest.mark.parametrize("lost", ["create", "confirm"])
def test_an_answer_lost_on_the_way_is_charged_once(till: Till, lost: str) -> None:
    till.keep("succeeds")
    till.bill()
    till.gateway.trouble = "lost"
    till.carry_on()
    if lost == "confirm":
        till.gateway.trouble = "lost"
        till.carry_on()
    for _ in range(3):
        till.carry_on()
    assert till.attempt.state == "accepted" and len(till.payments) == 1
    assert till.gateway.fetch(till.attempt.provider_id or "").cents == till.invoice.gross_cents


def test_a_soft_decline_is_tried_again_on_its_days_and_pays_on_the_second(till: Till) -> None:
    till.keep("declines_first_day")
    till.bill()
    till.carry_on()
    assert till.collection.state == "open" and till.collection.next_try_on == clock.today() + timedelta(3)
    assert charging.try_again(till.invoice.id) is None, "before its day nobody tries"
    with clock.stand_at(clock.instant() + timedelta(3)):
        assert charging.due(10) == [till.invoice.id]
        charging.try_again(till.invoice.id)
        assert till.carry_on() == ["accepted"]
    assert [each.number for each in till.all(PaymentAttempt)] == [1, 2]
    assert till.invoice.number and till.receivables[0].open_cents == 0
    assert [mail.template for mail in till.all(Message)] == ["payment_declined", "invoice"]


def test_tries_end_and_the_contract_goes_as_the_house_decided(till: Till) -> None:
    change_payment_settings(JULE, {"retry_days": (1,), "after_giving_up": "pause"})
    till.keep("declines_soft")
    till.bill()
    till.carry_on()
    with clock.stand_at(clock.instant() + timedelta(1)):
        charging.try_again(till.invoice.id)
        till.carry_on()
    assert till.collection.state == "given_up"
    assert till.all(Subscription)[0].status == "paused"


def test_a_contract_is_closed_when_the_house_decided_so_and_the_decline_stands(till: Till) -> None:
    change_payment_settings(JULE, {"after_giving_up": "close"})
    till.keep("declines_hard")
    till.bill()
    assert till.carry_on() == ["declined"]
    assert till.collection.state == "given_up"
    assert till.all(Subscription)[0].ends_on == clock.today()


@pytest.mark.feature("D-9")
def test_what_paid_credit_settles_meanwhile_is_issued_and_not_charged(till: Till) -> None:
    till.keep("declines_soft")
    till.bill()
    till.carry_on()
    prepay(JULE, till.customer_id, Receipt(Money(till.invoice.gross_cents, "EUR")))
    with clock.stand_at(clock.instant() + timedelta(3)):
        assert charging.try_again(till.invoice.id) is None
    assert till.invoice.number and till.receivables[0].open_cents == 0
    assert till.collection.state == "done" and len(till.all(PaymentAttempt)) == 1


def test_what_was_given_up_stays_so_while_there_is_nothing_to_charge(till: Till) -> None:
    till.keep("declines_hard")
    till.bill()
    till.carry_on()
    till.keep("expired")
    assert charging.try_again(till.invoice.id, JULE, early=True) is None
    assert till.collection.state == "given_up"


def test_without_a_kept_card_the_customer_is_asked_and_a_new_one_is_tried_at_once(till: Till) -> None:
    first = till.keep("expired")
    till.bill()
    assert till.all(PaymentAttempt) == [] and till.collection.reason == "expired"
    charging.try_again(till.invoice.id)
    assert [mail.template for mail in till.all(Message)] == ["payment_declined"]
    assert till.keep("succeeds") != first
    assert len(charging.try_all_of(1)) == 1
    assert till.carry_on() == ["accepted"]


@pytest.mark.feature("EB-55")
def test_news_of_a_charge_that_comes_five_times_is_booked_once(till: Till) -> None:
    from services import attempt_answers

    till.keep("succeeds")
    till.bill()
    till.carry_on()
    charge = till.gateway.fetch(till.attempt.provider_id or "")
    assert charge is not None
    for _ in range(5):
        attempt_answers.settle(till.attempt.id, charge)
    assert len(till.payments) == 1


def collected_again(till: Till) -> None:
    """Issued open after a decline, and ordered to be collected by a card that pays."""
    change_payment_settings(JULE, {"on_declined": "issue_open"})
    till.keep("declines_hard")
    till.bill()
    till.carry_on()
    till.keep("succeeds")
    charging.collect_again(JULE, till.receivables[0].id)


def test_an_issued_invoice_is_collected_again_by_the_kept_card(till: Till) -> None:
    collected_again(till)
    with pytest.raises(NotAllowed, match="attempt_under_way"):
        charging.collect_again(JULE, till.receivables[0].id)
    till.carry_on()
    assert till.receivables[0].open_cents == 0


@pytest.mark.feature("MAH-7")
def test_who_pays_before_the_card_was_asked_wins(till: Till) -> None:
    collected_again(till)
    mark_paid(JULE, till.invoice.id)
    assert till.carry_on() == ["cancelled"] and till.attempt.decline_code == "settled"
    assert [payment.gateway for payment in till.payments] == [""], "the card was never asked"


@pytest.mark.feature("MAH-7")
def test_a_part_that_was_paid_meanwhile_is_not_collected(till: Till) -> None:
    collected_again(till)
    receive(JULE, till.receivables[0].id, Receipt(Money(500, "EUR")))
    assert till.carry_on() == ["accepted"]
    assert [each.amount_cents for each in till.payments] == [500, till.invoice.gross_cents - 500]


def test_the_run_again_freezes_nothing_twice(till: Till) -> None:
    till.keep("succeeds")
    till.bill()
    assert billing_run.bill(FIRST, SYSTEM).counts.due == 0
    assert len(till.all(Invoice)) == 1
