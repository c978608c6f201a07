"""Reminders as rows: written for a whole chunk at once, in a number of statements that does not grow with them.

A reminder, what it adds (receivables of their own with their entries, MAH-6), the level on the receivable, the
activity, and the order for its mail. The caller holds the write door and the locks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from billing.default import damage_legs
from extensions import queues
from models import Activity, ActivityDetail, JournalEntry, Message, Posting, Receivable, Reminder
from services import activities, clock, company, text_sets
from services.actor import Actor
from services.bulk import Bulk, draw_keys
from services.dunning_steps import Step
from services.issue_rows import ACTIVITY_COLUMNS, DETAIL_COLUMNS, MESSAGE_COLUMNS
from services.ledger import ENTRY_COLUMNS, POSTING_COLUMNS
from services.text_catalogue import reader_of
from services.unit import after_commit

TEMPLATE = "reminder"
RINGS = 50
_REMINDER = (
    "id", "customer_id", "receivable_id", "round", "level", "name", "run_id", "reminded_on", "pay_until", "open_cents",
    "currency_code", "fee_cents", "interest_cents", "interest_until", "lump_sum_cents", "deactivated", "letter_state",
    "letter_attempts", "text_set_id", "letterhead_id", "created_at",
)  # fmt: skip
_RECEIVABLE = (
    "id", "kind", "customer_id", "subscription_id", "currency_code", "amount_cents", "open_cents", "due_on",
    "parent_id", "cause", "dunning_level", "hold_reason", "created_at",
)  # fmt: skip

Keys = Mapping[str, Iterator[int]]


@dataclass(frozen=True, slots=True)
class Frame:
    """What all reminders of one chunk share. `now` is the house's time, `real` the world's, for what waits."""

    actor: Actor
    run_id: int | None
    now: datetime
    real: datetime
    letterhead_id: int
    text_set_ids: Mapping[str, int]


def write_reminders(
    session: Session, steps: Sequence[Step], actor: Actor, run_id: int | None, stopped: Mapping[int, Sequence[int]]
) -> list[int]:
    """Write the steps; gives the reminders' ids in their order. `stopped`: contracts that were switched off for a
    receivable, by its id."""
    if not steps:
        return []
    frame = Frame(actor, run_id, clock.instant(), clock.real(), company.freeze_letterhead(), text_sets.freeze())
    keys = _draw(session, steps)
    ids = [next(keys["reminders"]) for _ in steps]
    _write_reminders(session, list(zip(ids, steps, strict=True)), frame, stopped)
    _write_damages(session, steps, frame, keys)
    _note_levels(session, steps)
    _write_activities(session, steps, frame, keys)
    _order_mails(session, list(zip(ids, steps, strict=True)), frame, keys)
    return ids


def damages(step: Step) -> list[tuple[str, int]]:
    """What the reminder adds, by the kind of its receivable."""
    parts = (("fee", step.fee_cents), ("interest", step.interest_cents), ("lump_sum", step.lump_sum_cents))
    return [(kind, cents) for kind, cents in parts if cents]


def _draw(session: Session, steps: Sequence[Step]) -> Keys:
    added = sum(len(damages(step)) for step in steps)
    counts = {
        "reminders": len(steps), "receivables": added, "journal_entries": added, "postings": 2 * added,
        "activities": len(steps), "messages": sum(step.by_mail for step in steps),
    }  # fmt: skip
    return {table: iter(keys) for table, keys in draw_keys(session.connection(), counts).items()}


def _write_reminders(
    session: Session, numbered: Sequence[tuple[int, Step]], frame: Frame, stopped: Mapping[int, Sequence[int]]
) -> None:
    rows = Bulk(Reminder, _REMINDER)
    for key, step in numbered:
        row, text_set = step.facts.row, frame.text_set_ids[reader_of(step.facts.row.language_code)]
        rows.add((
            key, row.customer_id, row.id, row.dunning_round, step.level.level, step.level.name, frame.run_id, step.on,
            step.pay_until, row.open_cents, row.currency_code, step.fee_cents, step.interest_cents,
            step.on if step.interest_cents else None, step.lump_sum_cents, bool(stopped.get(row.id)),
            "pending" if step.by_letter else "none", 0, text_set, frame.letterhead_id, frame.now,
        ))  # fmt: skip
    rows.insert(session.connection())


def _write_damages(session: Session, steps: Sequence[Step], frame: Frame, keys: Keys) -> None:
    """Postings before their entries: an entry that stands takes no more of them."""
    receivables, postings = Bulk(Receivable, _RECEIVABLE), Bulk(Posting, POSTING_COLUMNS)
    entries = Bulk(JournalEntry, ENTRY_COLUMNS)
    for step in steps:
        row = step.facts.row
        for kind, cents in damages(step):
            key, entry = next(keys["receivables"]), next(keys["journal_entries"])
            receivables.add((key, kind, row.customer_id, row.subscription_id, row.currency_code, cents, cents,
                             step.pay_until, row.id, "reminder", 0, "", frame.now))  # fmt: skip
            entries.add((entry, kind, step.on, row.customer_id, None, row.currency_code, frame.now))
            for account, amount, whose in damage_legs(kind, cents, key):
                postings.add((next(keys["postings"]), entry, account, row.customer_id, whose, amount,
                              row.currency_code))  # fmt: skip
    for bulk in (receivables, postings, entries):
        bulk.insert(session.connection())


def _note_levels(session: Session, steps: Sequence[Step]) -> None:
    """The level on the receivable: one statement a level, and there are few."""
    reached: defaultdict[tuple[int, Any], list[int]] = defaultdict(list)
    for step in steps:
        reached[step.level.level, step.on].append(step.facts.row.id)
    for (level, on), ids in reached.items():
        values = {"dunning_level": level, "reminded_on": on}
        session.execute(update(Receivable).where(Receivable.id.in_(ids)).values(**values),
                        execution_options={"synchronize_session": False})  # fmt: skip


def _write_activities(session: Session, steps: Sequence[Step], frame: Frame, keys: Keys) -> None:
    rows, details = Bulk(Activity, ACTIVITY_COLUMNS), Bulk(ActivityDetail, DETAIL_COLUMNS)
    for step in steps:
        row, key = step.facts.row, next(keys["activities"])
        salt, text, digest = activities.seal_details({
            "actor": frame.actor.name, "number": row.number, "level": step.level.level, "level_name": step.level.name,
            "open_cents": row.open_cents, "currency": row.currency_code, "pay_until": step.pay_until.isoformat(),
            **{f"{kind}_cents": cents for kind, cents in damages(step)},
        })  # fmt: skip
        rows.add((key, frame.now, frame.actor.kind, frame.actor.id, "invoice.reminded", row.customer_id, "invoice",
                  row.invoice_id, digest))  # fmt: skip
        details.add((key, salt, text))
    for bulk in (rows, details):
        bulk.insert(session.connection())


def _order_mails(session: Session, numbered: Sequence[tuple[int, Step]], frame: Frame, keys: Keys) -> None:
    """One mail a reminder, by its own event: whatever runs twice, it goes out once (EB-23, L9)."""
    rows = Bulk(Message, MESSAGE_COLUMNS)
    for reminder_id, step in numbered:
        if step.by_mail:
            row = step.facts.row
            rows.add((
                next(keys["messages"]), f"reminder:{reminder_id}", TEMPLATE, row.language_code, step.facts.mail_to,
                row.email_cc, row.survivor_id, row.invoice_id, {"reminder_id": reminder_id}, "pending", 0, frame.real,
                "", "", [], "", frame.now,
            ))  # fmt: skip
    ids = [row[0] for row in rows.rows[:RINGS]]
    rows.insert(session.connection())
    after_commit(partial(_ring, ids))


def _ring(message_ids: Sequence[int]) -> None:
    """Doorbells for the first few; the sweeper rings for the rest."""
    queues.ring_many("money", "jobs.messages.send", message_ids)
