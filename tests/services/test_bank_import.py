"""Statements are brought in once: twice, in parts, overlapping, by two files at once, and after a crash (F13)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from billing.errors import Invalid, NotFound
from documents.bank_csv import Layout
from extensions import db
from models import BankStatement, File
from services import bank_import, bank_layouts, bank_matching, clock, files
from tests.documents.statements import OWN, Entry, camt, document, paid_in, statement
from tests.faults.power import cut_before
from tests.queries.test_statements import statements as sent_meanwhile
from tests.scenarios.story import Story
from tests.services.desk import DAY, HOME, YUSUF, Desk

A, B, C = (paid_in("10.00", each, day=DAY) for each in "ABC")
CSV = b"Tag;Text;Betrag\n10.11.2026;A;10,00\n10.11.2026;A;10,00\n"
LAYOUT = Layout({0: "booked_on", 1: "purpose", 2: "amount"})


@pytest.fixture
def desk(context: Flask) -> Iterator[Desk]:
    with clock.stand_at(date.fromisoformat(DAY)):
        made = Desk(Story(), invoices=1)
        yield made
    assert made.story.check_books() == []


@pytest.mark.feature("F13")
@pytest.mark.feature("SEP-8")
def test_the_same_file_twice_brings_nothing(desk: Desk) -> None:
    assert (desk.bring([A, B]).new, desk.bring([A, B]).new) == (2, 0)
    assert len(desk.lines()) == 2 and db.session.scalar(select(func.count()).select_from(BankStatement)) == 1


@pytest.mark.feature("F13")
def test_overlapping_statements_bring_what_is_new_in_them(desk: Desk) -> None:
    done = [desk.bring(each, key) for each, key in (([A], "1"), ([A, B], "2"), ([B, C], "3"), ([A, B, C], "4"))]
    assert [(each.new, each.known) for each in done] == [(1, 0), (1, 1), (1, 1), (0, 3)]
    assert [line.purpose for line in desk.lines()] == ["A", "B", "C"]


@pytest.mark.feature("F13")
def test_the_bank_gives_a_statement_the_same_name_with_more_in_it(desk: Desk) -> None:
    assert (desk.bring([A]).new, desk.bring([A, A, B]).new) == (1, 2)
    assert [line.purpose for line in desk.lines()] == ["A", "A", "B"]


@pytest.mark.feature("F13")
def test_after_a_crash_the_same_file_brings_the_rest(desk: Desk) -> None:
    content = document([statement([A], key="1"), statement([B], key="2"), statement([C], key="3")])
    file_id, nth = bank_import.keep(content, "drei.xml"), 1
    found = set()
    while cut_before(nth, lambda: bank_import.bring_in(YUSUF, file_id)):
        told = len(desk.lines())
        assert told == db.session.scalar(select(func.count()).select_from(BankStatement))
        found.add(told)
        nth += 1
    assert found == {0, 1, 2} or found == {0, 1, 2, 3}
    assert [line.purpose for line in desk.lines()] == ["A", "B", "C"]


def test_a_look_at_a_file_tells_what_is_new_and_writes_nothing(desk: Desk) -> None:
    desk.bring([A])
    (news,) = bank_import.preview(bank_import.keep(camt([A, B, Entry("-3.00", day=DAY)]), "x.xml")).news
    assert (news.iban, news.count, news.known, news.in_cents, news.out_cents) == (OWN, 3, 1, 2_000, 300)
    assert [each.purpose for each in news.first] == ["A", "B", ""] and len(desk.lines()) == 1


@pytest.mark.feature("F13")
def test_a_line_of_nothing_is_neither_new_nor_known(desk: Desk) -> None:
    layout = bank_layouts.get(bank_layouts.save(YUSUF, "Sparkasse", LAYOUT))[1]
    file_id = bank_import.keep(CSV + b"10.11.2026;Hinweis;0,00\n", "umsaetze.csv")
    for known in (0, 2):
        (news,) = bank_import.preview(file_id, layout, OWN).news
        assert (news.count, news.known) == (2, known)
        assert bank_import.bring_in(YUSUF, file_id, layout, OWN).known == known


@pytest.mark.feature("X-06")
def test_a_csv_file_needs_its_layout_which_is_kept_by_name(desk: Desk) -> None:
    file_id = bank_import.keep(CSV, "umsaetze.csv")
    with pytest.raises(Invalid, match="layout"):
        bank_import.preview(file_id)
    first = bank_layouts.save(YUSUF, "Sparkasse", LAYOUT)
    assert bank_layouts.save(YUSUF, " Sparkasse ", LAYOUT) == first and bank_layouts.names() == ((first, "Sparkasse"),)
    layout = bank_layouts.get(first)[1]
    assert bank_import.bring_in(YUSUF, file_id, layout, OWN).new == 2
    assert bank_import.bring_in(YUSUF, file_id, layout, OWN).new == 0
    bank_layouts.remove(YUSUF, first)
    with pytest.raises(NotFound):
        bank_layouts.get(first)


@pytest.mark.feature("F13")
def test_one_movement_told_by_files_of_two_forms_is_left_to_a_person(desk: Desk) -> None:
    number = desk.numbers[0]
    desk.bring([paid_in("50.00", number, day=DAY, iban=HOME)])
    told = f"h\n10.11.2026;{number};50,00\n".encode()
    done = bank_import.bring_in(YUSUF, bank_import.keep(told, "x.csv"), LAYOUT, OWN)
    assert done.new == 1 and bank_matching.match_statement(done.statement_ids[0]) == 0
    assert desk.states() == ["matched", "unmatched"] and desk.open() == [6_900]


@pytest.mark.parametrize(("content", "code"), [(b"", "file_empty"), (b"PK\x03\x04zip", "file_is_archive"),
                                              (b"%PDF-1.7", "file_is_pdf"),
                                              (b" " * 200_000_000, "file_too_large")])  # fmt: skip
def test_what_is_no_statement_is_not_kept(desk: Desk, content: bytes, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        bank_import.keep(content, "x")


def test_a_wrong_statement_stops_before_anything_is_brought_in(desk: Desk) -> None:
    content = document([statement([A], key="1"), statement([B], key="2", closing="1.00")])
    with pytest.raises(Invalid, match="does_not_add_up"):
        bank_import.bring_in(YUSUF, bank_import.keep(content, "x.xml"))
    assert desk.lines() == []


def test_an_upload_that_nobody_brought_in_is_thrown_away_after_a_day(desk: Desk) -> None:
    left = bank_import.keep(camt([B]), "b.xml")
    desk.bring([A])
    with clock.stand_at(date.fromisoformat(DAY) + timedelta(2)):
        bank_import.forget_uploads()
    with pytest.raises(NotFound):
        files.read(left)
    kept = db.session.scalars(select(BankStatement.file_id)).one()
    assert files.read(kept).content and db.session.get_one(File, left).erased_at is not None


@pytest.mark.feature("MAH-7")
def test_a_statement_of_a_day_to_come_is_refused(desk: Desk) -> None:
    with clock.stand_at(date.fromisoformat(DAY) - timedelta(2)), pytest.raises(Invalid, match="statement_of_tomorrow"):
        bank_import.preview(bank_import.keep(camt([A]), "early.xml"))


@pytest.mark.feature("X-06")
def test_the_last_statement_is_known_by_its_last_day(desk: Desk) -> None:
    assert bank_import.last_statement_on() is None
    desk.bring([A])
    assert bank_import.last_statement_on() == date.fromisoformat(DAY)


def test_many_lines_take_as_many_statements_as_chunks(desk: Desk) -> None:
    def count(lines: int) -> int:
        entries = [paid_in("1.00", f"{lines}/{n}", day=DAY) for n in range(lines)]
        file_id = bank_import.keep(camt(entries, key=str(lines)), "x.xml")
        with sent_meanwhile() as sent:
            (made,) = bank_import.bring_in(YUSUF, file_id).statement_ids
            bank_matching.match_statement(made)
        return len(sent)

    assert count(40) == count(90)
    assert count(200) - count(90) < 20  # one chunk of look-ups more
