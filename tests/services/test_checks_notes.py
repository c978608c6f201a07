"""check-books notes money that a person has to see to, though the books are in order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from models import Debit, Message, PaymentAttempt
from services import clock, payment_files, reports
from services.actor import SYSTEM
from services.checks import check_books
from services.company import change_company
from services.mail_facts import facts_of
from services.mail_texts import write_letter
from services.unit import end_reading
from tests.services import shop
from tests.services.charged import FIRST, Till, open_till
from tests.services.refunding import cancelled, charged_back, paid_by_card, refund
from tests.services.test_debits import COLLECTED, HANDED_IN, at_bank, debtor, fresh, ground

__all__ = ["ground"]


@pytest.fixture
def till(context: Flask) -> Till:
    with clock.stand_at(FIRST):
        yield open_till(context)


def notes() -> list[tuple[str, str]]:
    end_reading()
    return [(each["rule"], each["code"]) for each in check_books().notes]


@pytest.mark.feature("F19")
def test_a_refund_and_a_chargeback_of_one_payment_are_noted_and_leave_the_books_right(till: Till) -> None:
    refund(till, cancelled(paid_by_card(till)))
    assert notes() == []
    charged_back(till)
    assert notes() == [("F19", "paid_out_twice")] and check_books().ok


@pytest.mark.feature("EB-51")
def test_an_outcome_that_nobody_knows_for_too_long_is_noted_and_told_by_mail(till: Till) -> None:
    till.keep("times_out_before")
    till.bill()
    till.carry_on()
    assert till.all(PaymentAttempt)[-1].state == "unknown" and notes() == []
    with clock.stand_at(FIRST + timedelta(3)):
        assert notes() == [("EB-51", "outcome_unknown")]
        change_company(SYSTEM, {"report_email": "chef@beispiel.example"})
        reports.report_books(clock.today(), 0, [], check_books().notes)
        mail = till.all(Message)[-1]
        told = write_letter(mail.template, "de", facts_of(mail.template, "de", None, mail.facts)).text
    assert "seit langem ohne Antwort" in told and "hat nichts gefunden" in told


@pytest.mark.feature("SEP-3", "X-05")
@pytest.mark.usefixtures("ground")
def test_a_debit_that_was_never_handed_in_is_noted_once_its_day_is_over() -> None:
    debtor()
    at_bank()
    with clock.stand_at(COLLECTED + timedelta(1)):
        assert notes() == []
    debtor("Schulz")
    shop.bill(COLLECTED)
    with clock.stand_at(COLLECTED):
        assert notes() == []
        payment_files.make_debit_files(SYSTEM, COLLECTED + timedelta(20))
    with clock.stand_at(max(row.collect_on for row in fresh(Debit)) + timedelta(1)):
        assert ("SEP-3", "not_handed_in") in notes() and HANDED_IN < COLLECTED
