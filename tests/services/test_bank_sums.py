"""A sum that one statement books and another one tells in parts: in any order, never counted twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from billing.errors import NotAllowed
from queries.bank import find_lines
from queries.bank_batches import offered
from services import (
    bank_answers,
    bank_batches,
    bank_booking,
    bank_facts,
    bank_import,
    bank_matching,
    bank_order_facts,
    bank_sums,
    clock,
)
from tests.documents.statements import Entry, Part, notice
from tests.faults.power import cut_before
from tests.scenarios.story import Story
from tests.services.desk import DAY, FULL, HOME, YUSUF, Desk, payments


@pytest.fixture
def desk(context: Flask) -> Iterator[Desk]:
    with clock.stand_at(date.fromisoformat(DAY)):
        made = Desk(Story())
        yield made
    assert made.story.check_books() == []


def a_sum(amount: str = "238.00", reference: str = "SAMMLER-1", **part: str) -> Entry:
    return Entry(amount, DAY, [Part(**part)], reference)


def in_parts(desk: Desk, reference: str = "SAMMLER-1") -> Entry:
    told = [Part([number], "Vogel", HOME, end_to_end=f"E{n}", amount="119.00") for n, number in enumerate(desk.numbers)]
    return Entry("238.00", DAY, told, reference)


def booked() -> list[int]:
    return [cents for _, cents, _ in payments()]


def doubts() -> list[int]:
    """Of each line that waits, the sum that it is probably a part of."""
    return [
        row.sum_cents
        for row in find_lines(bank_facts.offers, bank_order_facts.orders_of, bank_sums.booked_otherwise, "open").rows
    ]


@pytest.mark.feature("SEP-8", "X-06", "F13")
@pytest.mark.parametrize("order", ["sp", "ps", "spsp", "pssp"])
def test_a_sum_and_its_parts_from_two_statements_are_money_once_in_whatever_order(desk: Desk, order: str) -> None:
    for n, each in enumerate(order):
        desk.bring([a_sum() if each == "s" else in_parts(desk)], str(n))
    assert booked() == [FULL, FULL] and desk.open() == [0, 0] and desk.states() == ["matched"] * 3
    assert sorted(line.answer for line in desk.lines()) == ["number", "number", "parts"]


@pytest.mark.feature("SEP-8")
@pytest.mark.parametrize("more", [
    {"amount": "237.00"}, {"reference": "SAMMLER-2"}, {"reference": ""}, {"iban": HOME}, {"end_to_end": "E7"},
], ids=["another sum", "another reference", "no reference", "one payer", "one order"])  # fmt: skip
def test_what_is_not_surely_the_same_sum_stays_a_line(desk: Desk, more: dict[str, str]) -> None:
    desk.bring([in_parts(desk)], "1")
    desk.bring([a_sum(**more)], "2")
    assert desk.states() == ["matched", "matched", "unmatched"] and doubts() == [0]


@pytest.mark.feature("SEP-8")
def test_lines_of_the_same_statement_are_no_parts_of_its_sum(desk: Desk) -> None:
    desk.bring([a_sum(), in_parts(desk)], "1")
    assert desk.states() == ["unmatched", "matched", "matched"]


@pytest.mark.feature("SEP-8")
@pytest.mark.parametrize("ignored", [False, True])
def test_where_the_sum_was_seen_to_by_a_person_its_parts_wait_and_say_so(desk: Desk, ignored: bool) -> None:
    desk.bring([a_sum()], "1")
    (line,) = desk.lines()
    if ignored:
        bank_answers.ignore(YUSUF, line.id, "steht in einem anderen Auszug")
    else:
        bank_booking.book(YUSUF, line.id, [], desk.customer, 2 * FULL)
    before = booked()
    desk.bring([in_parts(desk)], "2")
    assert booked() == before and doubts() == [2 * FULL, 2 * FULL]
    if not ignored:
        bank_answers.undo(YUSUF, line.id, "einzeln")
        bank_matching.match_all(YUSUF)
        assert desk.open() == [0, 0] and [each.answer for each in desk.lines()] == ["parts", "number", "number"]


@pytest.mark.feature("SEP-8")
def test_it_is_one_line_again_only_while_no_part_is_booked_and_by_a_click_its_parts(desk: Desk) -> None:
    desk.bring([in_parts(desk)], "1")
    desk.bring([a_sum()], "2")
    *parts, whole = desk.lines()
    with pytest.raises(NotAllowed, match="part_is_booked"):
        bank_answers.undo(YUSUF, whole.id, "falsch")
    for each in (*parts, whole):
        bank_answers.undo(YUSUF, each.id, "falsch")
    assert bank_matching.match_all(YUSUF) == 0 and desk.states() == ["ignored", "ignored", "unmatched"]
    (offer,) = offered([desk.lines()[-1]])[whole.id]
    bank_matching.match_statement(bank_batches.take_apart(YUSUF, whole.id, offer.batch_id))
    bank_matching.match_all(YUSUF)
    assert desk.states() == ["matched"] * 3 and desk.open() == [0, 0]


@pytest.mark.feature("SEP-8")
def test_a_notification_of_the_same_sum_brings_nothing_more(desk: Desk) -> None:
    bank_import.bring_in(
        YUSUF, bank_import.keep(notice([Entry("238.00", DAY, [Part(amount="1.00")], "SAMMLER-1")]), "x")
    )
    desk.bring([a_sum()], "1")
    desk.bring([in_parts(desk)], "2")
    bank_import.bring_in(YUSUF, bank_import.keep(notice([in_parts(desk)]), "avis.xml"))
    assert booked() == [FULL, FULL] and len(desk.lines()) == 3


@pytest.mark.feature("SEP-8", "F6")
def test_killed_before_any_step_the_sum_is_closed_once(desk: Desk) -> None:
    desk.bring([a_sum()], "1")
    (made,) = desk.bring([in_parts(desk)], "2", match=False).statement_ids
    nth = 1
    while cut_before(nth, lambda: bank_sums.resolve(YUSUF, made)):
        nth += 1
        assert desk.states() in (["unmatched"] * 3, ["matched", "unmatched", "unmatched"])
    bank_matching.match_statement(made)
    assert booked() == [FULL, FULL] and desk.states() == ["matched"] * 3
