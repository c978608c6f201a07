"""What customers are told when a debit came back or is collected on another day; mandates for one debit alone."""

from __future__ import annotations

from datetime import date

import pytest

from billing.errors import AlreadyDone, Invalid, NotAllowed
from models import Customer, Debit, Mandate, Message, PaymentFile, Refund
from services import clock, customers, debit_returns, debits, payment_files, refused_files
from services.actor import SYSTEM
from services.mail_facts import facts_of
from services.mail_texts import write_letter
from services.payment_settings import change_payment_settings
from tests.services import shop
from tests.services.test_bank_orders import refund
from tests.services.test_debits import COLLECTED, HANDED_IN, at_bank, debtor, fresh, ground, the_debit

__all__ = ["ground"]
pytestmark = pytest.mark.usefixtures("ground")


def mails() -> list[Message]:
    return [each for each in fresh(Message) if each.template.startswith("debit_")]


def text_of(mail: Message, language: str = "de") -> str:
    with clock.stand_at(COLLECTED):
        return write_letter(mail.template, language, facts_of(mail.template, language, None, mail.facts)).text


def came_back(code: str, fee: int = 0) -> None:
    """Handed in, and given back by the bank on the day."""
    customer_id = debtor()
    customers.update_customer(SYSTEM, customer_id, {"email": "anna@meier.example"})
    name = at_bank()
    with clock.stand_at(COLLECTED):
        debit_returns.returned(SYSTEM, name, code, COLLECTED, fee)


@pytest.mark.feature("SEP-5")
@pytest.mark.parametrize(("code", "fee", "said"), [
    ("AC04", 300, ("gibt es nicht mehr", "ziehen wir nichts mehr ein", "Bitte überweisen Sie 11,90", "3,00")),
    ("MD06", 0, ("widersprochen", "DE89 3704 0044 0532 0130 00")),
    ("TM01", 300, ("auf unserer Seite",)),
    ("MS03", 0, ("keinen Grund genannt",)),
])  # fmt: skip
def test_who_is_debited_in_vain_is_told_why_and_what_to_do(code: str, fee: int, said: tuple[str, ...]) -> None:
    came_back(code, fee)
    (mail,) = mails()
    told = text_of(mail).replace("\xa0", " ")
    assert all(part in told for part in said) and ("Kosten" in told) is (fee > 0 and code != "TM01")
    assert mail.template == "debit_returned" and "/accountdata/" in told and "came back" in text_of(mail, "en")


@pytest.mark.feature("SEP-5")
def test_nobody_writes_about_money_to_the_house_of_somebody_who_died() -> None:
    came_back("MD07")
    assert mails() == []


@pytest.mark.feature("SEP-2", "SEP-5")
def test_the_second_try_is_announced_with_amount_day_creditor_and_mandate() -> None:
    came_back("AM04")
    again = the_debit()
    told = text_of(mails()[-1]).replace("\xa0", " ")
    for part in ("11,90", again.collect_on.strftime("%d.%m.%Y"), "DE98ZZZ09999999999", "M-000001", "DE…2051"):
        assert part in told


@pytest.mark.feature("SEP-2", "SEP-6")
def test_a_file_that_the_bank_refused_goes_on_anew_and_is_announced_anew() -> None:
    customer_id = debtor()
    customers.update_customer(SYSTEM, customer_id, {"email": "anna@meier.example"})
    name = at_bank()
    (file,) = fresh(PaymentFile)
    with clock.stand_at(COLLECTED):
        with pytest.raises(Invalid):
            refused_files.put_back(SYSTEM, file.id, " ")
        assert refused_files.put_back(SYSTEM, file.id, "Prüfsumme") == 1
        with pytest.raises(AlreadyDone):
            refused_files.put_back(SYSTEM, file.id, "Prüfsumme")
    again = the_debit()
    assert [row.state for row in fresh(Debit)] == ["returned", "planned"] and again.end_to_end_id != name
    assert (again.announced_on, again.collect_on) == (COLLECTED, date(2026, 12, 21))
    assert fresh(Mandate)[-1].first_used_on is None and shop.findings() == []
    (mail,) = mails()
    assert mail.template == "debit_again" and "21.12.2026" in text_of(mail)


@pytest.mark.feature("SEP-6")
def test_what_the_bank_told_of_was_not_refused_and_transfers_wait_for_the_next_file() -> None:
    debtor()
    name = at_bank()
    (file,) = fresh(PaymentFile)
    with clock.stand_at(COLLECTED):
        debits.mark_paid(SYSTEM, name, COLLECTED)
        with pytest.raises(NotAllowed, match="bank_told_of_it"):
            refused_files.put_back(SYSTEM, file.id, "x")
    refund()
    made = payment_files.make_transfer_file(SYSTEM)
    with pytest.raises(NotAllowed, match="not_submitted"):
        refused_files.put_back(SYSTEM, made, "x")
    payment_files.submit(SYSTEM, made)
    refused_files.put_back(SYSTEM, made, "FF01")
    row = fresh(Refund)[-1]
    assert (row.state, row.file_id) == ("ordered", None)


@pytest.mark.feature("SEP-4", "EB-59")
def test_a_mandate_for_a_single_debit_is_used_once_and_is_over() -> None:
    customer_id = debtor(is_once=True)
    change_payment_settings(SYSTEM, {"always_recurring": False})
    shop.contract(customer_id, starts_on=date(2026, 11, 24))
    name = at_bank()
    assert [row.sequence for row in fresh(Debit)] == ["OOFF"]
    shop.bill("2026-11-24")
    assert len(fresh(Debit)) == 1 and HANDED_IN < COLLECTED
    with clock.stand_at(COLLECTED):
        debits.mark_paid(SYSTEM, name, COLLECTED)
    assert fresh(Mandate)[-1].state == "lapsed" and fresh(Customer)[-1].payment_type == 1
    assert shop.findings() == []
