"""One chunk of a dunning run: look, lock, decide, write, in one transaction and a fixed number of statements.

The first look takes no lock and reads receivables alone; most of them have no step due, and of those nothing more is
asked. After a failure the chunk is redone one by one, and the bad one is named with its reason (EB-25).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from billing.dunning import Level
from billing.errors import KontorError
from models import DunningChunk, Receivable, Run
from services import clock, contract_days
from services.actor import Actor
from services.dunning import Done, do_work, find_work
from services.dunning_cases import look_at, may_be_due
from services.dunning_steps import Setting, read_setting
from services.unit import insistent, write

log = logging.getLogger(__name__)


class _Behind(Exception):
    """A day has come for these contracts and they have not followed it yet."""

    def __init__(self, contracts: Sequence[int]) -> None:
        super().__init__()
        self.contracts = contracts


def run_chunk(chunk_id: int, *, patient: bool = True) -> Done:
    """Examine one chunk; nothing if it is done already, or (impatient) if somebody else is at it. Safe to repeat."""
    try:
        return _after_their_days(lambda look: insistent(partial(_whole_chunk, chunk_id, patient, look)))
    except OperationalError:
        raise
    except Exception as error:
        log.error("dunning chunk %s is redone one by one: %s", chunk_id, type(error).__name__)
        return _one_by_one(chunk_id)


def within(chunk: DunningChunk) -> Sequence[Any]:
    """The chunk's receivables, as the index of what is open has them.

    SQLite bounds an index by both columns at one end only. Where a whole month is due on one day, naming that day
    keeps each chunk from walking through all its receivables.
    """
    day, customer = Receivable.due_on, Receivable.customer_id
    if chunk.first_due_on == chunk.last_due_on:
        return (day == chunk.first_due_on, customer.between(chunk.first_customer_id, chunk.last_customer_id))
    pair = tuple_(day, customer)
    return (pair >= tuple_(chunk.first_due_on, chunk.first_customer_id), day <= chunk.last_due_on,
            pair <= tuple_(chunk.last_due_on, chunk.last_customer_id))  # fmt: skip


def day_of(run: Run) -> date:
    """The day as of which a run reminds: its own, or today where it was left over from an earlier day.

    A reminder that is late must not be dated, and ask to be paid, in the past.
    """
    is_left_over = clock.berlin(run.started_at).date() < clock.today()
    return max(run.on_date, clock.today()) if is_left_over else run.on_date


def _after_their_days(deed: Callable[[bool], Done]) -> Done:
    """The deed; where it meets contracts that a day has come for, they follow it first, each by itself, then the deed
    again. A contract that ended would else be switched off, and take back in the same moment what it was reminded of.
    """
    try:
        return deed(True)
    except _Behind as found:
        contract_days.follow_these(found.contracts)
    return deed(False)


def _whole_chunk(chunk_id: int, patient: bool, look: bool) -> Done:
    with write() as session:
        chunk = _take(session, chunk_id, patient)
        if chunk is None:
            return Done()
        run, setting = session.get_one(Run, chunk.run_id), read_setting()
        seen = look_at(session, within(chunk), day_of(run))
        done = _dun(session, list(_candidates(seen, setting, day_of(run))), run, setting, look)
        done.examined = len(seen)
        _note(chunk, done)
        return done


def _one_by_one(chunk_id: int) -> Done:
    """The chunk again, a transaction a receivable: whatever is wrong with one stops no other (EB-25)."""
    with write() as session:
        chunk = session.get_one(DunningChunk, chunk_id)
        run_id, on = chunk.run_id, day_of(session.get_one(Run, chunk.run_id))
        seen = look_at(session, within(chunk), on)
        ids = list(_candidates(seen, read_setting(), on))
    done = Done(examined=len(seen))
    for receivable_id in ids:
        try:
            done.add(_after_their_days(partial(_alone, receivable_id, run_id)))
        except OperationalError:
            raise
        except Exception as error:
            code = error.code if isinstance(error, KontorError) else type(error).__name__
            done.failures.append((receivable_id, code))
            log.error("receivable %s was not dunned: %s", receivable_id, code)
    with write() as session:
        chunk_now = _take(session, chunk_id, True)
        if chunk_now is not None:
            _note(chunk_now, done)
    return done


def _alone(receivable_id: int, run_id: int, look: bool) -> Done:
    with write() as session:
        return _dun(session, [receivable_id], session.get_one(Run, run_id), read_setting(), look)


def _candidates(seen: Sequence[Any], setting: Setting, on: date) -> Iterator[int]:
    """Those for which a step could be due; of the others nothing more is asked."""
    levels: list[Level] = setting.levels
    return (row.id for row in seen if may_be_due(row, levels, setting.rules, on))


def _dun(session: Session, ids: Sequence[int], run: Run, setting: Setting, look: bool) -> Done:
    """Raises _Behind where it is to look."""
    stops = look and ids and any(row.deactivate_after for row in setting.rows)
    if stops and (contracts := contract_days.behind(session, ids)):
        raise _Behind(contracts)
    work = find_work(session, ids, setting, day_of(run), lock=True)
    return do_work(session, work, Actor(run.actor_kind, run.actor_id, run.actor_name), run.id)


def _note(chunk: DunningChunk, done: Done) -> None:
    chunk.examined, chunk.reminded, chunk.collected = done.examined, len(done.reminded), done.collected
    chunk.held, chunk.failed = done.held, len(done.failures)
    chunk.why, chunk.failures = dict(done.why), [list(each) for each in done.failures]
    chunk.state, chunk.done_at = "done", clock.instant()


def _take(session: Session, chunk_id: int, patient: bool) -> DunningChunk | None:
    """The chunk under its row lock, or None when it is done or (impatient) in other hands."""
    query = select(DunningChunk).where(DunningChunk.id == chunk_id, DunningChunk.state == "pending")
    query = query.with_for_update(skip_locked=not patient).execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()
