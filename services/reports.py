"""Reports by mail to whom the settings name (`company.report_email`): a finished run, the nightly check-books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import select, update

from billing.errors import Conflict, NotFound
from extensions import db
from models import Run, RunChunk
from services import activities, clock, messages, sealing
from services.actor import Actor
from services.company import get_company
from services.mail_facts import MOST_NAMED
from services.unit import write

_COUNTS = ("due", "issued", "charging", "skipped", "failed")


def report_run(run_id: int) -> None:
    """Order the mail about a finished run, once; a run in which nothing was due needs no mail."""
    with write() as session:
        mine = (Run.id == run_id, Run.finished_at.is_not(None), Run.reported_at.is_(None))
        on = session.scalar(update(Run).where(*mine).values(reported_at=clock.instant()).returning(Run.on_date))
        if on is None:
            return
        facts = _facts(run_id, on)
        if facts["due"]:
            _mail(f"run:{run_id}", "run_report", facts)


def send_run_report_again(actor: Actor, run_id: int) -> None:
    """A person wants the report of a finished run once more. Conflict where nobody is named, or it is not finished."""
    with write() as session:
        run = session.get(Run, run_id)
        if run is None:
            raise NotFound("run")
        if run.finished_at is None:
            raise Conflict("run_not_finished")
        if not get_company().report_email:
            raise Conflict("no_report_email")
        again = clock.instant().strftime("%Y%m%dT%H%M%S")
        _mail(f"run:{run_id}:{again}", "run_report", _facts(run_id, run.on_date))
        activities.record(actor, "run.report_sent_again", "run", run_id)


def report_books(
    on: date, count: int, findings: Sequence[dict[str, Any]], notes: Sequence[dict[str, Any]] = ()
) -> None:
    """Order the mail about the nightly check: how many findings, the first of them, and the last seal (GOB-2).

    A finding is {"rule", "table", "id", "code", ...}; only these four leave the house, and of a note what it is and of
    which row.
    """
    seal = sealing.last_seal()
    named = [{key: finding[key] for key in ("rule", "table", "id", "code")} for finding in findings[:MOST_NAMED]]
    facts: dict[str, Any] = {
        "on": on.isoformat(),
        "count": count,
        "findings": named,
        "seal": asdict(seal) if seal else None,
    }
    facts["notes"] = [{key: note[key] for key in ("id", "code")} for note in notes[:MOST_NAMED]]
    _mail(f"books:{on.isoformat()}", "checks_report", facts)


def unreported_runs() -> list[int]:
    """Ids of runs that are finished but not yet reported."""
    query = select(Run.id).where(Run.kind == "billing", Run.finished_at.is_not(None), Run.reported_at.is_(None))
    return list(db.session.scalars(query.order_by(Run.id)))


def _facts(run_id: int, on: date) -> dict[str, Any]:
    return {"run_id": run_id, "on": on.isoformat(), **_figures(run_id)}


def _figures(run_id: int) -> dict[str, Any]:
    """The sums over the run's chunks: counts, and totals as currency -> [net, gross] in cents."""
    counts = dict.fromkeys(_COUNTS, 0)
    totals: dict[str, list[int]] = {}
    for chunk in db.session.scalars(select(RunChunk).where(RunChunk.run_id == run_id)):
        for name in _COUNTS:
            counts[name] += getattr(chunk, name)
        for currency, (net, gross) in chunk.totals.items():
            before = totals.get(currency, [0, 0])
            totals[currency] = [before[0] + net, before[1] + gross]
    return {**counts, "totals": totals}


def _mail(event: str, template: str, facts: dict[str, Any]) -> None:
    company = get_company()
    if company.report_email:
        messages.order(event, template, company.report_email, language=company.language_code, facts=facts)
