"""Lines of statements become payments: once, by the rules or by a person, and back again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from billing.errors import AlreadyDone, Conflict, Invalid, KontorError, NotAllowed, NotFound
from extensions import db
from models import BankLine, Receivable
from services import bank_answers, bank_booking, bank_facts, bank_links, bank_matching, clock, payment_changes
from services.bank_booking import Share
from services.checks import check_books
from services.unit import write
from tests.documents.statements import OWN, Entry, paid_in
from tests.scenarios.story import Story
from tests.services.desk import DAY, FULL, HOME, YUSUF, Desk, payments


@pytest.fixture
def desk(context: Flask) -> Iterator[Desk]:
    with clock.stand_at(date.fromisoformat(DAY)):
        made = Desk(Story())
        yield made
    assert made.story.check_books() == []


def receivables() -> list[int]:
    return [row.id for row in db.session.query(Receivable).order_by(Receivable.id)]


def offered(line_id: int) -> list[str]:
    line = db.session.get_one(BankLine, line_id)
    return [each.mark for each in bank_facts.offers([line])[line_id]]


@pytest.mark.feature("X-06")
@pytest.mark.feature("SEP-8")
def test_the_number_of_an_invoice_books_all_of_it_or_a_part(desk: Desk) -> None:
    desk.tell("119.00", f"Rechnung {desk.numbers[0].replace('-', ' ').lower()} danke")
    desk.tell("19.00", desk.numbers[1])
    assert desk.states() == ["matched", "matched"] and desk.open() == [0, 10_000]
    line = desk.lines()[0]
    assert (line.answer, line.payment_id is not None) == ("number", True)


@pytest.mark.feature("X-06")
def test_several_numbers_are_split_where_they_come_to_the_cent(desk: Desk) -> None:
    desk.tell("238.00", " ".join(desk.numbers))
    assert desk.states() == ["matched"] and desk.open() == [0, 0]
    assert payments() == [("payment", FULL, 0), ("payment", FULL, 0)]


@pytest.mark.feature("X-06")
def test_two_payments_for_one_invoice_in_one_statement_book_the_first_and_ask_about_the_second(desk: Desk) -> None:
    desk.bring([paid_in("119.00", desk.numbers[0], day=DAY), paid_in("119.00", f"{desk.numbers[0]} x", day=DAY)])
    assert desk.states() == ["matched", "unmatched"] and desk.open() == [0, FULL]


@pytest.mark.feature("X-06")
@pytest.mark.parametrize(("amount", "purpose", "iban"), [
    ("119.00", "ohne Nummer", HOME), ("150.00", "{0}", ""), ("100.00", "danke", HOME), ("300.00", "{0} {1}", ""),
])  # fmt: skip
def test_what_is_not_sure_waits_and_a_click_books_it(desk: Desk, amount: str, purpose: str, iban: str) -> None:
    line_id = desk.tell(amount, purpose.format(*desk.numbers), iban=iban)
    assert desk.states() == ["unmatched"] and payments() == []
    seen = offered(line_id)[0]
    made = bank_booking.accept(YUSUF, line_id, seen)
    assert desk.states() == ["matched"] and sum(cents for _, cents, _ in payments()) == desk.lines()[0].amount_cents
    assert len(made) == len(payments())
    with pytest.raises(AlreadyDone):
        bank_booking.accept(YUSUF, line_id, seen)


@pytest.mark.feature("X-06")
def test_an_account_is_known_by_what_was_booked_from_it_before(desk: Desk) -> None:
    line_id = desk.tell("5.00", desk.numbers[0], iban="DE75512108001245126199")
    assert desk.lines()[0].id == line_id and desk.states() == ["matched"]
    assert offered(desk.tell("7.00", "danke", iban="DE75512108001245126199"))


@pytest.mark.feature("X-06")
def test_our_own_account_is_nobodys_by_what_was_booked_from_it(desk: Desk) -> None:
    desk.tell("5.00", desk.numbers[0], iban=OWN)
    assert desk.states() == ["matched"] and offered(desk.tell("7.00", "danke", iban=OWN)) == []


def test_a_suggestion_that_was_overtaken_is_not_booked(desk: Desk) -> None:
    line_id = desk.tell("119.00", "", iban=HOME)
    seen = offered(line_id)[0]
    desk.tell("19.00", desk.numbers[0])
    with pytest.raises(Conflict, match="suggestion_changed"):
        bank_booking.accept(YUSUF, line_id, seen)


@pytest.mark.feature("X-06")
def test_a_person_splits_a_line_part_by_part(desk: Desk) -> None:
    line_id = desk.tell("250.00", "Sammelzahlung")
    first, second = receivables()
    bank_booking.book(YUSUF, line_id, [Share(first, FULL)])
    assert desk.states() == ["unmatched"]
    bank_booking.book(YUSUF, line_id, [Share(second, FULL)], desk.customer, 1_200)
    assert desk.states() == ["matched"] and desk.open() == [0, 0]
    assert payments()[-1] == ("payment", 1_200, 1_200)


@pytest.mark.parametrize(("shares", "credit", "code"), [
    ([0], 0, "more_than_line"), ([], 0, "missing"), ([1], 0, "more_than_open"),
])  # fmt: skip
def test_more_than_the_line_or_more_than_is_open_is_refused(
    desk: Desk, shares: list[int], credit: int, code: str
) -> None:
    line_id = desk.tell("200.00", "?")
    given = [Share(receivables()[0], [20_001, 20_000][which]) for which in shares]
    with pytest.raises(Invalid, match=code):
        bank_booking.book(YUSUF, line_id, given, None, credit)
    assert payments() == [] and desk.states() == ["unmatched"]


@pytest.mark.feature("X-06")
def test_undoing_cancels_the_payments_and_the_line_can_be_booked_anew(desk: Desk) -> None:
    line_id = desk.tell("238.00", " ".join(desk.numbers))
    bank_answers.undo(YUSUF, line_id, "verwechselt")
    assert desk.states() == ["unmatched"] and desk.open() == [FULL, FULL]
    bank_booking.book(YUSUF, line_id, [], desk.customer, 23_800)
    assert desk.states() == ["matched"] and desk.lines()[0].answer == "person"
    with pytest.raises(AlreadyDone):
        bank_answers.undo(YUSUF, desk.tell("1.00", "?"), "x")


@pytest.mark.feature("X-06")
def test_a_payment_that_is_cancelled_elsewhere_lets_its_line_go_and_a_moved_one_takes_it_along(desk: Desk) -> None:
    desk.tell("119.00", desk.numbers[0])
    payment_id = desk.lines()[0].payment_id or 0
    moved = payment_changes.move(YUSUF, payment_id, customer_id=desk.customer)
    assert desk.states() == ["matched"] and desk.lines()[0].payment_id == moved
    payment_changes.cancel(YUSUF, moved, "doch nicht")
    assert desk.states() == ["unmatched"] and desk.lines()[0].payment_id is None


@pytest.mark.feature("X-06")
def test_what_has_nothing_to_do_with_customers_is_ignored_with_a_reason_and_taken_up_again(desk: Desk) -> None:
    line_id = desk.tell("3.00", "Zinsen")
    with pytest.raises(Invalid):
        bank_answers.ignore(YUSUF, line_id, " ")
    bank_answers.ignore(YUSUF, line_id, "Zinsen der Bank")
    assert (desk.states(), desk.lines()[0].note) == (["ignored"], "Zinsen der Bank")
    with pytest.raises(NotAllowed):
        bank_booking.book(YUSUF, line_id, [], desk.customer, 300)
    bank_answers.take_up(YUSUF, line_id)
    assert desk.states() == ["unmatched"]


@pytest.mark.feature("F1")
def test_a_form_sent_twice_books_once(desk: Desk) -> None:
    line_id = desk.tell("200.00", "?")
    bank_booking.book(YUSUF, line_id, [], desk.customer, 5_000, key="form-1")
    with pytest.raises(AlreadyDone):
        bank_booking.book(YUSUF, line_id, [], desk.customer, 5_000, key="form-1")
    bank_booking.book(YUSUF, line_id, [Share(receivables()[0], FULL)], key="form-2")
    assert payments() == [("payment", 5_000, 5_000), ("payment", FULL, 0)]


def test_money_that_went_out_is_not_booked_as_a_payment(desk: Desk) -> None:
    desk.bring([Entry("-119.00", day=DAY)])
    with pytest.raises(NotAllowed, match="not_incoming"):
        bank_booking.book(YUSUF, desk.lines()[0].id, [], desk.customer, 100)


@pytest.mark.parametrize("deed", [bank_answers.take_up, lambda *a: bank_answers.undo(*a, "x"),
                                  lambda *a: bank_booking.accept(*a, "x")])  # fmt: skip
def test_a_line_that_is_not_there_is_said_so(desk: Desk, deed: Any) -> None:
    with pytest.raises(NotFound):
        deed(YUSUF, 999)


def test_once_more_over_all_books_what_became_sure_since(desk: Desk) -> None:
    desk.tell("119.00", "RE-2026-00003")
    assert desk.states() == ["unmatched"]
    desk.numbers.append(desk.story.on(DAY).one_off("100", customer=desk.customer))
    assert desk.numbers[2].endswith("00003")
    assert bank_matching.match_all(YUSUF) == 1 and desk.states() == ["matched"]


@pytest.mark.feature("L9")
@pytest.mark.parametrize(("sql", "code"), [
    ("UPDATE bank_lines SET state = 'unmatched'", "bank_line_differs"),
    ("UPDATE bank_lines SET payment_id = NULL", "bank_line_differs"),
    ("UPDATE bank_matches SET amount_cents = 11800", "bank_match_differs"),
    ("DELETE FROM bank_matches", "bank_line_differs"),
])  # fmt: skip
def test_what_was_changed_by_plain_sql_is_found(context: Flask, sql: str, code: str) -> None:
    with clock.stand_at(date.fromisoformat(DAY)):
        desk = Desk(Story())
        desk.tell("119.00", desk.numbers[0])
        with write() as session:
            session.execute(text(sql))
        assert code in {each["code"] for each in check_books().findings}


def test_what_is_left_of_a_line_is_known(desk: Desk) -> None:
    line_id = desk.tell("250.00", "?")
    bank_booking.book(YUSUF, line_id, [Share(receivables()[0], FULL)])
    assert bank_links.booked_cents(db.session(), line_id) == FULL
    with pytest.raises(KontorError, match="partly_booked"):
        bank_answers.ignore(YUSUF, line_id, "x")
