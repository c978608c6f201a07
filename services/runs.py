"""What runs of every kind have in common: one unfinished of a kind and day, cut into chunks, driven here or by workers.

A chunk is one transaction of its kind (billing_chunk, dunning_chunk); it may be driven twice or after a crash. What a
kind does with it, and what it tells, stands in billing_run and dunning_run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple, Protocol, TypeVar

from sqlalchemy import Exists, exists, select, update
from sqlalchemy.orm import Session

from billing.errors import Conflict
from extensions import db, queues
from models import DunningChunk, Run, RunChunk
from services import clock
from services.actor import Actor
from services.sql import dialect, insert
from services.unit import after_commit, end_reading

REST = 0.004  # seconds between chunks on SQLite, so that a person's click gets its turn
OWN_START = timedelta(minutes=1)  # a run that has just begun is rung for by whoever began it

Done = TypeVar("Done", covariant=True)


class Kind(NamedTuple):
    """`name` is that of `runs.kind`; `chunks` the table that says what is left of it; bells are (queue, job)."""

    name: str
    chunks: type[RunChunk] | type[DunningChunk]
    chunk_bell: tuple[str, str]
    end_bell: tuple[str, str]


BILLING = Kind("billing", RunChunk, ("money", "jobs.billing_run.run_chunk"), ("money", "jobs.billing_run.finish"))
DUNNING = Kind("dunning", DunningChunk, ("money", "jobs.dunning.run_chunk"), ("money", "jobs.dunning.finish"))


class Work(Protocol[Done]):
    """Does one chunk and says what it did; patient: it waits for whoever is at it."""

    def __call__(self, chunk_id: int, *, patient: bool = ...) -> Done: ...


def unfinished(session: Session, kind: Kind, on: date) -> int | None:
    """The id of the run of that day that is still under way."""
    mine = (Run.kind == kind.name, Run.on_date == on, Run.finished_at.is_(None))
    return session.scalar(select(Run.id).where(*mine))


def open_or_join(session: Session, kind: Kind, on: date, actor: Actor) -> tuple[int, bool]:
    """(the run's id, whether it was opened here). The unique index lets one of two openers in; the other joins it.

    Raises Conflict("run_just_finished") where the one that was in the way ended meanwhile.
    """
    values = {"kind": kind.name, "on_date": on, "actor_kind": actor.kind, "actor_id": actor.id,
              "actor_name": actor.name, "started_at": clock.instant()}  # fmt: skip
    run_id = session.scalar(insert(Run).values(**values).on_conflict_do_nothing().returning(Run.id))
    if run_id is not None:
        return int(run_id), True
    joined = unfinished(session, kind, on)
    if joined is None:
        raise Conflict("run_just_finished")
    return joined, False


def ring_for(kind: Kind, run_id: int) -> None:
    """After the commit workers hear of every chunk; of the end, where there is none."""
    ids = pending_chunks(kind, run_id)

    def ring() -> None:
        queues.ring_many(*kind.chunk_bell, ids)
        if not ids:
            queues.ring(*kind.end_bell, run_id)

    after_commit(ring)


def drive(
    kind: Kind, run_id: int, work: Work[Done], progress: Callable[[int, int], None] | None = None
) -> Iterator[Done]:
    """Do the run's chunks in this process; gives what each did. `progress` is told (chunks done, chunks)."""
    chunks = pending_chunks(kind, run_id)
    for number, chunk_id in enumerate(chunks, start=1):
        yield work(chunk_id, patient=False)
        if progress:
            progress(number, len(chunks))
        if dialect() == "sqlite":
            time.sleep(REST)
    for chunk_id in pending_chunks(kind, run_id):  # those that another process held, or left when it was killed
        yield work(chunk_id)


def close(session: Session, kind: Kind, run_id: int, *, reported: bool) -> Actor | None:
    """Close the run when its last chunk is done; who had started it, for the one call that closed it.

    `reported`: no mail is to follow.
    """
    now = clock.instant()
    mine = (Run.id == run_id, Run.kind == kind.name, Run.finished_at.is_(None), ~_left(kind))
    closed = session.execute(
        update(Run)
        .where(*mine)
        .values(finished_at=now, reported_at=now if reported else None)
        .returning(Run.actor_kind, Run.actor_id, Run.actor_name)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return None if closed is None else Actor(*closed)


def pending_chunks(kind: Kind, run_id: int) -> list[int]:
    """Ids of the chunks that are still to be done, in order."""
    end_reading()
    query = select(kind.chunks.id).where(kind.chunks.run_id == run_id, kind.chunks.state == "pending")
    return list(db.session.scalars(query.order_by(kind.chunks.id)))


def ended_by(kind: Kind, chunk_id: int) -> int | None:
    """The chunk's run, where nothing is left of it; None while there is."""
    end_reading()
    run_id = db.session.scalar(select(kind.chunks.run_id).where(kind.chunks.id == chunk_id))
    return None if run_id is None or pending_chunks(kind, run_id) else run_id


def waiting_chunks(kind: Kind, limit: int) -> list[int]:
    """Chunks that are still to be done, of runs that did not begin just now: for the sweeper."""
    chunks = kind.chunks
    query = select(chunks.id).join(Run, Run.id == chunks.run_id).where(chunks.state == "pending")
    query = query.where(Run.finished_at.is_(None), Run.started_at < clock.instant() - OWN_START)
    return list(db.session.scalars(query.order_by(chunks.id).limit(limit)))


def waiting_runs(kind: Kind, limit: int) -> list[int]:
    """Runs whose chunks are all done and that nobody closed."""
    mine = (Run.kind == kind.name, Run.finished_at.is_(None), Run.started_at < clock.instant() - OWN_START)
    return list(db.session.scalars(select(Run.id).where(*mine, ~_left(kind)).order_by(Run.id).limit(limit)))


def _left(kind: Kind) -> Exists:
    return exists().where(kind.chunks.run_id == Run.id, kind.chunks.state == "pending")
