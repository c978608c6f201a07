"""The preview of a dunning run row by row: who would be reminded of what, and whom it would leave alone and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from billing.dunning import Decision
from services import dunning_preview
from services.dunning_cases import Facts
from services.dunning_run import warnings_of
from services.dunning_steps import Step, Work

SHOWN = 100  # rows of a kind on one page


@dataclass(frozen=True, slots=True)
class ReminderRow:
    """One reminder to be; cents of `currency`. `total_cents` is the claim and what this reminder adds."""

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
    """Figures of the whole run; rows cut at SHOWN. `more`: where the next page of reminders begins."""

    on: date
    examined: int = 0
    levels: Counter[tuple[int, str]] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    mails: int = 0
    letters: int = 0
    deactivations: int = 0
    collected: int = 0
    why: Counter[str] = field(default_factory=Counter)
    reminders: list[ReminderRow] = field(default_factory=list)
    waiting: list[WaitingRow] = field(default_factory=list)
    more: int | None = None
    warnings: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def reminded(self) -> int:
        return sum(self.levels.values())

    @property
    def held(self) -> int:
        return sum(self.why.values())


def preview(on: date, start: int = 0) -> Preview:
    """What a run of that day would do; the reminders from the `start`th on. Nothing is locked or written.

    It takes the run's own statements, some for each part of 500. Raises NotAllowed("run_too_far").
    """
    found = Preview(on, warnings=warnings_of(on))
    for examined, work in dunning_preview.works(on):
        found.examined += examined
        _add(found, work, start)
    if found.reminded > start + SHOWN:
        found.more = start + SHOWN
    return found


def _add(found: Preview, work: Work, start: int) -> None:
    for step in work.remind:
        if start <= found.reminded < start + SHOWN:
            found.reminders.append(_reminder(step))
        _count(found, step)
    for facts, level in work.collect:
        found.collected += 1
        _keep(found, _waiting(facts, "collect", level.name, None))
    for facts, decision in work.wait:
        if decision.is_held:
            found.why[decision.reason] += 1
            _keep(found, _waiting(facts, decision.reason, _reason(facts, decision), decision.on))


def _count(found: Preview, step: Step) -> None:
    row = step.facts.row
    found.levels[step.level.level, step.level.name] += 1
    found.asked[row.currency_code] += step.asked_cents
    found.added[row.currency_code] += step.asked_cents - row.open_cents
    found.mails += step.by_mail
    found.letters += step.by_letter
    found.deactivations += step.level.deactivate_after


def _keep(found: Preview, row: WaitingRow) -> None:
    if len(found.waiting) < SHOWN:
        found.waiting.append(row)


def _reminder(step: Step) -> ReminderRow:
    row = step.facts.row
    return ReminderRow(
        row.survivor_id, name_of(row.buyer), row.invoice_id, row.number, row.due_on, step.level.level, step.level.name,
        row.open_cents, step.fee_cents, step.lump_sum_cents, step.interest_cents, step.asked_cents, row.currency_code,
        step.by_mail, step.by_letter, bool(step.missing), step.level.deactivate_after,
    )  # fmt: skip


def _waiting(facts: Facts, code: str, reason: str, until: date | None) -> WaitingRow:
    row = facts.row
    return WaitingRow(row.survivor_id, name_of(row.buyer), row.invoice_id, row.number, row.due_on, row.open_cents,
                      row.currency_code, code, reason, until)  # fmt: skip


def _reason(facts: Facts, decision: Decision) -> str:
    """What somebody wrote when they stopped the reminders."""
    return (facts.row.hold_reason or facts.row.dunning_hold_reason) if decision.reason == "on_hold" else ""


def name_of(buyer: Mapping[str, Any]) -> str:
    """The frozen recipient as people call them."""
    person = " ".join(filter(None, (buyer.get("first_name"), buyer.get("last_name"))))
    return str(buyer.get("organization") or person)
