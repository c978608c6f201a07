"""What other tables say about receivables that are to be dunned: each read once for all of them, by receivable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, cast, exists, func, literal, or_, select
from sqlalchemy import String as Text
from sqlalchemy.orm import Session

from billing.instalments import Instalment as Part
from billing.instalments import is_kept
from billing.interest import Owed, Span
from models import (
    Debit,
    Instalment,
    InstalmentPlan,
    JournalEntry,
    Message,
    Payment,
    PaymentAttempt,
    Posting,
    Receivable,
    Reminder,
    TextSet,
)
from services import clock

BY_POST = timedelta(days=3)  # until a letter has arrived
EVENT = literal("reminder:").concat(cast(Reminder.id, Text))  # of the mail about a reminder (services/dunning_rows.py)
IN_FLIGHT = ("planned", "in_file", "submitted")


@dataclass(frozen=True, slots=True)
class Sent:
    """A reminder that was sent; `arrived_on`: a mail on the day on which it left, a letter after three days; None for
    what has not left, or was stopped because it was paid meanwhile. `is_mail`: by mail alone."""

    round: int
    reminded_on: date
    arrived_on: date | None
    fee_cents: int
    is_mail: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """An instalment plan that stands."""

    started_open_cents: int
    grace_days: int
    parts: tuple[Part, ...]

    def is_kept(self, open_cents: int, today: date) -> bool:
        return is_kept(self.parts, self.started_open_cents - open_cents, today, self.grace_days)


def plans(session: Session, ids: Sequence[int]) -> dict[int, Plan]:
    query = select(InstalmentPlan.receivable_id, InstalmentPlan.started_open_cents, InstalmentPlan.grace_days,
                   Instalment.due_on, Instalment.amount_cents)  # fmt: skip
    query = query.join(Instalment, Instalment.plan_id == InstalmentPlan.id).order_by(Instalment.due_on)
    found: dict[int, list[Any]] = defaultdict(list)
    standing = (InstalmentPlan.receivable_id.in_(ids), InstalmentPlan.ended_at.is_(None))
    for row in session.execute(query.where(*standing)):
        found[row.receivable_id].append(row)
    return {key: _plan(rows) for key, rows in found.items()}


def in_instalments(session: Session, receivable: Any, on: date) -> ColumnElement[bool]:
    """As a condition on a column of receivables' ids: a plan stands, and is none of those that are not kept. Of them
    the run's start makes an end. Two statements are asked for it."""
    standing = select(InstalmentPlan.receivable_id).where(InstalmentPlan.ended_at.is_(None))
    query = select(Receivable.id, Receivable.open_cents).where(Receivable.id.in_(standing))
    open_cents = dict(session.execute(query).tuples().all())
    kept = plans(session, list(open_cents))
    broken = [key for key, plan in kept.items() if not plan.is_kept(open_cents[key], on)]
    return and_(receivable.in_(standing), receivable.not_in(broken))


def respites(session: Session, ids: Sequence[int], today: date) -> dict[int, tuple[Span, ...]]:
    """Days in which a plan stood: it deferred the debt, so they bear no interest, also where it was broken later."""
    if not ids:
        return {}
    query = select(InstalmentPlan.receivable_id, InstalmentPlan.created_at, InstalmentPlan.ended_at)
    found: defaultdict[int, list[Span]] = defaultdict(list)
    for key, since, ended in session.execute(query.where(InstalmentPlan.receivable_id.in_(ids))).tuples():
        start = clock.berlin(since).date()
        found[key].append((start, max(start, clock.berlin(ended).date() if ended else today)))
    return {key: tuple(spans) for key, spans in found.items()}


def in_flight(session: Session, ids: Sequence[int]) -> frozenset[int]:
    """Those for which a direct debit is announced or handed in."""
    query = select(Debit.receivable_id).where(Debit.receivable_id.in_(ids), Debit.state.in_(IN_FLIGHT))
    return frozenset(session.scalars(query))


def attempts(session: Session, invoices: Sequence[int]) -> dict[int, dict[str, str]]:
    """By invoice: the state of each attempt by its key."""
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    query = select(PaymentAttempt.invoice_id, PaymentAttempt.key, PaymentAttempt.state)
    for invoice_id, key, state in session.execute(query.where(PaymentAttempt.invoice_id.in_(invoices))):
        found[invoice_id][key] = state
    return found


def reminders(session: Session, ids: Sequence[int]) -> dict[int, list[Sent]]:
    """What was sent, in order."""
    query = select(Reminder.receivable_id, Reminder.round, Reminder.reminded_on, Reminder.fee_cents,
                   Reminder.letter_state, Reminder.letter_stopped_on, Message.id.label("mail_id"),
                   Message.sent_at)  # fmt: skip
    query = query.outerjoin(Message, Message.event == EVENT)
    found: defaultdict[int, list[Sent]] = defaultdict(list)
    for row in session.execute(query.where(Reminder.receivable_id.in_(ids)).order_by(Reminder.id)):
        found[row.receivable_id].append(Sent(row.round, row.reminded_on, _arrived(row), row.fee_cents,
                                            _is_mail(row)))  # fmt: skip
    return found


def waits_for_mail(receivable: type[Receivable], before: date) -> ColumnElement[bool]:
    """As a condition: the last reminder went by mail alone, and that has not left, or later than on that day."""
    morning = datetime.combine(before + timedelta(1), time(), clock.BERLIN)
    mine = (Reminder.receivable_id == receivable.id, Reminder.round == receivable.dunning_round,
            Reminder.level == receivable.dunning_level, Reminder.letter_state == "none")  # fmt: skip
    late = or_(Message.sent_at.is_(None), Message.sent_at >= morning)
    return exists().where(*mine, Message.event == EVENT, late).correlate(receivable)


def charged(session: Session, ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """Cents that reminders asked for beside the claim, by (receivable, kind: fee, interest, lump_sum)."""
    query = select(Receivable.parent_id, Receivable.kind, func.sum(Receivable.amount_cents))
    query = query.where(Receivable.parent_id.in_(ids), Receivable.cause == "reminder")
    rows = session.execute(query.group_by(Receivable.parent_id, Receivable.kind))
    return {(parent, kind): int(cents) for parent, kind, cents in rows if parent is not None}


def mailed(session: Session, invoices: Sequence[int]) -> dict[int, date | None]:
    """By invoice that was to be mailed: the day in Berlin on which it went out, or None while it has not."""
    query = select(Message.invoice_id, func.min(Message.sent_at)).where(
        Message.invoice_id.in_(invoices), Message.template == "invoice"
    )
    rows = session.execute(query.group_by(Message.invoice_id))
    return {key: clock.berlin(sent_at).date() if sent_at else None for key, sent_at in rows if key is not None}


def notices(session: Session, sets: Iterable[int]) -> dict[int, bool]:
    """By set of sentences: whether the invoice tells a consumer of the 30 days (section 286 (3) BGB)."""
    wanted = list(sets)
    if not wanted:
        return {}
    rows = session.execute(select(TextSet.id, TextSet.data).where(TextSet.id.in_(wanted)))
    return {set_id: bool(str(data.get("consumer_notice", "")).strip()) for set_id, data in rows}


def owed(session: Session, ids: Sequence[int]) -> dict[int, tuple[Owed, ...]]:
    """From which day on how much was owed: by the day on which money came, not the one on which it was booked."""
    if not ids:
        return {}
    day = func.coalesce(Payment.received_on, JournalEntry.booked_on).label("day")
    query = (
        select(Posting.receivable_id, day, func.sum(Posting.amount_cents).label("cents"))
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .outerjoin(Payment, Payment.entry_id == JournalEntry.id)
        .where(Posting.receivable_id.in_(ids))
        .group_by(Posting.receivable_id, day)
        .order_by(Posting.receivable_id, day)
    )
    steps: defaultdict[Any, list[Owed]] = defaultdict(list)
    for key, on, cents in session.execute(query).tuples():
        before = steps[key][-1][1] if steps[key] else 0
        steps[key].append((_day(on), before + int(cents)))
    return {key: tuple(each) for key, each in steps.items()}


def _arrived(row: Any) -> date | None:
    if row.letter_stopped_on is not None:
        return None
    on: date = row.reminded_on
    if row.letter_state != "none":
        return on + BY_POST
    if not _is_mail(row):  # its mail is kept no longer
        return on
    return None if row.sent_at is None else max(on, clock.berlin(row.sent_at).date())


def _is_mail(row: Any) -> bool:
    return row.letter_state == "none" and row.mail_id is not None


def _plan(rows: Sequence[Any]) -> Plan:
    first = rows[0]
    parts = tuple(Part(row.due_on, row.amount_cents) for row in rows)
    return Plan(first.started_open_cents, first.grace_days, parts)


def _day(value: Any) -> date:
    """SQLite tells the day of a coalesce as text."""
    return value if isinstance(value, date) else date.fromisoformat(str(value))
