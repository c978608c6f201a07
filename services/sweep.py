"""The sweeper: whatever waits in the tables is rung for again, so an empty or restarted queue loses nothing (F6)."""

from __future__ import annotations

from functools import partial

from extensions import queues
from services import (
    attempts,
    bank_rows,
    bank_turns,
    charging,
    clock_moves,
    customer_exports,
    dunning_stops,
    exports,
    gateway_events,
    messages,
    method_removal,
    papers,
    refund_calls,
    reminder_papers,
    reports,
    runs,
)
from services.runs import BILLING, DUNNING
from services.unit import end_reading

MOST = 2000  # bells a sweep; while as many are unanswered, no more are added


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
        (*BILLING.chunk_bell, partial(runs.waiting_chunks, BILLING)),
        (*BILLING.end_bell, partial(runs.waiting_runs, BILLING)),
        (*DUNNING.chunk_bell, partial(runs.waiting_chunks, DUNNING)),
        (*DUNNING.end_bell, partial(runs.waiting_runs, DUNNING)),
        ("money", "jobs.dunning.resume", dunning_stops.waiting),
        ("money", "jobs.payments.charge", attempts.waiting),
        ("money", "jobs.payments.try_again", charging.due),
        ("money", gateway_events.TAKE_EVENT, gateway_events.waiting),
        ("money", "jobs.payments.refund", refund_calls.waiting),
        ("money", method_removal.FORGET, method_removal.to_forget),
        ("money", "jobs.clock_moves.live_on", clock_moves.waiting),
        ("money", bank_rows.JOB, bank_turns.waiting),
    ):
        if queues.length(queue) < MOST:
            unheard = queues.unheard(queue, function)
            queues.ring_many(queue, function, [each for each in waiting(MOST) if each not in unheard])
    end_reading()
