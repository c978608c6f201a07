"""Which time is due, who takes it, and what becomes of a missed one (EB-12, EB-16, EB-17, EB-22, F14)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from extensions import db
from models import Company, TimetableSlot
from services import clock, timetable
from services.timetable import Daily, Entry, Every
from services.unit import end_reading, write

BERLIN = ZoneInfo("Europe/Berlin")
FIVE = Daily(time(5))
MOMENTS = st.integers(1_577_836_800, 2_051_222_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def entry(when: timetable.When = FIVE, name: str = "test") -> Entry:
    return Entry(name, when, lambda _: None)


@pytest.fixture
def house(context: Flask) -> Iterator[Flask]:
    """A house that has stood for long."""
    with write() as session:
        session.execute(update(Company).values(created_at=utc("2020-01-01")))
    yield context


@pytest.mark.feature("EB-16")
@pytest.mark.feature("F14")
@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-21T04:59:59", "2026-11-20T05:00"),
        ("2026-11-21T05:00:00", "2026-11-21T05:00"),
        ("2026-11-21T23:59:59", "2026-11-21T05:00"),
        ("2026-11-22T00:00:00", "2026-11-21T05:00"),
        ("2027-01-01T00:30:00", "2026-12-31T05:00"),
        ("2028-02-29T06:00:00", "2028-02-29T05:00"),
        ("2026-03-28T12:00:00", "2026-03-28T05:00"),  # the day before the clocks go forward: UTC+1
        ("2026-03-29T12:00:00", "2026-03-29T05:00"),  # UTC+2
        ("2026-10-25T12:00:00", "2026-10-25T05:00"),  # UTC+1 again
    ],
)
def test_five_o_clock_is_five_in_berlin_on_every_day_of_the_year(now: str, due: str) -> None:
    assert FIVE.latest(berlin(now)) == berlin(due)
    assert FIVE.latest(berlin(now)).astimezone(BERLIN).hour == 5


@pytest.mark.feature("EB-12")
@pytest.mark.feature("F14")
def test_an_hour_that_the_clock_skips_or_repeats_is_due_once_that_day() -> None:
    half_past_two = Daily(time(2, 30))
    for day in ("2026-03-29", "2026-10-25", "2026-07-01"):
        start = berlin(f"{day}T00:00:00").astimezone(UTC)
        moments = [start + timedelta(minutes=m) for m in range(0, 26 * 60)]
        times = {half_past_two.latest(m) for m in moments if m.astimezone(BERLIN).date().isoformat() == day}
        assert len([t for t in times if t.astimezone(BERLIN).date().isoformat() == day]) == 1


@pytest.mark.feature("F14")
@given(MOMENTS, st.times())
def test_the_latest_time_is_never_ahead_and_at_most_a_day_and_an_hour_old(now: datetime, at: time) -> None:
    at = at.replace(microsecond=0, tzinfo=None)
    latest = Daily(at).latest(now)
    assert latest <= now < latest + timedelta(hours=25, minutes=1)
    assert Daily(at).latest(latest) == latest


@given(MOMENTS, st.sampled_from([1, 5, 10, 60]))
def test_every_so_many_minutes_means_just_that(now: datetime, minutes: int) -> None:
    latest = Every(minutes).latest(now)
    assert latest <= now < latest + timedelta(minutes=minutes)
    assert Every(minutes).latest(latest + timedelta(minutes=minutes)) == latest + timedelta(minutes=minutes)


@pytest.mark.feature("EB-22")
def test_a_slot_is_taken_once(house: Flask) -> None:
    with clock.stand_at(berlin("2026-11-21T05:00:03")):
        assert timetable.take_due(entry()) == berlin("2026-11-21T05:00")
        assert timetable.take_due(entry()) is None
        assert timetable.take_due(entry(name="other")) is not None


@pytest.mark.feature("EB-17")
@pytest.mark.feature("EB-5")
def test_a_machine_that_was_off_makes_up_for_the_latest_slot_alone(house: Flask) -> None:
    with clock.stand_at(berlin("2026-11-17T05:00:00")):
        timetable.take_due(entry())
        timetable.note_done("test", berlin("2026-11-17T05:00"))
    with clock.stand_at(berlin("2026-11-21T03:00:00")):
        assert timetable.take_due(entry()) == berlin("2026-11-20T05:00")
        assert timetable.take_due(entry()) is None
    with clock.stand_at(berlin("2026-11-21T05:00:01")):
        assert timetable.take_due(entry()) == berlin("2026-11-21T05:00")


@pytest.mark.feature("F14")
def test_a_clock_that_jumps_back_runs_nothing_again(house: Flask) -> None:
    with clock.stand_at(berlin("2026-11-21T05:30:00")):
        timetable.take_due(entry())
        timetable.note_done("test", berlin("2026-11-21T05:00"))
    for moment in ("2026-11-21T05:00:00", "2026-11-21T05:59:00"):
        with clock.stand_at(berlin(moment)):
            assert timetable.take_due(entry()) is None


def test_what_was_due_before_the_house_stood_is_not_made_up(house: Flask) -> None:
    with write() as session:
        session.execute(update(Company).values(created_at=berlin("2026-11-21T09:00:00")))
    with clock.stand_at(berlin("2026-11-21T09:00:05")):
        assert timetable.take_due(entry()) is None
    with clock.stand_at(berlin("2026-11-22T05:00:00")):
        assert timetable.take_due(entry()) == berlin("2026-11-22T05:00")


def test_without_a_company_there_is_nothing_to_do(house: Flask) -> None:
    with write() as session:
        session.execute(delete(Company))
    assert timetable.take_due(entry()) is None


def test_a_slot_whose_process_died_is_taken_again_after_a_while_and_a_done_one_never(house: Flask) -> None:
    slot = berlin("2026-11-21T05:00")
    with clock.stand_at(slot):
        assert timetable.take_due(entry()) == slot
    with clock.stand_at(slot + timetable.PATIENCE - timedelta(seconds=1)):
        assert timetable.take_due(entry()) is None
    with clock.stand_at(slot + timetable.PATIENCE):
        assert timetable.take_due(entry()) == slot
        assert timetable.take_due(entry()) is None
        timetable.note_done("test", slot)
    with clock.stand_at(slot + timedelta(hours=9)):
        assert timetable.take_due(entry()) is None


def test_a_failed_slot_keeps_its_reason_until_it_is_done(house: Flask) -> None:
    slot = berlin("2026-11-21T05:00")
    with clock.stand_at(slot):
        timetable.take_due(entry())
        timetable.note_failed("test", slot, "company_incomplete")
    end_reading()
    assert db.session.scalars(select(TimetableSlot.error)).one() == "company_incomplete"
    with clock.stand_at(slot + timetable.PATIENCE):
        assert timetable.take_due(entry()) == slot
        timetable.note_done("test", slot)
    end_reading()
    assert db.session.scalars(select(TimetableSlot.error)).one() == ""


@pytest.mark.feature("EB-22")
@pytest.mark.parametrize("again", [False, True])
def test_of_two_timetables_at_the_same_moment_one_gets_the_slot(app: Flask, again: bool) -> None:
    slot = berlin("2026-11-21T05:00")
    with app.app_context():
        with write() as session:
            session.execute(update(Company).values(created_at=utc("2020-01-01")))
        if again:
            with clock.stand_at(slot):
                timetable.take_due(entry())
    barrier = threading.Barrier(6)
    taken: list[datetime | None] = []

    def take() -> None:
        with app.app_context(), clock.stand_at(slot + timetable.PATIENCE):
            barrier.wait()
            taken.append(timetable.take_due(entry()))

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 6 and [t for t in taken if t is not None] == [slot]


def test_old_slots_are_forgotten_and_young_ones_kept(house: Flask) -> None:
    for day in ("2026-09-01", "2026-11-20"):
        with clock.stand_at(berlin(f"{day}T06:00:00")):
            timetable.take_due(entry())
    with clock.stand_at(berlin("2026-11-21T04:00:00")):
        timetable.forget_old()
    end_reading()
    assert db.session.scalar(select(func.count()).select_from(TimetableSlot)) == 1
