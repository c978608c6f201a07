"""A dunning run as its page shows it: how far it is, whom it reminded, and why it left others alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from extensions import db
from models import DunningChunk, Invoice, Receivable, Reminder, Run, Staff
from queries.lists.conditions import Rows

SHOWN = 100


@dataclass(frozen=True, slots=True)
class ReminderRow:
    """One reminder that was sent; cents of `currency`."""

    id: int
    customer_id: int
    customer: str
    invoice_id: int
    number: str | None
    level: int
    name: str
    open_cents: int
    added_cents: int
    currency: str
    letter_state: str
    letter_file_id: int | None


@dataclass(frozen=True, slots=True)
class DunningRunCard:
    """One run; the counts are of all, the rows from a place on. `more` is where the next ones begin."""

    id: int
    on_date: date
    state: str
    actor: str
    started_at: datetime
    finished_at: datetime | None
    chunks: int
    chunks_done: int
    examined: int
    reminded: int
    collected: int
    held: int
    failed: int
    why: tuple[tuple[str, int], ...]
    levels: tuple[tuple[str, int], ...]
    reminders: tuple[ReminderRow, ...]
    more: int | None

    @property
    def per_cent(self) -> int:
        """How much of the run is done, for the bar."""
        if self.state == "finished":
            return 100
        return self.chunks_done * 100 // self.chunks if self.chunks else 0


def get_dunning_run(run_id: int, after: int = 0) -> DunningRunCard | None:
    """The dunning run, or None; its reminders from the one behind `after` on. Four statements."""
    query = select(Run, Staff.name).outerjoin(Staff, (Run.actor_kind == "staff") & (Staff.id == Run.actor_id))
    found = db.session.execute(query.where(Run.id == run_id, Run.kind == "dunning")).first()
    if found is None:
        return None
    run, staff = found
    names = ("examined", "reminded", "collected", "held", "failed")
    columns = (DunningChunk.state, DunningChunk.why, *(getattr(DunningChunk, name) for name in names))
    chunks = db.session.execute(select(*columns).where(DunningChunk.run_id == run_id)).all()
    why = Counter[str]()
    for chunk in chunks:
        why.update(chunk.why or {})
    reminders = _reminders(run_id, after)
    return DunningRunCard(
        id=run.id, on_date=run.on_date, state="finished" if run.finished_at else "running", actor=staff or "",
        started_at=run.started_at, finished_at=run.finished_at, chunks=len(chunks),
        chunks_done=sum(chunk.state == "done" for chunk in chunks),
        **{name: sum(getattr(chunk, name) for chunk in chunks) for name in names},
        why=tuple(why.most_common()), levels=_levels(run_id), reminders=reminders[:SHOWN],
        more=reminders[SHOWN - 1].id if len(reminders) > SHOWN else None,
    )  # fmt: skip


def unfinished_dunning_run(on: date) -> int | None:
    """The run of that day that is still under way: a second start joins it."""
    query = select(Run.id).where(Run.kind == "dunning", Run.on_date == on, Run.finished_at.is_(None))
    found: int | None = db.session.scalar(query)
    return found


def _levels(run_id: int) -> tuple[tuple[str, int], ...]:
    query = select(func.max(Reminder.name), func.count()).where(Reminder.run_id == run_id)
    rows = db.session.execute(query.group_by(Reminder.level).order_by(Reminder.level))
    return tuple((name, int(count)) for name, count in rows)


def _reminders(run_id: int, after: int) -> tuple[ReminderRow, ...]:
    added = Reminder.fee_cents + Reminder.interest_cents + Reminder.lump_sum_cents
    query: Rows = (
        select(Reminder.id, Reminder.customer_id, Invoice.buyer_name, Invoice.id, Invoice.number, Reminder.level,
               Reminder.name, Reminder.open_cents, added, Reminder.currency_code, Reminder.letter_state,
               Reminder.letter_file_id)
        .join(Receivable, Receivable.id == Reminder.receivable_id)
        .join(Invoice, Invoice.id == Receivable.invoice_id)
        .where(Reminder.run_id == run_id, Reminder.id > after)
        .order_by(Reminder.id)
        .limit(SHOWN + 1)
    )  # fmt: skip
    return tuple(ReminderRow(*row) for row in db.session.execute(query))
