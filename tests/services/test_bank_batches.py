"""Sums of a statement and notifications that tell their parts: in any order, twice, in part; never counted twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from billing.errors import AlreadyDone, Conflict, NotAllowed
from extensions import db
from models import BankBatch, BankLine, BankStatement
from queries.bank_batches import offered
from services import bank_answers, bank_batches, bank_booking, bank_import, bank_matching, clock
from services.unit import end_reading, write
from tests.documents.statements import Entry, Part, camt, notice
from tests.scenarios.story import Story
from tests.services.desk import DAY, FULL, HOME, YUSUF, Desk, payments

BARE = Part()  # what a German bank leaves of the details in the statement


@pytest.fixture
def desk(context: Flask) -> Iterator[Desk]:
    with clock.stand_at(date.fromisoformat(DAY)):
        made = Desk(Story())
        yield made
    assert made.story.check_books() == []


def told(desk: Desk) -> list[Part]:
    """Two payments, each with the number of its invoice."""
    return [Part([number], "Vogel", HOME, end_to_end=f"E{n}", amount="119.00") for n, number in enumerate(desk.numbers)]


def a_sum(parts: Sequence[Part] = (BARE,), amount: str = "238.00", **more: str) -> Entry:
    return Entry(amount, DAY, parts, **{"reference": "SAMMLER-1", **more})


def notified(desk: Desk, entry: Entry, key: str = "N-1") -> bank_import.Brought:
    """The notification is brought in, and what it concerns is matched."""
    done = bank_import.bring_in(YUSUF, bank_import.keep(notice([entry], key=key), "avis.xml"))
    for each in done.statement_ids:
        bank_matching.match_statement(each)
    return done


def booked(desk: Desk) -> list[int]:
    return [cents for _, cents, _ in payments()]


def answered(line_id: int, answer: str) -> None:
    end_reading()
    with write() as session:
        session.get_one(BankLine, line_id).answer = answer


@pytest.mark.feature("SEP-8", "X-06")
def test_a_notification_alone_books_nothing_and_is_known_again(desk: Desk) -> None:
    first, again = notified(desk, a_sum(told(desk))), notified(desk, a_sum(told(desk)), key="N-2")
    assert (first.sums, first.known_sums, again.sums, again.known_sums) == (1, 0, 0, 1)
    assert desk.lines() == [] and payments() == [] and db.session.scalars(select(BankStatement)).all() == []
    assert bank_import.last_statement_on() is None


@pytest.mark.feature("SEP-8", "X-06", "F13")
@pytest.mark.parametrize("order", ["ns", "sn", "nnss", "snsn", "nsns", "ssnn"])
def test_a_sum_becomes_its_parts_in_whatever_order_and_however_often_they_come(desk: Desk, order: str) -> None:
    parts = told(desk)
    deeds: dict[str, Callable[[], object]] = {"n": lambda: notified(desk, a_sum(parts)),
                                              "s": lambda: desk.bring([a_sum()])}  # fmt: skip
    for each in order:
        deeds[each]()
    assert desk.states() == ["matched"] * 3 and desk.open() == [0, 0] and booked(desk) == [FULL, FULL]
    assert [(line.answer, line.amount_cents) for line in desk.lines()] == [
        ("parts", 2 * FULL), ("number", FULL), ("number", FULL)]  # fmt: skip


@pytest.mark.feature("SEP-8")
def test_a_notification_in_two_files_that_overlap_waits_until_its_parts_come_to_the_sum(desk: Desk) -> None:
    one, two = told(desk)
    third = Part(["Spende"], "Krüger", amount="1.00")
    desk.bring([a_sum(amount="239.00")])
    notified(desk, a_sum([one, two], "239.00"))
    assert desk.states() == ["unmatched"] and payments() == []
    notified(desk, a_sum([two, third], "239.00"), key="N-2")
    assert booked(desk) == [FULL, FULL] and desk.states() == ["matched", "matched", "matched", "unmatched"]


@pytest.mark.feature("SEP-8")
@pytest.mark.parametrize("more", [
    {"amount": "237.00"}, {"reference": "SAMMLER-2"}, {"reference": ""}, {"status": "PDNG"},
], ids=["another sum", "another reference", "no reference", "only announced"])  # fmt: skip
def test_what_is_not_surely_the_same_sum_is_left_alone(desk: Desk, more: dict[str, str]) -> None:
    desk.bring([a_sum()])
    notified(desk, a_sum(told(desk), **more))
    assert desk.states() == ["unmatched"] and payments() == []


@pytest.mark.feature("SEP-8")
def test_a_statement_may_name_the_notification_instead_of_the_sum(desk: Desk) -> None:
    notified(desk, a_sum(told(desk), reference=""), key="N-77")
    desk.bring([a_sum(reference="", notice="N-77")])
    assert booked(desk) == [FULL, FULL]


@pytest.mark.feature("SEP-8")
def test_without_a_reference_account_day_and_sum_are_an_offer_that_a_person_takes(desk: Desk) -> None:
    notified(desk, a_sum(told(desk), reference=""))
    desk.bring([a_sum()])
    (line,) = desk.lines()
    (offer,) = offered([line])[line.id]
    assert (offer.count, offer.cents, payments()) == (2, 2 * FULL, [])
    bank_matching.match_statement(bank_batches.take_apart(YUSUF, line.id, offer.batch_id))
    assert booked(desk) == [FULL, FULL]
    with pytest.raises(AlreadyDone):
        bank_batches.take_apart(YUSUF, line.id, offer.batch_id)


@pytest.mark.feature("SEP-8")
def test_a_sum_of_another_amount_is_never_taken_apart_by_hand(desk: Desk) -> None:
    notified(desk, a_sum(told(desk)))
    desk.bring([Entry("238.01", DAY, [BARE])])
    batch = db.session.scalars(select(BankBatch.id)).one()
    with pytest.raises(Conflict):
        bank_batches.take_apart(YUSUF, desk.lines()[0].id, batch)


@pytest.mark.feature("SEP-8")
@pytest.mark.parametrize("order", ["sn", "ns"])
def test_a_statement_that_tells_the_parts_itself_needs_no_notification(desk: Desk, order: str) -> None:
    for each in order:
        desk.bring([a_sum(told(desk))]) if each == "s" else notified(desk, a_sum(told(desk)))
    assert desk.states() == ["matched"] * 2 and booked(desk) == [FULL, FULL]
    ended = db.session.scalars(select(BankBatch)).one()
    assert ended.ended_at is not None and ended.parts == [] and ended.line_id is None


@pytest.mark.feature("SEP-8")
def test_a_statement_with_the_parts_that_comes_after_both_brings_nothing(desk: Desk) -> None:
    notified(desk, a_sum(told(desk)))
    desk.bring([a_sum()])
    assert desk.bring([a_sum(told(desk))], "anew").new == 0 and booked(desk) == [FULL, FULL]


@pytest.mark.feature("SEP-8")
def test_one_payment_that_two_files_tell_of_is_one_line_with_the_words_of_both(desk: Desk) -> None:
    desk.bring([a_sum(amount="119.00")])
    notified(desk, a_sum(told(desk)[:1], "119.00"))
    (line,) = desk.lines()
    assert (line.state, line.other_iban, line.end_to_end_id) == ("matched", HOME, "E0") and desk.open()[0] == 0


@pytest.mark.feature("SEP-8", "SEP-5")
def test_the_parts_of_a_sum_that_went_out_keep_their_reasons(desk: Desk) -> None:
    notified(desk, a_sum([Part(amount="50.00", code="AC04"), Part(amount="53.00", code="MD06")], "-103.00"))
    desk.bring([a_sum(amount="-103.00")])
    assert [(line.amount_cents, line.return_code) for line in desk.lines()[1:]] == [(-5_000, "AC04"), (-5_300, "MD06")]


@pytest.mark.feature("SEP-8")
def test_a_sum_that_was_booked_by_hand_stays_so_until_that_is_undone(desk: Desk) -> None:
    desk.bring([a_sum()])
    (line,) = desk.lines()
    bank_booking.book(YUSUF, line.id, [], desk.customer, 2 * FULL)
    notified(desk, a_sum(told(desk)))
    assert booked(desk) == [2 * FULL] and desk.states() == ["matched"]
    bank_answers.undo(YUSUF, line.id, "einzeln")
    bank_matching.match_all(YUSUF)
    assert desk.open() == [0, 0] and [line.answer for line in desk.lines()] == ["parts", "number", "number"]


@pytest.mark.feature("SEP-8")
def test_it_is_put_together_again_only_while_no_part_is_booked(desk: Desk) -> None:
    notified(desk, a_sum(told(desk)))
    desk.bring([a_sum()])
    whole, *parts = desk.lines()
    with pytest.raises(NotAllowed, match="part_is_booked"):
        bank_answers.undo(YUSUF, whole.id, "falsch")
    for each in parts:
        bank_answers.undo(YUSUF, each.id, "falsch")
    bank_answers.undo(YUSUF, whole.id, "falsch")
    assert desk.states() == ["unmatched", "ignored", "ignored"]
    with pytest.raises(NotAllowed, match="part_of_a_sum"):
        bank_answers.take_up(YUSUF, parts[0].id)
    assert bank_matching.match_all(YUSUF) == 0 and desk.states()[0] == "unmatched"
    (offer,) = offered([desk.lines()[0]])[whole.id]
    bank_matching.match_statement(bank_batches.take_apart(YUSUF, whole.id, offer.batch_id))
    assert desk.states() == ["matched"] * 3 and desk.open() == [0, 0]


@pytest.mark.feature("L9", "SEP-8")
def test_a_part_that_is_booked_beside_its_sum_is_found(desk: Desk) -> None:
    """The negative control: what no deed does."""
    notified(desk, a_sum(told(desk)))
    desk.bring([a_sum()])
    whole = desk.lines()[0].id
    answered(whole, "person")
    found = [(each.rule, each.code) for each in desk.story.check_books()]
    assert found.count(("L9", "bank_part_counted_twice")) == 2
    answered(whole, "parts")


def test_the_file_of_a_notification_stays(desk: Desk) -> None:
    notified(desk, a_sum(told(desk)))
    kept = db.session.scalars(select(BankBatch.file_id)).one()
    with clock.stand_at(date(2026, 11, 20)):
        bank_import.forget_uploads()
    assert bank_import.kept(kept).content == notice([a_sum(told(desk))]) and camt([]) != b""
