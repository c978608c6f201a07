"""The timetable's slots: one entry at one time is one row, so that two timetables do no harm (EB-22).

An entry is due when its latest time has passed ("due <= now", EB-17); however many were missed while the machine was
off, only the latest is made up. Times of day are Berlin's, worked out for the day itself (EB-12, EB-16).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum, auto
from typing import Protocol

from sqlalchemy import ColumnElement, delete, select, update

from extensions import db
from models import Company, TimetableSlot
from services import clock
from services.sql import insert
from services.unit import end_reading, write

RUN_AT = time(5)  # the nightly billing run, on the wall clock in Berlin
DUN_AT = time(8)  # the dunning run: when the day's bank statement has had time to come in
KEPT = timedelta(days=35)
PATIENCE = timedelta(minutes=10)  # then a slot that was taken but never done is taken again


class When(Protocol):
    """A rule of recurrence."""

    def latest(self, now: datetime) -> datetime:
        """The latest of its times that is not after `now`, in UTC."""


@dataclass(frozen=True, slots=True)
class Daily:
    """Every day at a time on the wall clock in Berlin.

    A time that the change to summer time skips comes as much later as the clock jumped; one that comes twice in autumn
    counts the first time only.
    """

    at: time

    def latest(self, now: datetime) -> datetime:
        day = clock.berlin(now).date()
        return next(moment for moment in map(self._on, (day, day - timedelta(1))) if moment <= now)

    def _on(self, day: date) -> datetime:
        return datetime.combine(day, self.at, tzinfo=clock.BERLIN).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many minutes, counted from the epoch: no zone and no restart moves it."""

    minutes: int

    def latest(self, now: datetime) -> datetime:
        step = self.minutes * 60
        return datetime.fromtimestamp(int(now.timestamp()) // step * step, UTC)


class Pace(Enum):
    """What an entry does while the test clock is moved forward (X-13)."""

    EACH_DAY = auto()  # the business: on each of the simulated days
    AFTERWARDS = auto()  # says nothing of a single day: the latest is made up for when the clock stands
    ALWAYS = auto()  # keeps the machines going, whatever the clock does


@dataclass(frozen=True, slots=True)
class Entry:
    """`run` is given the slot's time. `by_job`: it only rings, and the job says when the slot is done.

    `at_once`: the same deed, done when the call returns, where `run` leaves some of it to the queue.
    """

    name: str
    when: When
    run: Callable[[datetime], None]
    by_job: bool = False
    patience: timedelta = PATIENCE
    pace: Pace = Pace.EACH_DAY
    at_once: Callable[[datetime], None] | None = None


def next_run_on() -> date:
    """The day of the next billing run on the timetable."""
    last = Daily(RUN_AT).latest(clock.instant())
    return clock.berlin(last).date() + timedelta(1)


def take_due(entry: Entry) -> datetime | None:
    """Take the entry's latest slot if it is due and nobody has; gives its time. For one caller only."""
    end_reading()
    slot_at, now = entry.when.latest(clock.instant()), clock.real()
    founded_at = db.session.scalar(select(Company.created_at))
    if founded_at is None or slot_at < founded_at:  # nothing was missed before the house stood
        return None
    query = select(TimetableSlot.taken_at, TimetableSlot.done_at)
    row = db.session.execute(query.where(*_slot(entry.name, slot_at))).one_or_none()
    if row is None:
        return slot_at if _take(entry.name, slot_at, now) else None
    if row.done_at is not None or row.taken_at > now - entry.patience:
        return None
    return slot_at if _take_again(entry.name, slot_at, row.taken_at, now) else None


def take_for_move(name: str, slot_at: datetime) -> bool:
    """Take a slot of a simulated day, again if a move died over it; False where it is done.

    Only whoever moves the clock stands at that day. Joins an open transaction.
    """
    with write() as session:
        statement = insert(TimetableSlot).values(entry=name, slot_at=slot_at, taken_at=clock.real())
        session.execute(statement.on_conflict_do_nothing())
        done = select(TimetableSlot.done_at).where(*_slot(name, slot_at))
        return session.scalar(done) is None


def note_done(name: str, slot_at: datetime) -> None:
    """The slot's work is done."""
    with write() as session:
        done = update(TimetableSlot).where(*_slot(name, slot_at))
        session.execute(done.values(done_at=clock.real(), error=""))


@contextmanager
def done_with(name: str, slot_at: datetime) -> Iterator[None]:
    """The slot is done in the very transaction of what it begins: killed in between, it would begin it twice."""
    with write():
        yield
        note_done(name, slot_at)


def note_failed(name: str, slot_at: datetime, code: str) -> None:
    """The slot's work failed; it is taken again when its patience is over. `code` holds no personal data."""
    with write() as session:
        session.execute(update(TimetableSlot).where(*_slot(name, slot_at)).values(error=code))


def forget_old() -> None:
    """Slots are a protection, not a record: five weeks are plenty."""
    with write() as session:
        session.execute(delete(TimetableSlot).where(TimetableSlot.slot_at < clock.instant() - KEPT))


def _take(name: str, slot_at: datetime, now: datetime) -> bool:
    with write() as session:
        statement = insert(TimetableSlot).values(entry=name, slot_at=slot_at, taken_at=now)
        return session.execute(statement.on_conflict_do_nothing().returning(TimetableSlot.entry)).scalar() is not None


def _take_again(name: str, slot_at: datetime, taken_at: datetime, now: datetime) -> bool:
    with write() as session:
        mine = (*_slot(name, slot_at), TimetableSlot.taken_at == taken_at, TimetableSlot.done_at.is_(None))
        statement = update(TimetableSlot).where(*mine).values(taken_at=now).returning(TimetableSlot.entry)
        return session.scalar(statement.execution_options(synchronize_session=False)) is not None


def _slot(name: str, slot_at: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return TimetableSlot.entry == name, TimetableSlot.slot_at == slot_at
