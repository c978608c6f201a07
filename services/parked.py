"""Whom a billing run left out, billed once more when the reason is gone: one customer, by the run's own steps."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from billing.errors import AlreadyDone, NotFound
from models import Customer, ParkedCustomer, Run, RunChunk
from services import activities, billing_chunk, clock, run_counts
from services.actor import Actor
from services.billing_gate import require_lawful_run
from services.run_counts import Counts
from services.unit import insistent, write

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Retried:
    """What came of it: invoices issued, and the codes for which the customer is still left out."""

    issued: int
    codes: tuple[str, ...]


def retry(actor: Actor, parked_id: int) -> Retried:
    """Bill the customer of this row for everything that was due on its run's day and is still open.

    Every open reason of that customer is settled by it; what cannot be billed yet is parked again under the same run.
    The invoices bear today's date, or the run's day where that is later. Raises NotFound, AlreadyDone("settled")
    where a later run or retry has dealt with it, and what a run raises before it starts.
    """
    try:
        return insistent(lambda: _once(actor, parked_id))
    except (OperationalError, AlreadyDone, NotFound):
        raise
    except Exception as error:
        with write() as session:
            require_lawful_run(_run_of(session, parked_id).on_date)  # the house is at fault, not the customer
            log.error("customer of %s parked again: %s", parked_id, type(error).__name__)
            return _retry(session, actor, parked_id, error)


def _once(actor: Actor, parked_id: int) -> Retried:
    with write() as session:
        return _retry(session, actor, parked_id, None)


def _retry(session: Session, actor: Actor, parked_id: int, error: Exception | None) -> Retried:
    """`error`: billing it has failed already, so only the reason is written."""
    row = _open_row(session, parked_id)
    run = _run_of(session, parked_id)
    require_lawful_run(run.on_date)
    chunk = _chunk_of(session, row)
    survivor_id = session.scalar(select(Customer.survivor_id).where(Customer.id == row.customer_id)) or row.customer_id
    _take_back(session, chunk, survivor_id)
    if error is None:
        issued_on = max(run.on_date, clock.today())
        counts = billing_chunk.bill_again(session, chunk, survivor_id, issued_on, actor)
    else:
        counts = billing_chunk.park_again(session, chunk, survivor_id, error)
    codes = _open_codes(session, run.id, survivor_id)
    activities.record(actor, "run.retried", "run", run.id, customer_id=survivor_id, on=run.on_date.isoformat(),
                      issued=counts.issued, failed=counts.failed)  # fmt: skip
    return Retried(counts.issued, tuple(codes))


def _open_row(session: Session, parked_id: int) -> ParkedCustomer:
    query = select(ParkedCustomer).where(ParkedCustomer.id == parked_id).with_for_update()
    row: ParkedCustomer | None = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("parked_customer")
    if row.resolved_at is not None:
        raise AlreadyDone("settled")
    return row


def _run_of(session: Session, parked_id: int) -> Run:
    query = select(Run).join(ParkedCustomer, ParkedCustomer.run_id == Run.id).where(ParkedCustomer.id == parked_id)
    run: Run = session.scalars(query).one()
    return run


def _chunk_of(session: Session, row: ParkedCustomer) -> RunChunk:
    """The part of the run that left the customer out, under its lock."""
    mine = (RunChunk.run_id == row.run_id, RunChunk.first_customer_id <= row.customer_id)
    query = select(RunChunk).where(*mine).order_by(RunChunk.first_customer_id.desc()).limit(1).with_for_update()
    chunk: RunChunk = session.scalars(query.execution_options(populate_existing=True)).one()
    return chunk


def _take_back(session: Session, chunk: RunChunk, survivor_id: int) -> None:
    """Settle the customer's open rows of this run, those of records merged into it too, and take their documents out of
    the chunk's counts (EB-26)."""
    family = select(Customer.id).where(Customer.survivor_id == survivor_id)
    open_ = (ParkedCustomer.run_id == chunk.run_id, ParkedCustomer.customer_id.in_(family),
             ParkedCustomer.resolved_at.is_(None))  # fmt: skip
    facts: Sequence[Any] = session.scalars(select(ParkedCustomer.facts).where(*open_)).all()
    documents = sum(int((each or {}).get("documents", 1)) for each in facts)
    settled = update(ParkedCustomer).where(*open_).values(resolved_at=clock.instant())
    session.execute(settled, execution_options={"synchronize_session": False})
    run_counts.note(chunk, Counts(due=-documents, failed=-documents))


def _open_codes(session: Session, run_id: int, customer_id: int) -> Sequence[str]:
    mine = (ParkedCustomer.run_id == run_id, ParkedCustomer.customer_id == customer_id)
    query = select(ParkedCustomer.code).where(*mine, ParkedCustomer.resolved_at.is_(None))
    return session.scalars(query.distinct().order_by(ParkedCustomer.code)).all()
