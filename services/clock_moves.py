"""The test clock: a sandbox goes forward day by day, doing on each what the timetable would have done (X-13).

    start: the way as a row --> work: a day's slots at their times, the clock with them --> the row's position --> ...

One move at a time; a second start joins it. Whoever holds its lease (of real time) lives the next day; if they die, the
next one takes the day up where its slots were left. The clock goes along with every slot, and the row is the clock of
all processes (services/clock.py).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from billing.errors import Invalid, KontorError, NotAllowed
from billing.periods import Interval, shift
from extensions import db, queues
from models import ClockMove
from safety import trace_of
from services import activities, clock, timetable
from services.actor import Actor
from services.company import get_company
from services.sql import insert
from services.timetable import Daily, Entry, Pace
from services.unit import after_commit, end_reading, write

WORK = 5.0  # seconds; then the job ends and rings for its own continuation
LEASE = timedelta(seconds=60)  # renewed with every slot; a killed worker's move goes on after it
JOB_SECONDS = 600  # a day with a great run takes longer than other jobs may
FURTHEST = timedelta(days=731)  # a mistyped year must not be lived through

logger = logging.getLogger("kontor.clock")


@dataclass(frozen=True, slots=True)
class Move:
    """A move in this worker's hands."""

    id: int
    from_at: datetime
    position_at: datetime
    to_at: datetime
    actor: Actor


def start(actor: Actor, to: date) -> int:
    """Order the way to a later day, at this same time of the day; gives the move's id.

    Joins a move that is under way, wherever it leads. Raises NotAllowed("clock_is_real") in a live installation,
    Invalid("to") for a day that is not ahead ("clock_only_forward") or too far ("clock_too_far").
    """
    with write() as session:
        check(to)
        found = session.scalar(select(ClockMove.id).where(ClockMove.state == "running"))
        if found is not None:
            return int(found)
        here = clock.instant()
        values = {
            "from_at": here, "position_at": here, "to_at": _same_time(here, to), "state": "running",
            "offset_seconds": round(clock.moved_by().total_seconds()), "failures": 0, "error": "",
            "actor_kind": actor.kind, "actor_id": actor.id, "actor_name": actor.name, "started_at": clock.real(),
        }  # fmt: skip
        move_id = session.scalar(insert(ClockMove).values(**values).on_conflict_do_nothing().returning(ClockMove.id))
        if move_id is None:  # somebody was faster
            return int(session.scalars(select(ClockMove.id).where(ClockMove.state == "running")).one())
        activities.record(actor, "clock.forwarded", "clock_move", move_id, to_day=to.isoformat())
        after_commit(partial(_ring, move_id))
        return int(move_id)


def check(to: date) -> None:
    """Whether the clock could be moved there; raises as `start` does."""
    if get_company().mode != "sandbox":
        raise NotAllowed("clock_is_real")
    today = clock.today()
    if to <= today:
        raise Invalid("to", "clock_only_forward", today=today.isoformat())
    if to > today + FURTHEST:
        raise Invalid("to", "clock_too_far", latest=(today + FURTHEST).isoformat())


def target(interval: Interval) -> date:
    """The day that lies so far ahead of today: "14 months"."""
    return shift(clock.today(), interval, 1)


def work(entries: Sequence[Entry], seconds: float = WORK, seen: Callable[[Move], None] | None = None) -> bool:
    """Live on for that long, if nobody else is at it; False when there is (or was) nothing more to do here.

    `seen` is told of each day that was lived.
    """
    until = time.monotonic() + seconds
    move = _claim()
    while move is not None and move.position_at < move.to_at:
        move = _live_day(move, entries)
        if seen and move:
            seen(move)
        if time.monotonic() > until:
            break
    if move is None:
        return False
    if move.position_at < move.to_at:
        return _give_back(move)
    _arrive(move)
    return False


def running() -> int | None:
    """The move that is under way."""
    end_reading()
    found: int | None = db.session.scalar(select(ClockMove.id).where(ClockMove.state == "running"))
    return found


def waiting(limit: int) -> list[int]:
    """The move that nobody is at."""
    free = (ClockMove.state == "running", ClockMove.lease_until.is_(None) | (ClockMove.lease_until <= clock.real()))
    return list(db.session.scalars(select(ClockMove.id).where(*free).limit(limit)))


def _live_day(move: Move, entries: Sequence[Entry]) -> Move | None:
    """Everything of the next day (or what is left of the way), the clock going along. None where it was taken away."""
    evening = min(move.to_at, _same_time(move.position_at, clock.berlin(move.position_at).date() + timedelta(1)))
    for slot_at, entry in _slots(entries, move.position_at, evening):
        with write():
            if not _go_to(move, slot_at):
                return None
            taken = timetable.take_for_move(entry.name, slot_at)
        if taken:
            _do(move, entry, slot_at)
    with write():
        lived = _go_to(move, evening) and _update(move, position_at=evening)
    return replace(move, position_at=evening) if lived else None


def _slots(entries: Sequence[Entry], after: datetime, until: datetime) -> Iterator[tuple[datetime, Entry]]:
    """The times of a day in their order; what comes every few minutes is done once, at the day's end."""
    found = [
        (slot_at, n, entry)
        for n, entry in enumerate(entries)
        if entry.pace is Pace.EACH_DAY and after < (slot_at := entry.when.latest(until))
    ]
    yield from ((at if isinstance(entry.when, Daily) else until, entry) for at, _, entry in sorted(found))


def _do(move: Move, entry: Entry, slot_at: datetime) -> None:
    """As the timetable does it: a failure is noted and touches nothing else; the database gone is a failure of all."""
    try:
        (entry.at_once or entry.run)(slot_at)
    except OperationalError:
        raise
    except Exception as error:
        code = error.code if isinstance(error, KontorError) else type(error).__name__
        logger.error("test clock: %s failed: %s", entry.name, trace_of(error))
        timetable.note_failed(entry.name, slot_at, code)
        _update(move, failures=ClockMove.failures + 1, error=code[:60])
        return
    timetable.note_done(entry.name, slot_at)


def _go_to(move: Move, moment: datetime) -> bool:
    """The clock of the house stands there from the commit on, never earlier than before; the lease begins anew."""
    seconds = round(max(moment - clock.real(), clock.moved_by()).total_seconds())
    if not _update(move, lease_until=clock.real() + LEASE, offset_seconds=seconds):
        return False
    clock.adopt(timedelta(seconds=seconds))
    return True


def _claim() -> Move | None:
    now = clock.real()
    free = (ClockMove.state == "running", ClockMove.lease_until.is_(None) | (ClockMove.lease_until <= now))
    columns = (ClockMove.id, ClockMove.from_at, ClockMove.position_at, ClockMove.to_at, ClockMove.actor_kind,
               ClockMove.actor_id, ClockMove.actor_name, ClockMove.offset_seconds)  # fmt: skip
    with write() as session:
        taken = update(ClockMove).where(*free).values(lease_until=now + LEASE).returning(*columns)
        row = session.execute(taken.execution_options(synchronize_session=False)).one_or_none()
    if row is None:
        return None
    clock.adopt(timedelta(seconds=row.offset_seconds))
    return Move(row.id, row.from_at, row.position_at, row.to_at, Actor(row.actor_kind, row.actor_id, row.actor_name))


def _give_back(move: Move) -> bool:
    with write():
        _update(move, lease_until=None)
        after_commit(partial(_ring, move.id))
    return True


def _arrive(move: Move) -> None:
    with write():
        if _update(move, state="done", lease_until=None, finished_at=clock.real()):
            activities.record(move.actor, "clock.arrived", "clock_move", move.id)


def _update(move: Move, **values: object) -> bool:
    """Change the row while the move is under way."""
    with write() as session:
        mine = (ClockMove.id == move.id, ClockMove.state == "running")
        statement = update(ClockMove).where(*mine).values(**values).returning(ClockMove.id)
        return session.scalar(statement.execution_options(synchronize_session=False)) is not None


def _same_time(moment: datetime, day: date) -> datetime:
    """That day at the time of the moment, on the wall clock in Berlin; an hour that is skipped comes later."""
    here = clock.berlin(moment)
    return datetime.combine(day, here.time(), tzinfo=clock.BERLIN).astimezone(moment.tzinfo)


def _ring(move_id: int) -> None:
    queues.ring("money", "jobs.clock_moves.live_on", move_id, seconds=JOB_SECONDS)
