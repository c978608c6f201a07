"""A billing run as its page shows it: how far it is, what it issued, whom it parked and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from extensions import db
from models import Invoice, Message, ParkedCustomer, RunChunk
from queries.parked import ParkedRow, parked_of_run
from queries.run_heads import RunHead, head_and_counts, run_of, unfinished

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Total:
    """Issued in one currency, in cents."""

    currency: str
    net_cents: int
    gross_cents: int


@dataclass(frozen=True, slots=True)
class ChunkRow:
    id: int
    first_customer_id: int
    last_customer_id: int
    state: str
    due: int
    issued: int
    charging: int
    skipped: int
    failed: int
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class IssuedRow:
    id: int
    number: str | None
    customer: str
    gross_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class ReportMail:
    """The newest mail of the run's report."""

    id: int
    recipient: str
    state: str


@dataclass(frozen=True, slots=True)
class RunCard(RunHead):
    """One run; lists are cut at SHOWN rows, the counts are of all. `more` is where the next invoices begin."""

    due: int
    issued: int
    charging: int
    skipped: int
    failed: int
    totals: tuple[Total, ...]
    parked: tuple[ParkedRow, ...]
    parked_count: int
    chunk_rows: tuple[ChunkRow, ...]
    invoices: tuple[IssuedRow, ...]
    more: int | None
    report: ReportMail | None

    @property
    def waiting(self) -> int:
        """Left out and not settled yet, as far as shown."""
        return sum(row.resolved_at is None for row in self.parked)


def get_run(run_id: int, after: int = 0) -> RunCard | None:
    """The billing run, or None; its invoices from the one behind `after` on. Six statements."""
    found = run_of("billing", run_id)
    if found is None:
        return None
    chunks = db.session.execute(_chunks(run_id)).all()
    invoices = _invoices(run_id, after)
    parked_count = select(func.count()).select_from(ParkedCustomer).where(ParkedCustomer.run_id == run_id)
    return RunCard(
        **head_and_counts(*found, chunks, ("due", "issued", "charging", "skipped", "failed")),
        totals=_totals([chunk.totals for chunk in chunks]), parked=parked_of_run(run_id, SHOWN),
        parked_count=int(db.session.scalar(parked_count) or 0),
        chunk_rows=tuple(ChunkRow(*chunk[:10]) for chunk in chunks[:SHOWN]), invoices=invoices[:SHOWN],
        more=invoices[SHOWN - 1].id if len(invoices) > SHOWN else None, report=_report(run_id),
    )  # fmt: skip


def _chunks(run_id: int) -> Any:
    columns = (
        RunChunk.id, RunChunk.first_customer_id, RunChunk.last_customer_id, RunChunk.state, RunChunk.due,
        RunChunk.issued, RunChunk.charging, RunChunk.skipped, RunChunk.failed, RunChunk.done_at, RunChunk.totals,
    )  # fmt: skip
    return select(*columns).where(RunChunk.run_id == run_id).order_by(RunChunk.id)


def _totals(parts: list[Mapping[str, list[int]]]) -> tuple[Total, ...]:
    sums: dict[str, list[int]] = {}
    for part in parts:
        for currency, (net, gross) in (part or {}).items():
            found = sums.setdefault(currency, [0, 0])
            found[0] += net
            found[1] += gross
    return tuple(Total(currency, net, gross) for currency, (net, gross) in sorted(sums.items()))


def _invoices(run_id: int, after: int) -> tuple[IssuedRow, ...]:
    columns = (Invoice.id, Invoice.number, Invoice.buyer_name, Invoice.gross_cents, Invoice.currency_code)
    query = select(*columns).where(Invoice.run_id == run_id, Invoice.issued_at.is_not(None), Invoice.id > after)
    return tuple(IssuedRow(*row) for row in db.session.execute(query.order_by(Invoice.id).limit(SHOWN + 1)))


def _report(run_id: int) -> ReportMail | None:
    """Found by the event's name: the first mail's own, or the beginning of those that were sent again."""
    begin, end = f"run:{run_id}:", f"run:{run_id};"
    mine = (Message.event == begin[:-1]) | ((Message.event >= begin) & (Message.event < end))
    query = select(Message.id, Message.recipient, Message.state).where(mine, Message.template == "run_report")
    row = db.session.execute(query.order_by(Message.id.desc()).limit(1)).first()
    return ReportMail(*row) if row else None


def unfinished_run(on: date) -> int | None:
    """The billing run of that day that is still under way."""
    return unfinished("billing", on)
