"""Dunning as screens show it: what was sent for an invoice or to a customer, a run, and the house's readiness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, cast, func, literal, select
from sqlalchemy import String as Text
from sqlalchemy.orm import aliased

from billing.default import lapses_on
from extensions import db
from models import (
    Customer,
    DunningChunk,
    Instalment,
    InstalmentPlan,
    Invoice,
    Message,
    Receivable,
    Reminder,
    Run,
    Staff,
)
from queries.lists.conditions import Rows
from queries.lists.names import customer_name
from services.unit import end_reading

SHOWN = 100
KIND = "dunning"


@dataclass(frozen=True, slots=True)
class ReminderRow:
    """One reminder; cents are what it added to the claim of `open_cents`. `mail` is the state of its mail, or ''."""

    id: int
    receivable_id: int
    invoice_id: int | None
    number: str
    customer_id: int
    round: int
    level: int
    name: str
    reminded_on: date
    pay_until: date
    open_cents: int
    fee_cents: int
    interest_cents: int
    lump_sum_cents: int
    currency: str
    deactivated: bool
    letter_state: str
    letter_file_id: int | None
    run_id: int | None
    mail: str


@dataclass(frozen=True, slots=True)
class PartRow:
    """One instalment of a plan that stands."""

    due_on: date
    cents: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How an invoice stands in dunning: its level, what holds it, its plan, what was sent, and when it lapses (MAH-8).

    `beside_cents` is what is open of fees, interest and lump sum that hang on it.
    """

    receivable_id: int
    level: int
    reminded_on: date | None
    disputed_on: date | None
    hold_reason: str
    hold_until: date | None
    customer_hold_reason: str
    customer_hold_until: date | None
    plan: tuple[PartRow, ...]
    beside_cents: int
    lapses_on: date
    reminders: tuple[ReminderRow, ...]


@dataclass(frozen=True, slots=True)
class RunCard:
    """One dunning run; `why` counts those that were held, by reason, `failures` are (receivable id, code)."""

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
    why: Mapping[str, int]
    failures: tuple[tuple[int, str], ...]
    rows: tuple[ReminderRow, ...]
    more: bool


def standing(invoice_id: int) -> Standing | None:
    """How one issued invoice stands, or None where it has no receivable. Four statements."""
    end_reading()
    survivor = aliased(Customer)
    query = (
        select(Receivable, survivor.dunning_hold_reason, survivor.dunning_hold_until)
        .join(Customer, Customer.id == Receivable.customer_id)
        .join(survivor, survivor.id == func.coalesce(Customer.survivor_id, Customer.id))
        .where(Receivable.invoice_id == invoice_id)
    )
    found = db.session.execute(query).first()
    if found is None:
        return None
    row, reason, until = found
    beside = select(func.coalesce(func.sum(Receivable.open_cents), 0)).where(Receivable.parent_id == row.id)
    return Standing(
        row.id, row.dunning_level, row.reminded_on, row.disputed_on, row.hold_reason, row.hold_until, reason, until,
        _plan(row.id), int(db.session.scalar(beside) or 0), lapses_on(row.due_on),
        _rows(Reminder.receivable_id == row.id),
    )  # fmt: skip


def of_customer(customer_id: int, most: int = SHOWN) -> tuple[ReminderRow, ...]:
    """What a customer and the records merged into theirs were reminded of, the newest first. One statement."""
    family = select(Customer.id).where(Customer.survivor_id == customer_id)
    return _rows(Reminder.customer_id.in_(family), most=most)


def get_run(run_id: int, page: int = 0) -> RunCard | None:
    """One dunning run with a page of its reminders, or None. Three statements."""
    end_reading()
    query = select(Run, Staff.name).outerjoin(Staff, (Run.actor_kind == "staff") & (Staff.id == Run.actor_id))
    found = db.session.execute(query.where(Run.id == run_id, Run.kind == KIND)).first()
    if found is None:
        return None
    run, staff = found
    chunks = db.session.scalars(select(DunningChunk).where(DunningChunk.run_id == run_id)).all()
    why: Counter[str] = Counter()
    for chunk in chunks:
        why.update(chunk.why)
    rows = _rows(Reminder.run_id == run_id, most=SHOWN + 1, after=page * SHOWN, newest_first=False)
    counts = {name: sum(getattr(chunk, name) for chunk in chunks)
              for name in ("examined", "reminded", "collected", "held", "failed")}  # fmt: skip
    return RunCard(
        id=run.id, on_date=run.on_date, state="finished" if run.finished_at else "running",
        actor=staff or run.actor_name, started_at=run.started_at, finished_at=run.finished_at, chunks=len(chunks),
        chunks_done=sum(chunk.state == "done" for chunk in chunks), **counts, why=dict(sorted(why.items())),
        failures=tuple((int(key), str(code)) for chunk in chunks for key, code in chunk.failures)[:SHOWN],
        rows=rows[:SHOWN], more=len(rows) > SHOWN,
    )  # fmt: skip


def runs() -> Rows:
    """Dunning runs as a list shows them, the newest first."""
    sums = [func.coalesce(func.sum(getattr(DunningChunk, name)), 0).label(name)
            for name in ("examined", "reminded", "collected", "held", "failed")]  # fmt: skip
    query = select(Run.id, Run.on_date, Run.started_at, Run.finished_at, Run.actor_kind, Run.actor_name, *sums)
    query = query.outerjoin(DunningChunk, DunningChunk.run_id == Run.id).where(Run.kind == KIND)
    return query.group_by(Run.id).order_by(Run.id.desc())


def names_of(customer_ids: list[int]) -> dict[int, str]:
    """The customers' names for a preview's rows. One statement."""
    rows = db.session.execute(select(Customer.id, customer_name()).where(Customer.id.in_(customer_ids)))
    return {row[0]: row[1] for row in rows}


def _plan(receivable_id: int) -> tuple[PartRow, ...]:
    query = select(Instalment.due_on, Instalment.amount_cents).join(InstalmentPlan)
    standing = (InstalmentPlan.receivable_id == receivable_id, InstalmentPlan.ended_at.is_(None))
    return tuple(PartRow(*row) for row in db.session.execute(query.where(*standing).order_by(Instalment.due_on)))


def _rows(
    where: ColumnElement[bool], most: int = SHOWN, after: int = 0, *, newest_first: bool = True
) -> tuple[ReminderRow, ...]:
    event = literal("reminder:") + cast(Reminder.id, Text(20))
    mail = select(func.max(Message.state)).where(Message.event == event).scalar_subquery()
    query = (
        select(
            Reminder.id, Reminder.receivable_id, Receivable.invoice_id, func.coalesce(Invoice.number, ""),
            Reminder.customer_id, Reminder.round, Reminder.level, Reminder.name, Reminder.reminded_on,
            Reminder.pay_until, Reminder.open_cents, Reminder.fee_cents, Reminder.interest_cents,
            Reminder.lump_sum_cents, Reminder.currency_code, Reminder.deactivated, Reminder.letter_state,
            Reminder.letter_file_id, Reminder.run_id, func.coalesce(mail, ""),
        )
        .join(Receivable, Receivable.id == Reminder.receivable_id)
        .outerjoin(Invoice, Invoice.id == Receivable.invoice_id)
        .where(where)
        .order_by(Reminder.id.desc() if newest_first else Reminder.id)
        .offset(after)
        .limit(most)
    )  # fmt: skip
    found: Sequence[Any] = db.session.execute(query).all()
    return tuple(ReminderRow(*row) for row in found)
