"""A large statement is matched by a worker a few chunks at a time: killed between two, asked anew, by two at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from extensions import db
from models import BankStatement
from queries.bank import count_failed, find_lines
from queries.bank_batches import offered
from queries.bank_statements import UnderWay, find_statements, find_under_way
from services import (
    bank_aside,
    bank_batches,
    bank_booking,
    bank_facts,
    bank_import,
    bank_matching,
    bank_order_facts,
    bank_rows,
    bank_sums,
    bank_turns,
    clock,
)
from services.actor import SYSTEM
from services.unit import end_reading
from tests.documents.statements import Entry, Part, camt, notice, paid_in
from tests.faults.power import cut_before
from tests.queries.test_statements import statements as counted
from tests.scenarios.story import Story
from tests.services.desk import DAY, FULL, HOME, YUSUF, Desk, payments

NO_TIME = -1.0  # every job has time for one chunk


@pytest.fixture
def desk(context: Flask) -> Iterator[Desk]:
    with clock.stand_at(date.fromisoformat(DAY)):
        made = Desk(Story())
        yield made
    assert made.story.check_books() == []


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank_matching, "CHUNK", 1)


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """For which statements a worker was rung for."""
    found: list[int] = []
    monkeypatch.setattr(bank_matching, "ring", found.extend)
    return found


def brought(desk: Desk) -> int:
    """A statement with a payment that nobody knows and one for each invoice; gives its id."""
    entries = [paid_in("1.00", "?", day=DAY), *(paid_in("119.00", number, day=DAY) for number in desk.numbers)]
    (made,) = desk.bring(entries, match=False).statement_ids
    return made


def under_way() -> UnderWay | None:
    end_reading()
    return find_under_way()


def told_failed() -> list[bool]:
    """Of the lines that wait, from the first on, as the screen tells them."""
    end_reading()
    page = find_lines(bank_facts.offers, bank_order_facts.orders_of, bank_sums.booked_otherwise, "open")
    return [row.failed for row in reversed(page.rows)]


@pytest.mark.feature("F6", "SEP-8")
def test_a_job_has_time_for_some_chunks_and_rings_for_its_own_continuation(
    desk: Desk, one_by_one: None, rung: list[int]
) -> None:
    statement = brought(desk)
    assert under_way() == UnderWay(3, 0)
    found = []
    while bank_turns.waiting(10) == [statement]:
        bank_matching.work(statement, SYSTEM, NO_TIME)
        found.append((desk.states(), under_way()))
    one, two, three, end = found
    assert one == (["unmatched"] * 3, UnderWay(3, 1)) and one[1] is not None and one[1].per_cent == 33
    assert two == (["unmatched", "matched", "unmatched"], UnderWay(3, 2))
    assert three == (["unmatched", "matched", "matched"], UnderWay(3, 3)) and end == (three[0], None)
    assert rung == [statement] * 3 and len(payments()) == 2
    assert bank_matching.work(statement) == 0


@pytest.mark.feature("F6", "F13")
def test_killed_before_any_step_it_is_taken_up_there_and_books_once(desk: Desk, one_by_one: None) -> None:
    statement, nth, places = brought(desk), 1, {0}
    while cut_before(nth, lambda: bank_matching.work(statement, SYSTEM, math.inf)):
        found = under_way()
        assert found is not None and bank_turns.waiting(10) == [statement]
        nth = nth + 1 if found.done in places else 1  # from the first step of each chunk on
        places.add(found.done)  # a line that was booked is passed over by who comes next
    assert places == {0, 1, 3} and bank_turns.waiting(10) == []
    assert desk.states() == ["unmatched", "matched", "matched"] and len(payments()) == 2


@pytest.mark.feature("F6")
def test_who_was_passed_or_works_for_an_older_request_stops(desk: Desk) -> None:
    statement = brought(desk)
    mine, theirs = bank_turns.find(statement), bank_turns.find(statement)
    assert mine is not None and theirs is not None
    first, last = (line.id for line in (desk.lines()[0], desk.lines()[-1]))
    moved = bank_turns.move(theirs, first)
    assert moved is not None and bank_turns.move(mine, last) is None
    bank_turns.begin([statement])
    bank_turns.end(moved)
    assert bank_turns.move(moved, last) is None and bank_turns.find(statement) == bank_turns.Turn(statement, 1, 0)


@pytest.mark.feature("F6", "EB-25")
@pytest.mark.parametrize("where", ["looking it up", "booking it"])
def test_a_line_that_fails_unexpectedly_waits_for_a_person_and_holds_up_no_other(
    desk: Desk, where: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    statement, bad = brought(desk), desk.numbers[0]

    def fails(real: Callable[..., Any], is_it: Callable[..., bool]) -> Callable[..., Any]:
        def called(*given: Any) -> Any:
            return 1 // 0 if is_it(*given) else real(*given)

        return called

    with monkeypatch.context() as patch:
        if where == "looking it up":
            patch.setattr(
                bank_facts,
                "suggest",
                fails(bank_facts.suggest, lambda paid, _: any(bad in mention.numbers for mention in paid.mentions)),
            )
        else:
            patch.setattr(
                bank_booking, "take", fails(bank_booking.take, lambda _, line_id, *rest: line_id == desk.lines()[1].id)
            )
        assert bank_matching.work(statement) == 1 and bank_turns.waiting(10) == []
        assert bank_matching.match_all(YUSUF) == 0 and bank_turns.waiting(10) == []
        assert told_failed() == [False, True] and find_statements()[0][0].failed == count_failed(statement) == 1
    assert desk.states() == ["unmatched", "unmatched", "matched"] and desk.open() == [FULL, 0]
    assert f"bank line {desk.lines()[1].id}: matching failed: ZeroDivisionError" in caplog.text
    assert bad not in caplog.text and HOME not in caplog.text
    assert bank_matching.match_all(YUSUF) == 1 and told_failed() == [False] and count_failed() == 0


@pytest.mark.feature("X-06")
def test_a_line_that_failed_and_fails_no_more_is_one_that_nobody_knows(desk: Desk) -> None:
    brought(desk)
    (line, *_) = desk.lines()
    bank_aside.set_aside(line.id)
    assert count_failed() == 1
    assert bank_matching.match_all(YUSUF) == 2 and count_failed() == 0 and desk.states()[0] == "unmatched"


@pytest.mark.feature("F6")
def test_a_database_that_is_away_is_no_error_of_a_line_so_all_is_tried_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    statement = brought(desk)

    def away(*_: Any) -> None:
        raise OperationalError("SELECT 1", {}, Exception("away"))

    with monkeypatch.context() as patch, pytest.raises(OperationalError):
        patch.setattr(bank_facts, "offers", away)
        bank_matching.work(statement)
    assert bank_turns.waiting(10) == [statement] and bank_matching.work(statement) == 2


@pytest.mark.feature("SEP-8")
def test_a_few_lines_are_tried_while_the_person_waits_and_many_by_a_worker(
    desk: Desk, rung: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    statement = brought(desk)
    monkeypatch.setattr(bank_matching, "AT_ONCE", 2)
    assert bank_matching.match_few(YUSUF, [statement]) is None and rung == [statement] and payments() == []
    monkeypatch.setattr(bank_matching, "AT_ONCE", 3)
    assert bank_matching.match_few(YUSUF, [statement]) == 2 and bank_turns.waiting(10) == []
    assert bank_matching.match_all(YUSUF) == 0 and bank_turns.waiting(10) == []


@pytest.mark.feature("F6", "SEP-8")
def test_a_sum_that_is_taken_apart_or_told_in_parts_waits_for_a_worker_though_nobody_rang(desk: Desk) -> None:
    """The request that would have matched the parts was killed."""
    parts = [Part([number], amount="119.00") for number in desk.numbers]
    (statement,) = desk.bring([Entry("238.00", DAY, [Part()])]).statement_ids
    assert bank_turns.waiting(10) == []
    bank_import.bring_in(YUSUF, bank_import.keep(notice([Entry("238.00", DAY, parts)]), "avis.xml"))
    assert bank_turns.waiting(10) == []
    (line,) = desk.lines()
    (offer,) = offered([line])[line.id]
    assert bank_batches.take_apart(YUSUF, line.id, offer.batch_id) == statement
    assert bank_turns.waiting(10) == [statement] and bank_matching.work(statement) == 2 and desk.open() == [0, 0]


@pytest.mark.feature("SEP-8")
def test_a_chunk_of_many_lines_takes_as_many_statements_as_one_of_few(desk: Desk) -> None:
    taken = []
    for count in (2, 40):
        entries = [paid_in("1.00", f"Spende {count} {n}", day=DAY) for n in range(count)]
        (statement,) = desk.bring(entries, str(count), match=False).statement_ids
        end_reading()
        with counted() as sent:
            assert bank_matching.work(statement) == 0
        taken.append(len(sent))
    assert taken[0] == taken[1]


def test_the_lines_of_a_statement_are_brought_in_by_few_statements(desk: Desk) -> None:
    """Five hundred lines a statement of SQL: a year of movements is one transaction of moments."""
    entries = [paid_in("1.00", f"Spende {n}", day=DAY) for n in range(bank_rows.CHUNK + 1)]
    file_id = bank_import.keep(camt(entries), "jahr.xml")
    with counted() as sent:
        bank_import.bring_in(YUSUF, file_id)
    assert sum("INTO bank_lines" in each for each in sent) == 2
    assert db.session.scalars(select(BankStatement.tried_at)).all() == [None]
