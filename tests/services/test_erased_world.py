"""A world in which each column holds a word of its own, before and after its customer was deleted (DSG-2, DSG-5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from extensions import db
from models import Customer, Deletion, File, Invoice, Message, Paper, Subscription
from models.fates import FATES, Erase
from models.record_fates import COLUMNS, ColumnErase
from services import clock, customer_exports, files, paper_links, retention
from services.actor import SYSTEM, Actor
from services.customer_erasure import delete_customer, preview_deletion
from services.unit import end_reading, write
from tests.services.canaries import World, fill

pytestmark = pytest.mark.usefixtures("context")
JULE = Actor("staff", 900, "Jule")
TODAY = date(2026, 11, 22)
# Rows that stay although their table says "letters stay": what the world holds is a note, and a note goes.
NOTES = ("notes", "note_versions")


@pytest.fixture
def worlds() -> Iterator[tuple[World, World]]:
    with clock.stand_at(TODAY):
        yield fill("A", 1001), fill("B", 2001)


def goes(table: str, column: str) -> bool:
    """Whether the declared fate takes this column's word away."""
    fate = FATES[table]
    if table == "customers":
        return COLUMNS[column].erase is not ColumnErase.KEPT
    if table == "subscriptions" and column == "hash":
        return True
    return fate.erase is Erase.GOES or column in fate.emptied or table in NOTES


def dump() -> str:
    """Every value of every table, as one text."""
    end_reading()
    rows = [db.session.execute(text(f'SELECT * FROM "{name}"')).all() for name in db.metadata.tables]
    end_reading()
    return repr(rows)


@pytest.mark.feature("DSG-2")
@pytest.mark.feature("DSG-5")
@pytest.mark.feature("D-5")
def test_each_column_of_each_table_meets_its_declared_fate(worlds: tuple[World, World]) -> None:
    mine, other = worlds
    papers_before = mine.words.items()
    assert delete_customer(JULE, mine.number, "asked").outcome == "restricted"
    left = dump()
    wrong = {place: word for place, word in papers_before if (word in left) is goes(*place) and place[0] != "files"}
    assert wrong == {}
    assert [place for place, word in other.words.items() if word not in left] == []


@pytest.mark.feature("DSG-2")
def test_the_paper_stays_to_the_byte_and_whatever_else_was_kept_as_a_file_is_gone(worlds: tuple[World, World]) -> None:
    mine = worlds[0]
    upload = files.store("Ä Personalausweis Ö".encode(), "Ausweis.txt", "text/plain", "upload", mine.number)
    customer_exports.work(customer_exports.order(JULE, mine.number))
    paths = {row.id: files.path_of(row.storage_key) for row in db.session.query(File)}
    delete_customer(JULE, mine.number)
    end_reading()
    assert files.read(mine.file).content.decode() == mine.contents
    theirs_and_the_house_s = [path.exists() for path in paths.values()].count(True)
    assert not paths[upload].exists() and theirs_and_the_house_s == 3  # a paper of each, the file that is nobody's
    assert "Ausweis" not in dump()


@pytest.mark.feature("D-11")
def test_no_link_of_before_opens_anything(worlds: tuple[World, World]) -> None:
    mine = worlds[0]
    with write() as session:
        session.query(Paper).filter_by(id=mine.number).update({"token": "t" * 43})
        session.query(Paper).filter_by(id=2001).update({"token": "u" * 43})
    contract = db.session.query(Subscription.hash).filter_by(id=mine.number).scalar()
    delete_customer(JULE, mine.number)
    assert paper_links.find_by_token("t" * 43) is None and paper_links.find_by_token("u" * 43) is not None
    assert db.session.query(Subscription.hash).filter_by(id=mine.number).scalar() != contract


@pytest.mark.feature("RET-1")
def test_mails_that_were_sent_stay_six_years_and_drafts_of_mails_go(worlds: tuple[World, World]) -> None:
    mine = worlds[0]
    with write() as session:
        session.add(Message(event="x:1", template="free", recipient="a@example.com", customer_id=mine.number,
                            state="failed", body="Ungesendetes"))  # fmt: skip
    plan = preview_deletion(db.session(), mine.number)
    assert {each.subject: (each.count, each.until) for each in plan.kept} == {
        "invoices": (1, date(2034, 12, 31)), "payments": (1, date(2034, 12, 31)),
        "vat_checks": (1, date(2034, 12, 31)), "messages": (1, date(2032, 12, 31)),
    }  # fmt: skip
    assert (plan.retain_until, plan.goes["messages"]) == (date(2034, 12, 31), 1)
    delete_customer(JULE, mine.number)
    assert [row.state for row in db.session.query(Message).filter_by(customer_id=mine.number)] == ["sent"]


@pytest.mark.feature("DSG-2")
def test_mails_about_access_are_no_letters_and_go(worlds: tuple[World, World]) -> None:
    """Section 257 (2) HGB: a letter is what concerns a deal. The request for payment data confirms a booking: kept."""
    mine = worlds[0]
    sent = (*retention.ACCESS_MAILS, "payment_data")
    with write() as session:
        for name in sent:
            session.add(Message(event=f"x:{name}", template=name, recipient="a@example.com", customer_id=mine.number,
                                state="sent", sent_at=clock.instant(), body=f"Mail {name}"))  # fmt: skip
    plan = preview_deletion(db.session(), mine.number)
    assert plan.goes["messages"] == len(retention.ACCESS_MAILS)
    assert {each.subject: each.count for each in plan.kept}["messages"] == 2  # the world's own, and payment_data
    delete_customer(JULE, mine.number)
    left = {row.template for row in db.session.query(Message).filter_by(customer_id=mine.number)}
    assert "payment_data" in left and not left & set(retention.ACCESS_MAILS)


def test_a_report_to_the_house_forgets_whom_it_named(worlds: tuple[World, World]) -> None:
    name = worlds[0].words[("customers", "organization")]
    with write() as session:
        session.add(Message(event="run:1", template="run_report", recipient="b@example.com", state="sent",
                            body=f"Ausgelassen: {name}"))  # fmt: skip
    delete_customer(JULE, worlds[0].number)
    assert db.session.query(Message.body).filter_by(event="run:1").scalar() == ""


@pytest.mark.feature("R-23")
def test_the_log_says_when_by_whom_and_what_stays_and_no_personal_datum(worlds: tuple[World, World]) -> None:
    mine = worlds[0]
    delete_customer(JULE, mine.number, "asked")
    (row,) = db.session.query(Deletion).filter(Deletion.actor_id == 900, Deletion.customer_id == mine.number)
    assert (row.outcome, row.reason, row.actor_kind, row.retain_until) == (
        "restricted", "asked", "staff", date(2034, 12, 31),
    )  # fmt: skip
    assert row.kept["invoices"] == [1, "2034-12-31"] and row.gone["notes"] == 1
    told = repr((row.gone, row.kept, row.reason))
    assert not any(word in told for word in mine.words.values())


@pytest.mark.feature("DSG-5")
def test_the_file_of_the_database_itself_holds_nothing_of_what_was_erased(
    worlds: tuple[World, World], app: Flask, tmp_path: Path
) -> None:
    """Not in freed pages, not in the journal: `secure_delete`, and the journal is cut off after an erasure."""
    if db.engine.dialect.name != "sqlite":
        return  # PostgreSQL's vacuum clears dead rows; see docs/guides/data-protection.md
    mine = worlds[0]
    db.session.remove()
    delete_customer(JULE, mine.number)
    db.session.remove()
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("kontor.sqlite3*"))
    still = [
        place for place, word in mine.words.items() if goes(*place) and place[0] != "files" and word.encode() in raw
    ]
    assert still == []


@pytest.mark.feature("DSG-6")
def test_no_personal_datum_stands_in_a_log(
    worlds: tuple[World, World], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    mine = worlds[0]
    with caplog.at_level(0):
        customer_exports.work(customer_exports.order(JULE, mine.number))
        delete_customer(JULE, mine.number)
    said = caplog.text + "".join(capfd.readouterr())
    assert [word for word in mine.words.values() if word in said] == []


def test_nothing_is_written_or_booked_for_a_record_that_was_deleted(worlds: tuple[World, World]) -> None:
    row = db.session.get(Customer, worlds[0].number)
    assert row is not None and row.erased_at is None
    delete_customer(SYSTEM, worlds[0].number)
    end_reading()
    row = db.session.get(Customer, worlds[0].number)
    assert row is not None and (row.status, row.erased_at is not None) == ("deactivated", True)
    assert db.session.query(Invoice).filter_by(customer_id=worlds[0].number).count() == 1
