"""The dunning run of a day: every open, overdue receivable is examined once, chunk by chunk (M2-12, EB-23, F15).

A chunk (services/dunning_chunk.py) is one transaction. It may be driven by this process or by workers, twice or after a
crash: the level on the receivable decides, under its lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from billing.interest import BaseRates, half_years
from extensions import db
from models import BankStatement, DunningChunk, Receivable
from services import activities, clock, dunning_stops, instalments, runs
from services.actor import Actor
from services.billing_gate import require_lawful_run
from services.company import get_company
from services.dunning import Done
from services.dunning_chunk import run_chunk
from services.dunning_due import OVERDUE
from services.dunning_steps import read_setting
from services.runs import DUNNING
from services.unit import end_reading, write

CHUNK = 500  # pairs of due day and customer in one transaction

_CUT_INTO_CHUNKS = text("""
    INSERT INTO dunning_chunks (run_id, first_due_on, first_customer_id, last_due_on, last_customer_id, state,
                                examined, reminded, collected, held, failed, why, failures)
    WITH numbered AS (
        SELECT due_on, customer_id, row_number() OVER (ORDER BY due_on, customer_id) AS n
        FROM (SELECT DISTINCT due_on, customer_id FROM receivables
              WHERE open_cents <> 0 AND open_cents > 0 AND due_on < :day) AS overdue),
    parts AS (SELECT min(n) AS first_n, max(n) AS last_n FROM numbered GROUP BY (n - 1) / :size)
    SELECT :run_id, a.due_on, a.customer_id, b.due_on, b.customer_id, 'pending', 0, 0, 0, 0, 0, '{}', '[]'
    FROM parts JOIN numbered a ON a.n = parts.first_n JOIN numbered b ON b.n = parts.last_n ORDER BY parts.first_n""")


@dataclass(slots=True)
class Report:
    """What one call did. `warnings` are (code, facts): what a person should know before trusting the run."""

    run_id: int | None
    on: date
    done: Done = field(default_factory=Done)
    warnings: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    seconds: float = 0.0


def start(on: date, actor: Actor, *, ring: bool = True) -> int:
    """Open the run of that day, or join the one that is unfinished; gives its id. Raises as `require_lawful_run`."""
    with write() as session:
        require_lawful_run(on)
        instalments.follow(on)
        run_id = runs.unfinished(session, DUNNING, on) or _open(session, on, actor)
        if ring:
            runs.ring_for(DUNNING, run_id)
        return run_id


def dun(on: date, actor: Actor, progress: Callable[[int, int], None] | None = None) -> Report:
    """Start the run and drive its chunks in this process. The report counts what this call itself did."""
    began = time.monotonic()
    dunning_stops.resume_all()
    run_id = start(on, actor, ring=False)
    report = Report(run_id, on, warnings=warnings_of(on))
    for done in runs.drive(DUNNING, run_id, run_chunk, progress):
        report.done.add(done)
    finish(run_id)
    report.seconds = time.monotonic() - began
    return report


def finish(run_id: int) -> bool:
    """Close the run when its last chunk is done; True for the one call that closed it."""
    with write() as session:
        actor = runs.close(session, DUNNING, run_id, reported=True)
        if actor is None:
            return False
        facts: dict[str, Any] = dict(totals(session, run_id))
        activities.record(actor, "dunning.finished", "dunning_run", run_id, **facts)
        return True


def finish_run_of(chunk_id: int) -> None:
    """Close the chunk's run if that chunk was its last one."""
    run_id = runs.ended_by(DUNNING, chunk_id)
    if run_id is not None:
        finish(run_id)


def pending_chunks(run_id: int) -> list[int]:
    """Ids of the chunks that are still to be done, in order."""
    return runs.pending_chunks(DUNNING, run_id)


def totals(session: Session, run_id: int) -> dict[str, int]:
    """The sums over the run's chunks, and how many there were."""
    names = ("examined", "reminded", "collected", "held", "failed")
    sums = [func.coalesce(func.sum(getattr(DunningChunk, name)), 0) for name in names]
    row = session.execute(select(*sums).where(DunningChunk.run_id == run_id)).one()
    return {name: int(value) for name, value in zip(names, row, strict=True)}


def warnings_of(on: date) -> list[tuple[str, dict[str, Any]]]:
    """What a person should know before anybody is reminded: a day to come, no levels, an old bank statement, base
    rates that are missing.

    Any half-year without a rate in which something that is open now was owed leaves that without interest, not only
    the half-year of the run's day (MAH-3).
    """
    end_reading()
    setting, found = read_setting(), list[tuple[str, dict[str, Any]]]()
    if on > clock.today():
        found.append(("day_ahead", {"on": on.isoformat()}))
    if not setting.rows:
        found.append(("no_levels", {}))
    last, days = _told_until(), setting.own.statement_days
    if last is not None and days and (on - last).days > days:
        found.append(("old_statement", {"closed_on": last.isoformat(), "days": (on - last).days}))
    if any(row.with_interest for row in setting.rows) and (missing := _without_rate(setting.rates, on)):
        found.append(("no_base_rate", {"on": on.isoformat(), "half_years": [day.isoformat() for day in missing]}))
    return found


def _told_until() -> date | None:
    """The day up to which our own account is known: another one's statement says nothing of who paid. A house that
    named no account has to be content with any."""
    query = select(func.max(BankStatement.closed_on))
    if own := get_company().iban:
        query = query.where(BankStatement.iban == own, BankStatement.currency_code == "EUR")
    found: date | None = db.session.scalar(query)
    return found


def _without_rate(rates: BaseRates, on: date) -> list[date]:
    """The half-years without a base rate since the oldest open invoice fell due, up to that day."""
    oldest = db.session.scalar(select(func.min(Receivable.due_on)).where(*OVERDUE))
    return [day for day in half_years(oldest or on, on) if rates.percent(day) is None]


def _open(session: Session, on: date, actor: Actor) -> int:
    run_id, is_new = runs.open_or_join(session, DUNNING, on, actor)
    if is_new:
        session.execute(_CUT_INTO_CHUNKS, {"run_id": run_id, "size": CHUNK, "day": on})
        activities.record(actor, "dunning.started", "dunning_run", run_id, on=on.isoformat())
    return run_id
