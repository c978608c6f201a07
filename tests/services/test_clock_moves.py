"""The test clock forward: each day as the timetable would have lived it, once, and never back (X-13)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from billing.errors import Conflict, Invalid, NotAllowed
from billing.periods import Interval
from extensions import db
from models import Activity, ClockMove, Company, Invoice, JournalEntry, Message, Run, TimetableSlot
from queries.clock import get_clock
from services import billing_run, checks, clock, clock_moves, sealing, timetable
from services.actor import SYSTEM
from services.load import seed_load
from services.timetable import Daily, Entry, Every, Pace
from services.unit import end_reading, write
from tests.faults.power import cut_before

NOON = datetime(2026, 11, 22, 12, tzinfo=clock.BERLIN)


def bill(_slot_at: datetime) -> None:
    billing_run.bill(clock.today(), SYSTEM)


BILLING = Entry("billing_run", Daily(time(5)), bill)
SEALING = Entry("seal", Every(10), lambda _: sealing.seal() and None)
ENTRIES = (BILLING, SEALING)


@pytest.fixture
def noon(context: Flask) -> Iterator[Flask]:
    """The world stands at noon; the house may go where it likes."""
    with write() as session:
        session.execute(update(Company).values(created_at=NOON - timedelta(days=400)))
    with clock.stand_at(NOON), clock.adopted():
        yield context


def forward(span: str, entries: tuple[Entry, ...] = ENTRIES) -> None:
    clock_moves.start(SYSTEM, clock_moves.target(Interval.parse(span)))
    assert not clock_moves.work(entries, 600)


def issued() -> list[date]:
    end_reading()
    return [on for on in db.session.scalars(select(Invoice.issued_on).order_by(Invoice.id)) if on]


def count(model: type) -> int:
    end_reading()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.feature("X-13")
def test_five_weeks_forward_bill_each_month_on_its_day_and_the_books_hold(noon: Flask) -> None:
    seed_load(SYSTEM, 1, date(2026, 11, 30))
    forward("39 days")
    assert clock.today() == date(2026, 12, 31)
    assert issued() == [date(2026, 11, 30), date(2026, 12, 30)]
    end_reading()
    issued_at = [clock.berlin(at) for at in db.session.scalars(select(Invoice.issued_at).order_by(Invoice.id)) if at]
    assert [at.date() for at in issued_at] == issued() and {at.hour for at in issued_at} == {5}
    assert count(Message) == 2 and checks.check_books().findings == []
    assert count(Run) == 39, "as on the timetable, every night"


@pytest.mark.feature("X-13")
def test_the_clock_is_that_of_every_process_and_goes_on_from_there(noon: Flask) -> None:
    forward("1 week")
    with clock.adopted():
        assert clock.today() == date(2026, 11, 29)
        with clock.stand_at(NOON + timedelta(hours=13)):
            assert clock.berlin(clock.instant()).isoformat()[:16] == "2026-11-30T01:00"
    forward("1 day")
    assert clock.today() == date(2026, 11, 30) and get_clock().days_ahead == 8


@pytest.mark.feature("X-13")
def test_each_entry_has_its_day_and_its_time(noon: Flask) -> None:
    lived: list[tuple[str, str]] = []

    def note(name: str) -> Entry:
        whens = {"early": Daily(time(4)), "late": Daily(time(18)), "often": Every(10), "never": Every(1)}
        pace = Pace.AFTERWARDS if name == "never" else Pace.EACH_DAY

        def told(_: object) -> None:
            lived.append((name, f"{clock.berlin(clock.instant()):%d %H:%M}"))

        return Entry(name, whens[name], told, pace=pace)

    forward("2 days", tuple(map(note, ("early", "late", "often", "never"))))
    assert lived == [("late", "22 18:00"), ("early", "23 04:00"), ("often", "23 12:00"),
                     ("late", "23 18:00"), ("early", "24 04:00"), ("often", "24 12:00")]  # fmt: skip


@pytest.mark.feature("X-13")
@pytest.mark.feature("F14")
def test_a_day_on_which_the_clocks_change_is_lived_once(noon: Flask) -> None:
    with clock.stand_at(datetime(2027, 3, 26, 2, 30, tzinfo=clock.BERLIN)):
        days: list[str] = []
        forward("4 days", (Entry("night", Daily(time(2, 15)), lambda _: days.append(clock.today().isoformat())),))
        assert days == ["2027-03-27", "2027-03-28", "2027-03-29", "2027-03-30"]
        assert f"{clock.berlin(clock.instant()):%d %H:%M}" == "30 02:30"


@pytest.mark.feature("X-13")
@pytest.mark.parametrize(
    ("to", "code"),
    [("2026-11-22", "clock_only_forward"), ("2026-11-21", "clock_only_forward"), ("2029-01-01", "clock_too_far")],
)
def test_the_clock_never_goes_back_nor_out_of_sight(noon: Flask, to: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        clock_moves.start(SYSTEM, date.fromisoformat(to))
    assert count(ClockMove) == 0 and clock.today() == date(2026, 11, 22)


@pytest.mark.feature("X-13")
@pytest.mark.feature("D-8")
def test_a_live_installation_refuses(noon: Flask) -> None:
    with write() as session:
        session.execute(update(Company).values(mode="live"))
    for deed in (clock_moves.check, lambda to: clock_moves.start(SYSTEM, to)):
        with pytest.raises(NotAllowed, match="clock_is_real"):
            deed(date(2026, 12, 1))
    assert count(ClockMove) == 0


@pytest.mark.feature("X-13")
def test_a_second_start_joins_the_first_and_a_second_worker_stays_away(noon: Flask) -> None:
    seed_load(SYSTEM, 1, date(2026, 11, 30))
    first = clock_moves.start(SYSTEM, date(2026, 12, 5))
    assert clock_moves.start(SYSTEM, date(2027, 6, 1)) == first and count(ClockMove) == 1
    assert clock_moves._claim() is not None
    assert not clock_moves.work(ENTRIES) and issued() == [] and clock_moves.waiting(5) == []
    with clock.stand_at(NOON + clock_moves.LEASE):
        assert clock_moves.waiting(5) == [first]
        assert not clock_moves.work(ENTRIES, 600)
    assert issued() == [date(2026, 11, 30)]


@pytest.mark.feature("X-13")
def test_a_job_lives_some_days_and_rings_for_the_rest(noon: Flask) -> None:
    clock_moves.start(SYSTEM, date(2026, 11, 25))
    reached = []
    while clock_moves.work(ENTRIES, 0):
        card = get_clock()
        assert card.running
        reached.append((card.running.days_done, card.running.per_cent, card.today.day))
    assert (
        reached
        == [
            (1, 33, 23),
            (2, 66, 24),
        ]
        and get_clock().running is None
    )


@pytest.mark.feature("X-13")
@pytest.mark.feature("F4")
def test_killed_in_the_middle_it_goes_on_and_nothing_is_done_twice(noon: Flask) -> None:
    seed_load(SYSTEM, 2, date(2026, 11, 24))
    clock_moves.start(SYSTEM, date(2026, 12, 4))
    kills, later = 0, NOON
    while True:
        later += clock_moves.LEASE
        with clock.stand_at(later), clock.adopted():
            if not cut_before(17 + kills * 13, lambda: clock_moves.work(ENTRIES, 600)):
                break
        kills += 1
    assert kills > 5
    assert issued() == [date(2026, 11, 24)] * 2
    assert count(JournalEntry) == 2 and get_clock().running is None
    days = select(func.count(TimetableSlot.slot_at.distinct())).where(TimetableSlot.entry == "billing_run")
    assert db.session.scalar(days.where(TimetableSlot.done_at.is_not(None))) == 12
    with clock.stand_at(later), clock.adopted():
        sealing.seal()
        assert checks.check_books().findings == []


@pytest.mark.feature("X-13")
def test_what_cannot_be_done_on_a_day_is_told_and_the_days_go_on(noon: Flask) -> None:
    def refuse(_: datetime) -> None:
        raise Conflict("company_incomplete")

    forward("3 days", (Entry("refused", Daily(time(5)), refuse), BILLING))
    move = get_clock().moves[0]
    assert (move.failures, move.error, move.state, move.days_done) == (3, "company_incomplete", "done", 3)
    assert count(Run) == 3


@pytest.mark.feature("X-13")
@pytest.mark.feature("EB-22")
def test_the_timetable_does_nothing_of_a_lived_day_again(noon: Flask) -> None:
    forward("2 days")
    assert timetable.take_due(BILLING) is None
    assert timetable.take_due(Entry("check_books", Daily(time(3, 30)), bill)) is not None, "made up once, afterwards"


@pytest.mark.feature("X-13")
@pytest.mark.feature("GOB-2")
def test_who_moved_the_clock_how_far_stands_among_the_activities(noon: Flask) -> None:
    forward("1 day")
    rows = db.session.execute(select(Activity.code, Activity.at).where(Activity.object_kind == "clock_move")).all()
    assert [(row.code, clock.berlin(row.at).day) for row in rows] == [("clock.forwarded", 22), ("clock.arrived", 23)]


def test_the_clocks_page_asks_two_statements_however_many_ways_there_were(noon: Flask) -> None:
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    counts = []
    for _ in range(3):
        forward("1 day", ())
        event.listen(db.engine, "before_cursor_execute", note)
        get_clock()
        event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len(seen))
        seen.clear()
    assert counts == [2, 2, 2]
