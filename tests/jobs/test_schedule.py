"""The timetable as a whole: what it does on a day, and that one failing entry does not touch the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from billing.errors import Conflict
from extensions import db, queues
from jobs import schedule
from models import ActivityMember, Company, Invoice, Message, Run, TimetableSlot
from services import clock, clock_moves, sealing, timetable
from services.actor import SYSTEM
from services.load import seed_load
from services.timetable import Entry, Every, Pace
from services.unit import end_reading, write
from tests.jobs.conftest import Work

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.fixture
def old_house(house: Flask) -> Iterator[Flask]:
    with write() as session:
        values = {"created_at": at("2020-01-01T00:00"), "report_email": "chefin@radwerk.example"}
        session.execute(update(Company).values(**values))
    yield house


def tick(house: Flask, moment: datetime) -> None:
    with clock.stand_at(moment):
        schedule.tick(house)


def count(model: type) -> int:
    end_reading()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.feature("EB-17")
def test_at_five_everything_due_is_billed_and_mailed_without_a_hand(old_house: Flask, work: Work) -> None:
    seed_load(SYSTEM, 3, date(2026, 11, 1))
    tick(old_house, at("2026-11-21T04:59:59"))  # yesterday's slot: this machine was off
    with clock.stand_at(at("2026-11-21T05:00:10")):
        work()
    assert count(Invoice) == 3
    tick(old_house, at("2026-11-21T05:00:10"))
    with clock.stand_at(at("2026-11-21T05:00:12")):
        work()
    runs = Counter(db.session.scalars(select(Run.kind)))
    assert runs == {"billing": 2, "dunning": 1} and count(Invoice) == 3, "the same day's run finds nothing new"


@pytest.mark.feature("EB-22")
def test_ticking_all_day_takes_each_slot_once(old_house: Flask) -> None:
    calls: Counter[str] = Counter()
    entries = tuple(
        Entry(e.name, e.when, lambda _, name=e.name: calls.update([name])) for e in schedule.TIMETABLE
    )  # fmt: skip
    moment = at("2026-11-21T03:20:00")
    while moment < at("2026-11-21T05:10:00"):
        with clock.stand_at(moment):
            schedule.tick(old_house, entries)
            schedule.tick(old_house, entries)
        moment += timedelta(seconds=47)
    assert calls == {
        "contract_days": 1, "debits": 1, "collections": 1, "forget_uploads": 2, "payment_methods": 2,
        "sandbox_events": 110,
        "billing_run": 2, "dunning_run": 1, "check_books": 2, "forget_slots": 2,
        "forget_exports": 2, "forget_keys": 2, "sweep": 110, "purge": 2, "figures": 11, "seal": 11, "vat_checks": 5,
    }  # fmt: skip


def test_an_entry_that_fails_is_noted_and_the_others_run(
    old_house: Flask, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    ran: list[str] = []

    def refuse(_: datetime) -> None:
        raise Conflict("company_incomplete")

    def break_down(_: datetime) -> None:
        raise ValueError("DE02120300000000202051")

    entries = (
        Entry("refused", Every(5), refuse),
        Entry("broken", Every(5), break_down),
        Entry("fine", Every(5), lambda _: ran.append("fine")),
    )
    with clock.stand_at(at("2026-11-21T05:00:10")):
        schedule.tick(old_house, entries)
    end_reading()
    rows = db.session.execute(select(TimetableSlot.entry, TimetableSlot.error, TimetableSlot.done_at)).all()
    errors = {entry: (error, done is not None) for entry, error, done in rows}
    assert errors == {"refused": ("company_incomplete", False), "broken": ("ValueError", False), "fine": ("", True)}
    assert ran == ["fine"] and "DE0212" not in caplog.text


@pytest.mark.feature("INV-1")
def test_a_company_without_its_data_bills_nothing_until_they_are_there(old_house: Flask, work: Work) -> None:
    seed_load(SYSTEM, 1, date(2026, 11, 1))
    with write() as session:
        session.execute(update(Company).values(tax_number="", vat_id=""))
    tick(old_house, at("2026-11-21T05:00:00"))
    work()
    assert count(Invoice) == 0
    with write() as session:
        session.execute(update(Company).values(tax_number="12/345/67890"))
    tick(old_house, at("2026-11-21T05:00:00") + timetable.PATIENCE)
    with clock.stand_at(at("2026-11-21T05:10:00")):
        work()
    assert count(Invoice) == 1


@pytest.mark.feature("GOB-2")
def test_every_ten_minutes_the_trail_is_sealed(old_house: Flask) -> None:
    seed_load(SYSTEM, 1, date(2026, 11, 1))
    tick(old_house, at("2026-11-21T12:10:01"))
    assert count(ActivityMember) > 0
    assert sealing.seal() == 0


@pytest.mark.feature("GOB-2")
def test_every_night_the_books_are_checked_and_the_report_carries_the_last_seal(old_house: Flask, work: Work) -> None:
    sealing.seal()
    with clock.stand_at(at("2026-11-21T03:30:05")):
        schedule.tick(old_house)
        work()
    end_reading()
    report = db.session.scalars(select(Message).where(Message.event == "books:2026-11-21")).one()
    last = sealing.last_seal()
    assert last is not None and last.seal in (report.body or "")
    assert report.subject == "[Muster] Prüfung der Bücher vom 21.11.2026: alles in Ordnung"
    end_reading()
    done = db.session.scalars(select(TimetableSlot.done_at).where(TimetableSlot.entry == "check_books")).one()
    assert done is not None


@pytest.mark.feature("F6")
def test_a_check_that_the_queue_lost_is_rung_for_again(old_house: Flask, work: Work) -> None:
    with clock.stand_at(at("2026-11-21T03:30:05")):
        schedule.tick(old_house)
        queues.connection.flushall()
        work()
    assert count(Message) == 0
    with clock.stand_at(at("2026-11-21T05:30:05")):
        schedule.tick(old_house)
        work()
    end_reading()
    assert db.session.scalars(select(Message.event).where(Message.template == "checks_report")).all() == [
        "books:2026-11-21"
    ]  # fmt: skip


@pytest.mark.feature("X-13")
def test_while_the_clock_is_moved_its_days_are_left_to_whoever_moves_it(old_house: Flask, work: Work) -> None:
    """The sweeper goes on, so that the way does; with the clock everything comes back, by the queue alone."""
    seed_load(SYSTEM, 1, date(2026, 11, 20))
    with clock.stand_at(at("2026-11-21T12:00:00")):
        clock_moves.start(SYSTEM, date(2026, 11, 23))
        queues.connection.flushall()
        schedule.tick(old_house)
        slots = set(db.session.scalars(select(TimetableSlot.entry)))
        assert slots == {"sweep"}
        work()
        end_reading()
        assert count(Invoice) == 1 and clock_moves.running() is None
        schedule.tick(old_house)
        assert "check_books" in set(db.session.scalars(select(TimetableSlot.entry)))


def test_what_a_simulated_day_does_it_does_at_once() -> None:
    """Nothing of a day is left to a queue while the next one begins."""
    lived = {entry.name: entry for entry in schedule.TIMETABLE if entry.pace is Pace.EACH_DAY}
    assert {"billing_run", "seal"} <= set(lived)
    assert lived["billing_run"].at_once and not [e for e in lived.values() if e.by_job and not e.at_once]
