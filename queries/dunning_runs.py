"""A dunning run as its page shows it: how far it is, whom it reminded, and why it left others alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from extensions import db
from models import DunningChunk, Invoice, Receivable, Reminder
from queries.lists.conditions import Rows
from queries.run_heads import RunHead, head_and_counts, run_of, unfinished

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
class DunningRunCard(RunHead):
    """One run; the counts are of all, the rows from a place on. `more` is where the next ones begin."""

    examined: int
    reminded: int
    collected: int
    held: int
    failed: int
    why: tuple[tuple[str, int], ...]
    levels: tuple[tuple[str, int], ...]
    reminders: tuple[ReminderRow, ...]
    more: int | None


def get_dunning_run(run_id: int, after: int = 0) -> DunningRunCard | None:
    """The dunning run, or None; its reminders from the one behind `after` on. Four statements."""
    found = run_of("dunning", run_id)
    if found is None:
        return None
    names = ("examined", "reminded", "collected", "held", "failed")
    columns = (DunningChunk.state, DunningChunk.why, *(getattr(DunningChunk, name) for name in names))
    chunks = db.session.execute(select(*columns).where(DunningChunk.run_id == run_id)).all()
    why = Counter[str]()
    for chunk in chunks:
        why.update(chunk.why or {})
    reminders = _reminders(run_id, after)
    return DunningRunCard(
        **head_and_counts(*found, chunks, names),
        why=tuple(why.most_common()), levels=_levels(run_id), reminders=reminders[:SHOWN],
        more=reminders[SHOWN - 1].id if len(reminders) > SHOWN else None,
    )  # fmt: skip


def unfinished_dunning_run(on: date) -> int | None:
    """The dunning run of that day that is still under way."""
    return unfinished("dunning", on)


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
