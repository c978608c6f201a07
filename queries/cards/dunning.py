"""Dunning as the pages show it. Of an invoice: level, what was sent, what stands beside it, who stopped it; of a
customer: every reminder that was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import String, case, cast, func, literal, select

from billing.default import lapses_on
from extensions import db
from models import Customer, DunningLevel, Instalment, InstalmentPlan, Invoice, Message, Receivable, Reminder
from queries.family import family_of
from queries.lists.conditions import Rows

MOST_PLANS = 20
SHOWN, MOST = 8, 500  # reminders on a card: the newest, and all that a page holds
_payer = Customer.__table__.alias()
_parent = Receivable.__table__.alias()
_LETTER = case((Reminder.letter_stopped_on.is_not(None), "stopped"), else_=Reminder.letter_state)


@dataclass(frozen=True, slots=True)
class SentRow:
    """A reminder that was sent; cents of the invoice's currency. `letter_state`: none, pending, drawn, failed;
    stopped: paid before it was drawn."""

    id: int
    level: int
    name: str
    reminded_on: date
    pay_until: date
    open_cents: int
    fee_cents: int
    interest_cents: int
    lump_sum_cents: int
    deactivated: bool
    letter_state: str
    letter_file_id: int | None


@dataclass(frozen=True, slots=True)
class ReminderRow:
    """A reminder as its customer's card tells it. `fee_cents` with the lump sum, without interest; `mail_state` is that
    of its mail, empty without one; `letter_state` as of `SentRow`."""

    id: int
    invoice_id: int | None
    invoice_number: str
    reminded_on: date
    level: int
    name: str
    fee_cents: int
    currency: str
    message_id: int | None
    mail_state: str
    letter_state: str


@dataclass(frozen=True, slots=True)
class Reminders:
    """The newest of a customer; `count` is how many there are."""

    rows: tuple[ReminderRow, ...]
    count: int


@dataclass(frozen=True, slots=True)
class DamageRow:
    """A fee, interest or lump sum that hangs on the invoice (MAH-6)."""

    id: int
    kind: str
    cause: str
    due_on: date
    amount_cents: int
    open_cents: int


@dataclass(frozen=True, slots=True)
class PlanRow:
    """An instalment plan with its parts (day, cents); `ended_as`: '', paid, broken, withdrawn."""

    id: int
    note: str
    grace_days: int
    ended_as: str
    started_open_cents: int
    parts: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class InvoiceDunning:
    """What dunning knows of one invoice; `lapses_on` is the last day before it lapses (MAH-8)."""

    receivable_id: int
    invoice_id: int
    customer_id: int
    open_cents: int
    currency: str
    due_on: date
    level: int
    level_name: str
    reminded_on: date | None
    disputed_on: date | None
    hold_reason: str
    hold_until: date | None
    customer_hold_reason: str
    customer_hold_until: date | None
    lapses_on: date
    sent: tuple[SentRow, ...]
    damages: tuple[DamageRow, ...]
    plans: tuple[PlanRow, ...]

    @property
    def plan(self) -> PlanRow | None:
        """The one that stands."""
        return next((each for each in self.plans if not each.ended_as), None)

    def is_held(self, today: date) -> bool:
        return bool(self.hold_reason) and (self.hold_until is None or self.hold_until >= today)

    def is_customer_held(self, today: date) -> bool:
        until = self.customer_hold_until
        return bool(self.customer_hold_reason) and (until is None or until >= today)

    @property
    def damages_open_cents(self) -> int:
        return sum(row.open_cents for row in self.damages)


def invoice_dunning(invoice_id: int) -> InvoiceDunning | None:
    """Of an issued invoice, or None. Four statements."""
    survivor = func.coalesce(Customer.survivor_id, Customer.id)
    holder = select(Customer.id, survivor.label("survivor_id")).subquery()
    query = (
        select(Receivable, DunningLevel.name, _payer.c.id, _payer.c.dunning_hold_reason, _payer.c.dunning_hold_until)
        .join(holder, holder.c.id == Receivable.customer_id)
        .join(_payer, _payer.c.id == holder.c.survivor_id)
        .outerjoin(DunningLevel, DunningLevel.level == Receivable.dunning_level)
        .where(Receivable.invoice_id == invoice_id, Receivable.kind == "invoice")
    )
    found = db.session.execute(query).first()
    if found is None:
        return None
    row, name, payer_id, reason, until = found
    sent = _sent(row.id)
    current = next((each.name for each in reversed(sent) if each.level == row.dunning_level), name or "")
    return InvoiceDunning(
        row.id, invoice_id, payer_id, row.open_cents, row.currency_code, row.due_on, row.dunning_level,
        current if row.dunning_level else "", row.reminded_on, row.disputed_on, row.hold_reason, row.hold_until,
        reason, until, lapses_on(row.due_on), sent, _damages(row.id), _plans(row.id),
    )  # fmt: skip


def reminders_of_customer(customer_id: int, most: int = SHOWN) -> Reminders:
    """Of a customer and the records merged into theirs, the newest first. One statement."""
    query: Rows = (
        select(
            func.count().over(), Reminder.id, Receivable.invoice_id, func.coalesce(Invoice.number, ""),
            Reminder.reminded_on, Reminder.level, Reminder.name, Reminder.fee_cents + Reminder.lump_sum_cents,
            Reminder.currency_code, Message.id, func.coalesce(Message.state, ""), _LETTER,
        )
        .join(Receivable, Receivable.id == Reminder.receivable_id)
        .outerjoin(Invoice, Invoice.id == Receivable.invoice_id)
        .outerjoin(Message, Message.id == _mail_of_reminder())
        .where(Reminder.customer_id.in_(family_of(customer_id)))
    )  # fmt: skip
    found = db.session.execute(query.order_by(Reminder.id.desc()).limit(most)).tuples().all()
    return Reminders(tuple(ReminderRow(*row[1:]) for row in found), int(found[0][0]) if found else 0)


def _mail_of_reminder() -> Any:
    """The id of its mail, by the event that it is unique by (services/dunning_rows.py)."""
    event = literal("reminder:").concat(cast(Reminder.id, String))
    return select(func.max(Message.id)).where(Message.event == event).correlate(Reminder).scalar_subquery()


def damage_of(receivable_id: int) -> tuple[DamageRow, int, str] | None:
    """One fee, interest or lump sum, the invoice that it hangs on, and its currency."""
    query = (
        select(*_DAMAGE, _parent.c.invoice_id, Receivable.currency_code)
        .join(_parent, _parent.c.id == Receivable.parent_id)
        .where(Receivable.id == receivable_id, Receivable.invoice_id.is_(None))
    )
    row = db.session.execute(query).first()
    return None if row is None else (DamageRow(*row[:6]), row[6], row[7])


def invoice_of_reminder(reminder_id: int) -> tuple[int, int, int | None] | None:
    """(invoice, customer, file of the letter) of a reminder."""
    query = select(Receivable.invoice_id, Reminder.customer_id, Reminder.letter_file_id)
    row = db.session.execute(
        query.join(Receivable, Receivable.id == Reminder.receivable_id).where(Reminder.id == reminder_id)
    ).first()
    return None if row is None else (row[0] or 0, row[1], row[2])


_DAMAGE = (
    Receivable.id, Receivable.kind, Receivable.cause, Receivable.due_on, Receivable.amount_cents, Receivable.open_cents,
)  # fmt: skip


def _sent(receivable_id: int) -> tuple[SentRow, ...]:
    query: Rows = select(
        Reminder.id, Reminder.level, Reminder.name, Reminder.reminded_on, Reminder.pay_until, Reminder.open_cents,
        Reminder.fee_cents, Reminder.interest_cents, Reminder.lump_sum_cents, Reminder.deactivated,
        _LETTER, Reminder.letter_file_id,
    ).where(Reminder.receivable_id == receivable_id)  # fmt: skip
    return tuple(SentRow(*row) for row in db.session.execute(query.order_by(Reminder.id)))


def _damages(receivable_id: int) -> tuple[DamageRow, ...]:
    query = select(*_DAMAGE).where(Receivable.parent_id == receivable_id).order_by(Receivable.id)
    return tuple(DamageRow(*row) for row in db.session.execute(query))


def _plans(receivable_id: int) -> tuple[PlanRow, ...]:
    query = (
        select(InstalmentPlan.id, InstalmentPlan.note, InstalmentPlan.grace_days, InstalmentPlan.ended_as,
               InstalmentPlan.started_open_cents, Instalment.due_on, Instalment.amount_cents)
        .join(Instalment, Instalment.plan_id == InstalmentPlan.id)
        .where(InstalmentPlan.receivable_id == receivable_id)
        .order_by(InstalmentPlan.id.desc(), Instalment.due_on)
    )  # fmt: skip
    heads: dict[int, tuple[int, str, int, str, int]] = {}
    parts: dict[int, list[tuple[date, int]]] = {}
    for key, note, grace, ended, started, due_on, cents in db.session.execute(query):
        heads[key] = (key, note, grace, ended, started)
        parts.setdefault(key, []).append((due_on, cents))
    return tuple(PlanRow(*head, parts=tuple(parts[key])) for key, head in heads.items())[:MOST_PLANS]
