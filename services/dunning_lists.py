"""The preview of a dunning run: its figures, and page by page who would be reminded of what and whom it leaves alone.

The figures are counted by the database (services/dunning_due.py); what stands in a row is the run's own rule over the
facts. Both take a number of statements that does not depend on how many are overdue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from billing.dunning import Decision
from extensions import db
from models import Receivable
from services.billing_gate import refuse_far
from services.dunning import find_work
from services.dunning_cases import Facts
from services.dunning_due import COLLECT, OVERDUE, Group, due_groups, due_rows
from services.dunning_run import warnings_of
from services.dunning_steps import Setting, Step, Work, read_setting
from services.hanging import hanging_on
from services.unit import end_reading

SHOWN = 100  # rows of a kind on one page


@dataclass(frozen=True, slots=True)
class ReminderRow:
    """One reminder to be; cents of `currency`. `total_cents` is what its letter asks for: the claim, what this reminder
    adds, and `before_cents` of earlier fees and interest that are still open."""

    customer_id: int
    customer: str
    invoice_id: int
    number: str
    due_on: date
    level: int
    name: str
    open_cents: int
    fee_cents: int
    lump_sum_cents: int
    interest_cents: int
    before_cents: int
    total_cents: int
    currency: str
    by_mail: bool
    by_letter: bool
    missing_rate: bool
    deactivates: bool


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One whose step would be due. `code`: why not, or "collect": it is tried to collect first. `until` if known."""

    customer_id: int
    customer: str
    invoice_id: int
    number: str
    due_on: date
    open_cents: int
    currency: str
    code: str
    reason: str
    until: date | None


@dataclass(slots=True)
class Preview:
    """Figures of the whole run, and a page of each kind of rows. `more` and `more_waiting`: where the next one begins.

    `asked` is what is open of the invoices; `added` are fees, interest and lump sums in all, known where one page holds
    every reminder.
    """

    on: date
    examined: int = 0
    levels: Counter[tuple[int, str]] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    added: Counter[str] | None = None
    mails: int = 0
    letters: int = 0
    deactivations: int = 0
    collected: int = 0
    why: Counter[str] = field(default_factory=Counter)
    reminders: list[ReminderRow] = field(default_factory=list)
    waiting: list[WaitingRow] = field(default_factory=list)
    more: str = ""
    more_waiting: str = ""
    warnings: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def reminded(self) -> int:
        return sum(self.levels.values())

    @property
    def held(self) -> int:
        return sum(self.why.values())


def preview(on: date, after: str = "", waiting_after: str = "") -> Preview:
    """What a run of that day would do; the rows from behind these places on. Nothing is locked or written.

    Raises NotAllowed("run_too_far").
    """
    refuse_far(on)
    end_reading()
    setting = read_setting()
    found = Preview(on, _examined(on), warnings=warnings_of(on))
    for group in due_groups(setting, on):
        _count(found, group)
    if found.reminded:
        work, found.more = _page(setting, on, after, wants_reminders=True)
        found.reminders = _reminders(work.remind)
        if not after and not found.more:
            found.added = _added(found.reminders)
    if found.held or found.collected:
        work, found.more_waiting = _page(setting, on, waiting_after, wants_reminders=False)
        found.waiting = _all_waiting(work, on)
    return found


def _examined(on: date) -> int:
    """Open, overdue invoices: what a run looks at."""
    query = select(func.count()).select_from(Receivable).where(*OVERDUE, Receivable.due_on < on)
    return db.session.scalar(query) or 0


def _count(found: Preview, group: Group) -> None:
    if group.reason == COLLECT:
        found.collected += group.count
    elif group.reason:
        found.why[group.reason] += group.count
    else:
        level, by_mail = group.level, group.level.by_mail and group.has_mail
        found.levels[level.level, level.name] += group.count
        found.asked[group.currency] += group.open_cents
        found.mails += group.count if by_mail else 0
        found.letters += group.count if level.letter == "always" or not by_mail else 0
        found.deactivations += group.count if level.deactivate_after else 0


def _page(setting: Setting, on: date, after: str, *, wants_reminders: bool) -> tuple[Work, str]:
    """The rule asked of a page of those who would, or would not, be reminded; and where the next page begins."""
    found = due_rows(setting, on, Receivable.id, Receivable.due_on, Receivable.customer_id).subquery()
    place = (found.c.due_on, found.c.customer_id, found.c.id)
    query = select(*place).where(_kind(found.c.reason, wants_reminders), *_behind(place, after))
    rows = db.session.execute(query.order_by(*place).limit(SHOWN + 1)).all()
    page = rows[:SHOWN]
    work = find_work(cast(Session, db.session()), [row.id for row in page], setting, on, lock=False)
    last = f"{page[-1].due_on.isoformat()}_{page[-1].customer_id}_{page[-1].id}" if len(rows) > SHOWN else ""
    return work, last


def _kind(reason: Any, wants_reminders: bool) -> ColumnElement[bool]:
    return cast(ColumnElement[bool], reason == "" if wants_reminders else reason != "")


def _behind(place: Sequence[Any], after: str) -> list[ColumnElement[bool]]:
    """Beyond the row that a page ended with; an address that somebody wrote by hand begins at the start."""
    try:
        day, customer_id, key = after.split("_")
        return [tuple_(*place) > tuple_(date.fromisoformat(day), _id(customer_id), _id(key))]
    except ValueError:
        return []


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError("no id")
    return int(text)


def _added(rows: Sequence[ReminderRow]) -> Counter[str]:
    added = Counter[str]()
    for row in rows:
        added[row.currency] += row.total_cents - row.open_cents - row.before_cents
    return added


def _all_waiting(work: Work, on: date) -> list[WaitingRow]:
    """In the order of the run; the rule gives them by kind."""
    rows = [_waiting(facts, COLLECT, level.name, None) for facts, level in work.collect]
    rows += [
        _waiting(facts, decision.reason, _reason(facts, decision, on), decision.on)
        for facts, decision in work.wait if decision.is_held
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row.due_on, row.customer_id, row.invoice_id))


def _reminders(steps: Sequence[Step]) -> list[ReminderRow]:
    hanging = hanging_on(cast(Session, db.session()), [step.facts.row.id for step in steps])
    return [_reminder(step, sum(cents for _, cents in hanging.get(step.facts.row.id, ()))) for step in steps]


def _reminder(step: Step, before_cents: int) -> ReminderRow:
    row = step.facts.row
    return ReminderRow(
        row.survivor_id, name_of(row.buyer), row.invoice_id, row.number, row.due_on, step.level.level, step.level.name,
        row.open_cents, step.fee_cents, step.lump_sum_cents, step.interest_cents, before_cents,
        step.asked_cents + before_cents, row.currency_code,
        step.by_mail, step.by_letter, bool(step.missing), step.level.deactivate_after,
    )  # fmt: skip


def _waiting(facts: Facts, code: str, reason: str, until: date | None) -> WaitingRow:
    row = facts.row
    return WaitingRow(row.survivor_id, name_of(row.buyer), row.invoice_id, row.number, row.due_on, row.open_cents,
                      row.currency_code, code, reason, until)  # fmt: skip


def _reason(facts: Facts, decision: Decision, on: date) -> str:
    """What somebody wrote when they stopped the reminders: of the hold that stands on that day."""
    standing = (hold.reason for hold in facts.case.holds if hold.stands(on))
    return next(standing, "") if decision.reason == "on_hold" else ""


def name_of(buyer: Mapping[str, Any]) -> str:
    """The frozen recipient as people call them."""
    person = " ".join(filter(None, (buyer.get("first_name"), buyer.get("last_name"))))
    return str(buyer.get("organization") or person)
