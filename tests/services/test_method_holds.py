"""What was declined for good or charged back is charged by nobody's own accord, until new data or a deed come."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from billing.errors import AlreadyDone
from gateways.base import Charge
from models import Activity, Message, PaymentAttempt, PaymentMethod
from services import attempt_answers, charging, clock, method_days, payment_methods
from services.actor import Actor
from services.payment_settings import change_payment_settings
from services.unit import write
from tests.services.charged import Till
from tests.services.refunding import charged_back, paid_by_card, won

JULE = Actor("staff", 1, "Jule")
NEXT_MONTH = date(2026, 12, 1)


def method(till: Till) -> PaymentMethod:
    return till.all(PaymentMethod)[0]


def declined_for_good(till: Till) -> None:
    till.keep("declines_hard")
    till.bill()
    assert till.carry_on() == ["declined"]


@pytest.mark.feature("M2-16", "EB-51")
def test_a_card_that_was_declined_for_good_is_not_charged_by_the_next_run(till: Till) -> None:
    declined_for_good(till)
    assert (method(till).held_reason, method(till).state) == ("declined", "active")
    till.bill(NEXT_MONTH)
    assert len(till.all(PaymentAttempt)) == 1 and till.collection.reason == "held"
    told = [mail for mail in till.all(Message) if mail.template == "payment_declined"]
    assert len(told) == 1, "one decline, one mail"


@pytest.mark.feature("M2-22", "EB-51")
def test_where_the_house_issues_open_the_next_invoice_is_open_without_a_try(till: Till) -> None:
    change_payment_settings(JULE, {"on_declined": "issue_open", "retry_days": (3,)})
    declined_for_good(till)
    till.bill(NEXT_MONTH)
    with clock.stand_at(clock.instant() + timedelta(60)):
        assert charging.due(9)
        for each in charging.due(9):
            charging.try_again(each)
    assert len(till.all(PaymentAttempt)) == 1 and till.invoice.number and till.receivables[-1].open_cents


@pytest.mark.feature("M2-16")
def test_a_person_may_still_try_it_and_a_payment_makes_it_usable_again(till: Till) -> None:
    declined_for_good(till)
    charging.try_now(JULE, till.invoice.id)
    assert till.carry_on() == ["declined"] and method(till).held_at is not None
    charging.try_now(JULE, till.invoice.id)
    asked = till.attempt
    with write() as session:  # on its way, and the answer comes later
        session.get_one(PaymentAttempt, asked.id).state = "sent"
    attempt_answers.settle(asked.id, Charge("ch-1", "succeeded", asked.amount_cents, "eur"))
    assert till.attempt.state == "accepted" and method(till).held_at is None


@pytest.mark.feature("M2-16")
def test_staff_use_it_again_and_what_waits_is_tried_at_once(till: Till) -> None:
    declined_for_good(till)
    payment_methods.use_again(JULE, method(till).id)
    assert method(till).held_at is None and len(till.all(PaymentAttempt)) == 2
    assert "payment.method_freed" in {row.code for row in till.all(Activity)}
    with pytest.raises(AlreadyDone, match="not_held"):
        payment_methods.use_again(JULE, method(till).id)


@pytest.mark.feature("M1-19", "EB-51")
def test_a_card_that_the_provider_renews_is_used_again(till: Till) -> None:
    declined_for_good(till)
    method_days.hear_update("sandbox", method(till).token, {"expires_on": "2031-05-31"})
    assert method(till).held_at is None and len(till.all(PaymentAttempt)) == 2


@pytest.mark.feature("EB-54", "M2-16")
def test_what_was_charged_back_is_held_until_the_chargeback_is_won(till: Till) -> None:
    invoice = paid_by_card(till)
    charged_back(till)
    assert method(till).held_reason == "charged_back" and charging.can_collect(invoice.id)
    won(till)
    assert (method(till).held_at, method(till).held_reason) == (None, "")


@pytest.mark.feature("EB-54")
def test_one_of_two_chargebacks_that_is_won_frees_nothing(till: Till) -> None:
    paid_by_card(till)
    charged_back(till, 1_00, case="case-1")
    charged_back(till, 2_00, case="case-2")
    won(till, "case-1")
    assert method(till).held_reason == "charged_back"
