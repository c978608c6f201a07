"""What a reminder says by mail and on paper, and that its letter is drawn once."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update

from billing.default import REMINDED, Since
from billing.errors import AlreadyDone, NotAllowed, NotFound
from billing.money import Money
from extensions import db
from models import Activity, Customer, Message, Payment, Posting, Receivable, Reminder
from services import clock, files, payment_changes, reminder_letters, reminder_papers, write_offs
from services.dunning_claims import default_since
from services.dunning_levels import LevelWish
from services.mail_writing import Order, write_mail
from services.payments import Receipt, receive, record_payment
from services.unit import end_reading, write
from tests.services.reminding import ANKE, after, books_hold, dun, set_levels, statements

FOUR = (
    LevelWish("Zahlungserinnerung", 7),
    LevelWish("1. Mahnung", 14, fee_cents=76, consumer_fee_cents=76, letter="always"),
    LevelWish("Letzte Mahnung", 21),
)  # fmt: skip


def reminders() -> list[Reminder]:
    db.session.rollback()
    return list(db.session.scalars(select(Reminder).order_by(Reminder.id)))


def mails() -> list[Order]:
    rows = db.session.scalars(select(Message).where(Message.template == "reminder").order_by(Message.id)).all()
    return [
        Order(row.id, 1, row.template, row.language_code, row.recipient, "", row.invoice_id, row.facts) for row in rows
    ]


def nobody_has_an_address() -> None:
    """So every level is sent by letter."""
    with write() as session:
        session.execute(update(Customer).values(email="", payment_mail_address=""))


def awaits_a_letter() -> Reminder:
    """The first level, whose letter is not drawn yet."""
    nobody_has_an_address()
    set_levels(*FOUR)
    dun(after(7))
    (row,) = reminders()
    return row


@pytest.mark.feature("M2-13")
@pytest.mark.feature("M2-15")
def test_each_level_has_words_of_its_own_and_asks_for_a_transfer(owed: Receivable) -> None:
    set_levels(*FOUR)
    for days in (7, 14, 21):
        dun(after(days))
    texts = [write_mail(order).mail for order in mails()]
    assert [name in mail.subject for name, mail in zip(("Zahlungserinnerung", "1. Mahnung", "Letzte Mahnung"), texts,
                                                       strict=True)] == [True, True, True]  # fmt: skip
    assert all("Bitte überweisen Sie" in mail.text or "zu überweisen" in mail.text for mail in texts)
    assert "im Alltag entgangen" in texts[0].text
    assert "bereits an unsere Rechnung" in texts[1].text
    assert "Mahngebühr: 0,76" in texts[1].text
    assert "Mahngebühr, bereits angemahnt: 0,76" in texts[2].text


@pytest.mark.feature("M2-15")
def test_a_level_with_a_letter_brings_it_along_and_it_is_drawn_once(owed: Receivable) -> None:
    set_levels(*FOUR)
    for days in (7, 14):
        dun(after(days))
    first, second = mails()
    assert write_mail(first).mail.attachments == ()
    (letter,) = write_mail(second).mail.attachments
    assert letter.content.startswith(b"%PDF")
    row = reminders()[1]
    assert (row.letter_state, reminder_papers.draw(row.id), reminder_papers.waiting(9)) == (
        "drawn",
        row.letter_file_id,
        [],
    )
    assert files.read(row.letter_file_id or 0).content == letter.content


@pytest.mark.feature("M2-15")
def test_who_cannot_be_mailed_gets_a_letter_that_asks_for_everything_open(owed: Receivable) -> None:
    nobody_has_an_address()
    set_levels(*FOUR)
    for days in (7, 14, 21):
        dun(after(days))
    assert mails() == []
    paper = reminder_letters.reminder_paper(reminders()[2].id)
    assert [item.cents for item in paper.items] == [owed.open_cents, 76]
    assert (paper.name, paper.total_cents, paper.pay_until) == ("Letzte Mahnung", owed.open_cents + 76, after(27))


@pytest.mark.feature("F9")
def test_a_letter_that_cannot_be_drawn_is_given_up_and_drawn_again_by_a_person(owed: Receivable) -> None:
    set_levels(*FOUR)
    dun(after(7))
    with pytest.raises(NotFound):  # this level sends none
        reminder_papers.draw(reminders()[0].id)
    dun(after(14))
    row = reminders()[1]
    for _ in range(reminder_papers.MOST_ATTEMPTS):
        reminder_papers._note_failure(row.id, "too_large")
    assert reminders()[1].letter_state == "failed"
    with clock.stand_at(date(2026, 12, 1)):
        reminder_papers.retry(ANKE, row.id)
    assert reminder_papers.waiting(9) == [row.id]
    reminder_papers.draw(row.id)
    with pytest.raises(AlreadyDone):
        reminder_papers.retry(ANKE, row.id)


@pytest.mark.feature("MAH-6")
def test_a_waived_fee_takes_no_vat_of_any_invoice(owed: Receivable) -> None:
    set_levels(*FOUR)
    for days in (7, 14):
        dun(after(days))
    fee = db.session.scalars(select(Receivable).where(Receivable.kind == "fee")).one()
    with clock.stand_at(after(15)):
        write_offs.write_off(ANKE, fee.id, "Kulanz")
    entry = db.session.scalars(select(Payment.entry_id).where(Payment.kind == "write_off")).one()
    accounts = db.session.execute(select(Posting.account, Posting.amount_cents).where(Posting.entry_id == entry)).all()
    assert sorted(map(tuple, accounts)) == [("receivable", -76), ("writeoff", 76)]


@pytest.mark.feature("MAH-7")
def test_who_has_paid_before_the_letter_was_drawn_gets_none_and_it_is_told(owed: Receivable) -> None:
    """As their mail is stopped. It never arrived, so it brought about no default when the money goes back."""
    row = awaits_a_letter()
    with clock.stand_at(after(8)):
        assert (since := default_since(owed.id)) is not None and (since.on, since.reason) == (after(11), REMINDED)
        payment = receive(ANKE, owed.id, Receipt(Money(owed.open_cents, "EUR")))
        assert reminder_papers.waiting(9) == [row.id]
        for _ in range(2):
            with pytest.raises(NotAllowed, match="paid_meanwhile"):
                reminder_papers.draw(row.id)
        assert reminder_papers.waiting(9) == []
        (row,) = reminders()
        assert (row.letter_state, row.letter_file_id, row.letter_stopped_on) == ("none", None, after(8))
        deeds = db.session.scalars(select(Activity.code).where(Activity.code == "reminder.letter_stopped")).all()
        assert len(deeds) == 1
        payment_changes.cancel(ANKE, payment.payment_id, "Rückbuchung")
        assert default_since(owed.id) is None
    assert books_hold(after(8))
    dun(after(15))  # owed again: the first level anew, with a letter that is drawn
    again = reminders()[-1]
    assert (again.level, again.round, again.letter_state) == (1, 1, "pending")
    assert reminder_papers.draw(again.id) == reminders()[-1].letter_file_id


@pytest.mark.feature("MAH-7")
def test_a_letter_of_what_is_paid_in_part_is_owed_and_drawn(owed: Receivable) -> None:
    row = awaits_a_letter()
    with clock.stand_at(after(8)):
        record_payment(ANKE, owed.id, Money(owed.open_cents - 1, "EUR"))
        assert reminder_papers.draw(row.id) and reminders()[0].letter_state == "drawn"


@pytest.mark.feature("MAH-1")
def test_since_when_and_why_somebody_is_in_default_is_known_at_the_invoice(owed: Receivable) -> None:
    set_levels(*FOUR)
    with clock.stand_at(after(1)):
        assert default_since(owed.id) is None and default_since(0) is None
    dun(after(7))
    assert default_since(owed.id) == Since(after(8), REMINDED)
    with write() as session:
        session.execute(update(Message).where(Message.template == "reminder").values(state="stopped", sent_at=None))
    end_reading()
    assert default_since(owed.id) is None
    end_reading()
    assert statements(lambda: default_since(owed.id)) <= 5
