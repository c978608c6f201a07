"""The sweeper: whatever waits in the tables is rung for again, so an empty or restarted queue loses nothing (F6)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, select

from extensions import db, queues
from models import Run, RunChunk
from services import (
    attempts,
    bank_import,
    billing_run,
    charging,
    clock,
    clock_moves,
    customer_exports,
    dunning_run,
    dunning_stops,
    exports,
    gateway_events,
    messages,
    method_removal,
    papers,
    refund_calls,
    reminder_papers,
    reports,
)
from services.unit import end_reading

MOST = 2000  # bells a sweep; while as many are unanswered, no more are added
OWN_START = timedelta(minutes=1)  # a run that has just begun is rung for by whoever began it


def sweep() -> None:
    """Ring for every waiting mail, paper, export, chunk and unfinished run that nobody has rung for.

    Missing reports are ordered. What is in a worker's hands this moment may be rung for once more: jobs may run twice.
    """
    end_reading()
    for run_id in reports.unreported_runs():
        reports.report_run(run_id)
    for queue, function, waiting in (
        ("money", "jobs.messages.send", messages.waiting),
        ("paper", "jobs.documents.draw", papers.waiting),
        ("paper", "jobs.documents.draw_reminder", reminder_papers.waiting),
        ("paper", "jobs.exports.write_on", exports.waiting),
        ("paper", "jobs.exports.write_profile", customer_exports.waiting),
        ("money", "jobs.billing_run.run_chunk", waiting_chunks),
        ("money", "jobs.billing_run.finish", waiting_runs),
        ("money", "jobs.dunning.run_chunk", dunning_run.waiting_chunks),
        ("money", "jobs.dunning.finish", dunning_run.waiting_runs),
        ("money", "jobs.dunning.resume", dunning_stops.waiting),
        ("money", "jobs.payments.charge", attempts.waiting),
        ("money", "jobs.payments.try_again", charging.due),
        ("money", gateway_events.TAKE_EVENT, gateway_events.waiting),
        ("money", "jobs.payments.refund", refund_calls.waiting),
        ("money", method_removal.FORGET, method_removal.to_forget),
        ("money", "jobs.clock_moves.live_on", clock_moves.waiting),
        ("money", bank_import.JOB, bank_import.waiting),
    ):
        if queues.length(queue) < MOST:
            unheard = queues.unheard(queue, function)
            queues.ring_many(queue, function, [each for each in waiting(MOST) if each not in unheard])
    end_reading()


def waiting_chunks(limit: int) -> list[int]:
    """Chunks that are still to be billed, of runs that did not begin just now."""
    query = select(RunChunk.id).join(Run, Run.id == RunChunk.run_id).where(RunChunk.state == "pending")
    query = query.where(Run.finished_at.is_(None), Run.started_at < clock.instant() - OWN_START)
    return list(db.session.scalars(query.order_by(RunChunk.id).limit(limit)))


def waiting_runs(limit: int) -> list[int]:
    """Runs whose chunks are all done and that nobody closed."""
    left = exists().where(RunChunk.run_id == Run.id, RunChunk.state == "pending")
    query = select(Run.id).where(Run.kind == billing_run.KIND, Run.finished_at.is_(None), ~left)
    query = query.where(Run.started_at < clock.instant() - OWN_START)
    return list(db.session.scalars(query.order_by(Run.id).limit(limit)))


def finish_run_of(chunk_id: int) -> None:
    """Close the chunk's run if that chunk was its last one, and order its report."""
    end_reading()
    run_id = db.session.scalar(select(RunChunk.run_id).where(RunChunk.id == chunk_id))
    if run_id is not None and not billing_run.pending_chunks(run_id):
        billing_run.finish(run_id)
        reports.report_run(run_id)
