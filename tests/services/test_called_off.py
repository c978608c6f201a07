"""Who does not confirm in time can confirm no more: the charge is called off at the provider before it is given up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateways.base import Charge
from models import PaymentAttempt
from services import attempt_answers, charging, clock
from services.actor import Actor
from services.checks import check_books
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


@pytest.mark.feature("EB-51")
def test_a_second_yes_of_one_invoice_is_noted(till: Till) -> None:
    asked(till)
    with clock.stand_at(clock.instant() + LATER):
        till.carry_on()
        charging.try_now(JULE, till.invoice.id)
        till.carry_on()
        for row in till.all(PaymentAttempt):
            yes = Charge(str(row.provider_id), "succeeded", row.amount_cents, row.currency_code)
            attempt_answers.settle(row.id, yes)
        notes = [note["code"] for note in check_books().notes]
    assert notes == ["taken_twice"]
