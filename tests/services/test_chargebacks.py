"""Money that was taken back: owed again with the bank's fee, once, and noticed where a refund went out, too (F19)."""

from __future__ import annotations

from itertools import permutations

import pytest
from sqlalchemy import select

from billing.errors import AlreadyDone, Invalid, NotAllowed, NotFound
from billing.money import Money
from extensions import db
from gateways.base import Charge
from models import Message, Receivable, Refund
from queries.cards.customer_sums import get_received
from queries.lists.owing import what_it_is
from queries.waiting import Sight, get_waiting
from services import chargeback_news, chargebacks, clock, messages, payments, refund_answers, refund_calls, refunds
from services.checks import check_books
from services.correctable import Falling, get_correctable
from services.mail_facts import facts_of
from services.mail_texts import write_letter
from services.unit import end_reading
from services.write_offs import write_off
from tests.at_once import at_once
from tests.services.charged import Till
from tests.services.refunding import (
    JULE,
    balance,
    cancelled,
    charge_id,
    charged_back,
    lie_still,
    owed,
    paid_by_card,
    refund,
    won,
)

FEE = 15_00


@pytest.mark.feature("F19", "EB-54")
def test_what_was_taken_back_is_owed_again_with_the_fee_of_the_bank(till: Till) -> None:
    gross = paid_by_card(till).gross_cents
    charged_back(till)
    assert owed(till) == {"invoice": gross, "chargeback": FEE}
    fee = till.receivables[-1]
    assert (fee.kind, fee.parent_id, fee.invoice_id) == ("fee", till.receivables[0].id, None)
    assert (balance("clearing:sandbox"), balance("provider_fee"), balance("fee")) == (-FEE, FEE, -FEE)
    assert get_received(till.customer_id)[0].received_cents == 0, "the bank's fee was never the customer's money"
    assert lie_still(till) == [("payment", gross), ("chargeback", gross)]


@pytest.mark.feature("EB-55", "EB-58")
def test_several_events_of_one_case_are_booked_once(till: Till) -> None:
    paid_by_card(till)
    assert charged_back(till) and charged_back(till) is None
    news = [lambda: charged_back(till, case="case-1") or 0 for _ in range(3)]
    assert set(at_once(till.app, news)) == {"done"}
    assert [each.kind for each in till.payments] == ["payment", "chargeback"]
    key = till.payments[-1].external_key
    with pytest.raises(AlreadyDone):
        chargebacks.take_back(JULE, till.payments[0].id, Money(1, "EUR"), key=key)


def test_news_of_a_charge_that_is_not_booked_yet_wait(till: Till) -> None:
    paid_by_card(till)
    with pytest.raises(NotFound, match="unknown_charge"):
        won(till, "never-heard-of")
    with pytest.raises(NotFound):
        chargebacks.take_back(JULE, 999, Money(1, "EUR"), key="x")


@pytest.mark.feature("F19")
def test_news_in_another_currency_than_was_paid_are_for_a_person(till: Till) -> None:
    gross = paid_by_card(till).gross_cents
    with pytest.raises(NotAllowed, match="other_currency"):
        charged_back(till, currency="USD")
    assert [(each.kind, each.amount_cents) for each in till.payments] == [("payment", gross)]


@pytest.mark.parametrize("taken", [Money(0, "EUR"), Money(10**9, "EUR"), Money(1, "USD")])
def test_an_amount_that_cannot_be_is_refused(till: Till, taken: Money) -> None:
    paid_by_card(till)
    with pytest.raises(Invalid):
        chargebacks.take_back(JULE, till.payments[0].id, taken, key="x")


def test_a_chargeback_that_is_won_leaves_nothing_owed(till: Till) -> None:
    paid_by_card(till)
    charged_back(till)
    assert won(till) and won(till) is None
    assert owed(till) == {"invoice": 0, "chargeback": 0}
    assert (balance("credit"), balance("fee"), balance("provider_fee")) == (0, 0, FEE)


def test_who_paid_again_before_it_was_won_has_credit(till: Till) -> None:
    gross = paid_by_card(till).gross_cents
    charged_back(till)
    for row in till.receivables:
        payments.receive(JULE, row.id, payments.Receipt(Money(row.open_cents, "EUR")))
    won(till)
    assert balance("credit") == -(gross + FEE) and set(owed(till).values()) == {0}


@pytest.mark.feature("F19")
def test_after_a_cancellation_the_credit_is_gone_and_nothing_can_be_refunded(till: Till) -> None:
    invoice = paid_by_card(till)
    storno = cancelled(invoice)
    charged_back(till)
    assert balance("credit") == 0 and owed(till) == {"invoice": 0}, "the customer has their own money, and no fee"
    with pytest.raises(NotAllowed, match="charged_back"):
        refunds.order(JULE, storno)


@pytest.mark.feature("F19")
def test_a_refund_that_has_not_left_is_withdrawn_by_the_chargeback(till: Till) -> None:
    storno = cancelled(paid_by_card(till))
    (refund_id,) = refunds.order(JULE, storno)
    charged_back(till)
    assert refund_calls.carry_on(refund_id, at_once=True) == "withdrawn"
    assert (balance("credit"), balance("refunds_under_way")) == (0, 0)


@pytest.mark.feature("F19")
def test_a_refund_and_a_chargeback_of_the_same_money_are_a_claim_of_their_own(till: Till) -> None:
    invoice = paid_by_card(till)
    gross = invoice.gross_cents
    refund(till, cancelled(invoice))
    charged_back(till)
    assert owed(till) == {"invoice": 0, "chargeback": FEE, "double_payout": gross}
    assert balance("credit") == 0
    said = db.session.execute(select(Receivable.cause, what_it_is()).order_by(Receivable.id)).tuples().all()
    assert said == [("", "invoice"), ("chargeback", "chargeback"), ("double_payout", "double_payout")]
    won(till)
    assert owed(till) == {"invoice": 0, "chargeback": 0, "double_payout": 0}, "what was won pays what went out twice"


@pytest.mark.feature("F19")
@pytest.mark.parametrize("steps", list(permutations(("storno", "refund", "chargeback", "won"))))
def test_in_every_order_the_books_hold_and_nobody_has_more_than_was_paid_unseen(
    till: Till, steps: tuple[str, ...]
) -> None:
    """What cannot be in that order is refused; what the customer has in hand is theirs, or is owed."""
    invoice, document = paid_by_card(till), 0
    gross = invoice.gross_cents
    for step in steps:
        try:
            if step == "storno":
                document = cancelled(invoice)
            elif step == "refund":
                refund(till, document or invoice.id)
            elif step == "chargeback":
                charged_back(till)
            else:
                won(till)
        except (NotAllowed, NotFound):
            continue
    in_hand = -balance("clearing:sandbox") - balance("provider_fee") + gross  # what went back of what was paid
    asked = 0 if document else gross  # what the documents ask for
    claims = sum(row.open_cents for row in till.receivables if row.cause != "chargeback")
    assert in_hand + balance("credit") * -1 - claims == gross - asked
    assert check_books().ok


@pytest.mark.feature("F19")
def test_a_refund_that_fails_after_the_chargeback_settles_the_claim(till: Till) -> None:
    invoice = paid_by_card(till)
    gross = invoice.gross_cents
    (refund_id,) = refunds.order(JULE, cancelled(invoice))
    till.gateway.trouble = "broken"
    assert refund_calls.carry_on(refund_id) == "unknown"
    charged_back(till)
    assert owed(till)["double_payout"] == gross
    refund_answers.decide(JULE, refund_id, went=False)
    assert owed(till)["double_payout"] == 0 and balance("credit") == 0
    assert till.all(Refund)[0].state == "failed"


def test_where_no_event_brings_a_sum_the_charge_itself_tells_it(till: Till) -> None:
    gross = paid_by_card(till).gross_cents
    told = Charge(charge_id(till), "succeeded", gross, "EUR", charged_back_cents=100)
    assert chargeback_news.follow("sandbox", told) and chargeback_news.follow("sandbox", told) is None
    assert till.receivables[0].open_cents == 100


@pytest.mark.feature("EB-54")
def test_what_is_owed_again_begins_at_the_first_level(till: Till) -> None:
    paid_by_card(till)
    charged_back(till)
    row: Receivable = till.receivables[0]
    assert (row.dunning_level, row.reminded_on) == (0, None)


def fee_of(till: Till) -> Receivable:
    return next(row for row in till.receivables if row.cause == "chargeback")


@pytest.mark.feature("MAH-6", "COR-1", "F19")
@pytest.mark.parametrize(("paid", "lost"), [(0, 0), (FEE, 0), (0, FEE), (5_00, 10_00)])
def test_with_a_cancelled_invoice_the_fee_of_its_chargeback_falls_once(till: Till, paid: int, lost: int) -> None:
    invoice = paid_by_card(till)
    gross = invoice.gross_cents
    charged_back(till)
    fee = fee_of(till).id
    if paid:
        payments.receive(JULE, fee, payments.Receipt(Money(paid, "EUR")))
    if lost:
        write_off(JULE, fee, "Kulanz", Money(lost, "EUR"))
    found = get_correctable(invoice.id)
    assert found is not None and found.falling == (Falling("chargeback", FEE, paid),)
    cancelled(invoice)
    assert (set(owed(till).values()), balance("credit"), balance("fee")) == ({0}, -paid, 0)
    won(till)
    assert (set(owed(till).values()), balance("credit"), balance("fee")) == ({0}, -paid - gross, 0)


@pytest.mark.feature("F19")
def test_a_fee_that_was_waived_is_nobodys_credit_when_the_chargeback_is_won(till: Till) -> None:
    invoice = paid_by_card(till)
    charged_back(till)
    write_off(JULE, fee_of(till).id, "Kulanz", Money(FEE, "EUR"))
    won(till)
    assert (balance("credit"), balance("writeoff"), balance("fee")) == (0, 0, 0)
    found = get_correctable(invoice.id)
    assert found is not None and found.falling == (), "what is taken off already falls no second time"


def letters(till: Till) -> list[Message]:
    return [mail for mail in till.all(Message) if mail.template == "payment_charged_back"]


def told(mail: Message, language: str) -> str:
    facts = facts_of(mail.template, language, None, mail.facts)
    return write_letter(mail.template, language, facts).text.replace("\xa0", " ")


@pytest.mark.feature("F19", "EB-54")
def test_the_customer_is_told_of_the_bank_s_fee_and_of_nothing_where_there_is_none(till: Till) -> None:
    invoice = paid_by_card(till)
    charged_back(till)
    charged_back(till)
    (mail,) = letters(till)
    german, english = told(mail, "de"), told(mail, "en")
    assert "15,00 €" in german and "diese Kosten" in german and f"Verwendungszweck {invoice.number}" in german
    assert "15.00" in english and "charged back" in english and "/accountdata/" in german
    assert "fraud" not in english and "Betrug" not in german, "the reason is for staff"
    won(till)
    assert messages.send(mail.id) == "stopped", "nobody is asked for a fee that is taken back"


def test_without_a_fee_for_the_customer_nobody_writes(till: Till) -> None:
    paid_by_card(till)
    charged_back(till, fee=0)
    assert letters(till) == []
    assert get_waiting(clock.today(), Sight(payments=True)).charged_back == 1
    payments.mark_paid(JULE, till.receivables[0].id)
    end_reading()
    assert get_waiting(clock.today(), Sight(payments=True)).charged_back == 0, "paid again, so nobody has to look"
