"""The billing run: due contracts become numbered, frozen invoices, once (X-02).

    due customers --snapshots--> terms + claims --billing.plan--> drafts --issue--> rows --after commit--> doorbells

A run is a row with one row a chunk. A chunk is one transaction, all or nothing; it may be driven by this process, by
workers on any number of machines, twice or after a crash: claims decide. After a failure it is redone customer by
customer, and the bad one is parked with its reason.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from billing.errors import NotFound
from extensions import queues
from models import ParkedCustomer, RunChunk, Subscription
from services import activities, billing_chunk, clock, reports, runs, vat_checks
from services.actor import Actor
from services.billing_gate import require_lawful_run
from services.run_counts import Counts
from services.runs import BILLING
from services.unit import after_commit, insistent, write

CHUNK = 300  # customers in one transaction: some 60 ms of the write door on SQLite

_CUT_INTO_CHUNKS = text("""
    INSERT INTO run_chunks (run_id, first_customer_id, last_customer_id, state, due, issued, skipped, failed, totals)
    SELECT :run_id, min(customer_id), max(customer_id), 'pending', 0, 0, 0, 0, '{}'
    FROM (SELECT customer_id, (row_number() OVER (ORDER BY customer_id) - 1) / :size AS part
          FROM (SELECT DISTINCT customer_id FROM subscriptions WHERE next_billing_on <= :day) AS due) AS numbered
    GROUP BY part ORDER BY part""")


@dataclass(slots=True)
class Report:
    """What one call did: counts of documents due, issued, skipped and failed, sums by currency in cents."""

    run_id: int
    on: date
    counts: Counts = field(default_factory=Counts)
    seconds: float = 0.0


def start(on: date, actor: Actor, *, ring: bool = True) -> int:
    """Open the run of that day, or join the one that is unfinished; gives its id.

    Raises Conflict("company_incomplete") when the law's data of the seller are missing, NotAllowed for a live
    installation and a day after today.
    """
    with write() as session:
        require_lawful_run(on)
        run_id = runs.unfinished(session, BILLING, on)
        if run_id is None:
            vat_checks.answer_offline(session, on)
            run_id = _open(session, on, actor)
        if ring:
            runs.ring_for(BILLING, run_id)
        return run_id


def bill(on: date, actor: Actor, progress: Callable[[int, int], None] | None = None) -> Report:
    """Start the run and drive its chunks in this process. The report counts what this call itself did."""
    began = time.monotonic()
    report = Report(start(on, actor, ring=False), on)
    for counts in runs.drive(BILLING, report.run_id, run_chunk, progress):
        report.counts.add(counts)
    finish(report.run_id)
    report.seconds = time.monotonic() - began
    return report


def pending_chunks(run_id: int) -> list[int]:
    """Ids of the chunks that are still to be done, in order of customers."""
    return runs.pending_chunks(BILLING, run_id)


def run_chunk(chunk_id: int, *, patient: bool = True) -> Counts:
    """Bill one chunk; nothing if it is done already, or (impatient) if somebody else is at it.

    Safe to repeat. Raises only when the database stays away; whatever is wrong with a customer's data parks it.
    """
    try:
        with _uncollected():
            return insistent(lambda: billing_chunk.bill_chunk(chunk_id, patient=patient))
    except OperationalError:
        raise
    except Exception:
        return billing_chunk.bill_one_by_one(chunk_id)


def finish(run_id: int) -> bool:
    """Close the run when its last chunk is done and order its report; True for the one call that closed it."""
    with write() as session:
        actor = runs.close(session, BILLING, run_id, reported=False)
        if actor is None:
            return False
        activities.record(actor, "run.finished", "run", run_id, **_totals(session, run_id).facts())
        reports.report_run(run_id)
        after_commit(_ring_figures)
        return True


def finish_run_of(chunk_id: int) -> None:
    """Close the chunk's run if that chunk was its last one, and order its report."""
    run_id = runs.ended_by(BILLING, chunk_id)
    if run_id is not None:
        finish(run_id)


def _open(session: Session, on: date, actor: Actor) -> int:
    run_id, is_new = runs.open_or_join(session, BILLING, on, actor)
    if is_new:
        session.execute(_CUT_INTO_CHUNKS, {"run_id": run_id, "size": CHUNK, "day": on})
        activities.record(actor, "run.started", "run", run_id, on=on.isoformat())
    return run_id


def _ring_figures() -> None:
    """What was issued shows on the overview at once, not only with the timetable's next look."""
    queues.ring("paper", "jobs.figures.refresh")


def _totals(session: Session, run_id: int) -> Counts:
    counts = Counts()
    for chunk in session.scalars(select(RunChunk).where(RunChunk.run_id == run_id)):
        counts.add(Counts(chunk.due, chunk.issued, chunk.skipped, chunk.failed, dict(chunk.totals), chunk.charging))
    return counts


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection inside a chunk: it lives for a moment, makes no cycles of weight, and is a fifth faster."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def confirm_periods(actor: Actor, subscription_id: int) -> None:
    """D-13: a person says yes to more than 12 open periods; the next run bills them."""
    with write() as session:
        row = session.get(Subscription, subscription_id)
        if row is None:
            raise NotFound("subscription")
        row.periods_confirmed = True
        open_ = (ParkedCustomer.subscription_id == subscription_id, ParkedCustomer.resolved_at.is_(None))
        session.execute(update(ParkedCustomer).where(*open_).values(resolved_at=clock.instant()))
        activities.record(actor, "subscription.periods_confirmed", "subscription", subscription_id,
                          customer_id=row.customer_id)  # fmt: skip
