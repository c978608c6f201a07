"""Who gets money back is told so once: how much, for which invoice, and where it comes back to (M2-01, D-1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import update

from extensions import db
from models import Customer, Invoice, Message, PaymentMethod
from queries.refunds import get_refund
from services import clock, messages, refund_answers, refunds
from services.checks import check_books
from services.mail_facts import facts_of
from services.mail_texts import write_letter
from services.unit import write
from tests.services.charged import Till, open_till
from tests.services.refunding import JULE, cancelled, paid_by_card, paid_by_transfer, part_of, refund


@pytest.fixture
def till(context: Flask) -> Iterator[Till]:
    with clock.stand_at(clock.instant()):
        yield open_till(context)
        found = check_books()
        assert found.ok, found.findings


def letters(till: Till) -> list[Message]:
    return [mail for mail in till.all(Message) if mail.template == "refund_paid"]


def told(mail: Message, language: str) -> str:
    written = write_letter(mail.template, language, facts_of(mail.template, language, None, mail.facts))
    return f"{written.subject}\n{written.text}".replace("\xa0", " ")


@pytest.mark.feature("M2-01", "D-1")
@pytest.mark.parametrize(("take", "what"), [(cancelled, "Stornorechnung"), (part_of, "Rechnungskorrektur")])
def test_a_refund_that_its_provider_made_is_told_once_with_where_it_comes_back_to(
    till: Till, take: Callable[[Invoice], int], what: str
) -> None:
    invoice = paid_by_card(till)
    row = refund(till, take(invoice))
    refund_answers.settle(row.id, refund_answers.Told(row.provider_id or "", "succeeded", row.amount_cents, "EUR"))
    (mail,) = letters(till)
    document = db.session.get_one(Invoice, row.correction_id)
    german, english = told(mail, "de"), told(mail, "en")
    assert f"Rückzahlung zu Ihrer Rechnung {invoice.number}" in german and f"{what} {document.number}" in german
    (card,) = till.all(PaymentMethod)
    shown = f"{card.brand.capitalize()} ···· {card.last4}."
    assert f"auf Ihre Karte {shown}" in german and f"to your card {shown}" in english
    assert f"{row.amount_cents // 100},{row.amount_cents % 100:02} €" in german


@pytest.mark.feature("M2-05", "M2-01")
def test_a_transfer_is_told_when_it_was_sent_and_once_for_all_its_notes(till: Till) -> None:
    (refund_id,) = refunds.order(JULE, cancelled(paid_by_transfer(till)), "transfer")
    assert letters(till) == [], "nothing has gone yet"
    refunds.note_sent(JULE, refund_id)
    (mail,) = letters(till)
    assert "per Überweisung auf Ihr Bankkonto" in told(mail, "de")
    refunds.take_sent_back(JULE, refund_id, "Irrtum")
    assert messages.send(mail.id) == "stopped", "nobody is told of what did not go"
    refunds.note_sent(JULE, refund_id)
    assert len(letters(till)) == 1


NAMELESS = {"organization": "", "first_name": "", "last_name": "", "erased_at": clock.instant()}


@pytest.mark.parametrize("gone", [{"email": "", "payment_mail_address": ""}, NAMELESS])
def test_who_was_erased_or_has_no_address_is_not_written_to(till: Till, gone: dict[str, object]) -> None:
    storno = cancelled(paid_by_card(till))
    with write() as session:
        session.execute(update(Customer).values(**gone))
    row = refund(till, storno)
    assert row.state == "succeeded" and letters(till) == []
    shown, number = get_refund(row.id), db.session.get_one(Customer, till.customer_id).number
    assert shown is not None and shown.is_erased is (gone is NAMELESS)
    assert (shown.customer == number) is shown.is_erased, "whom people cannot name they find by the number"
