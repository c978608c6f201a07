"""Dunning is facts, rule, consequence: snapshots.case, billing.dunning.due_level, and here what follows (X-12).

dunning_cases      rows -> facts            dunning_steps    facts -> what the reminder asks for
dunning_rows       reminders as rows        dunning_collect  the attempt before it
dunning_stops      contracts off and on     dunning_run      all of a day, by chunks
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from services import dunning_cases, dunning_collect, dunning_rows, dunning_stops
from services.actor import Actor
from services.dunning_steps import Setting, Work, decide


@dataclass(slots=True)
class Done:
    """What was done: receivables examined, [(invoice number, level)] reminded, and how many of what else.

    `why` counts by reason those whose step was due and who were left alone; `failures` are [receivable id, code].
    """

    examined: int = 0
    reminded: list[tuple[str, int]] = field(default_factory=list)
    collected: int = 0
    why: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str]] = field(default_factory=list)

    @property
    def held(self) -> int:
        return sum(self.why.values())

    def add(self, other: Done) -> None:
        self.examined += other.examined
        self.reminded += other.reminded
        self.collected += other.collected
        self.why.update(other.why)
        self.failures += other.failures


def find_work(session: Session, ids: Sequence[int], setting: Setting, on: date, *, lock: bool) -> Work:
    """What is to be done about these receivables; under `lock` it stays true until the transaction ends."""
    return decide(dunning_cases.gather(session, ids, setting.rows, on, lock=lock), setting, on)


def do_work(session: Session, work: Work, actor: Actor, run_id: int | None) -> Done:
    """Write it, inside the open transaction and under its locks."""
    stopped = dunning_stops.switch_off(session, work.remind, actor)
    ids = dunning_rows.write_reminders(session, work.remind, actor, run_id, stopped)
    reminders = {step.facts.row.id: key for step, key in zip(work.remind, ids, strict=True)}
    dunning_stops.note(session, reminders, stopped)
    attempts = dunning_collect.order(session, work.collect, actor)
    held = Counter(decision.reason for _, decision in work.wait if decision.is_held)
    reminded = [(step.facts.row.number, step.level.level) for step in work.remind]
    return Done(0, reminded, len(attempts), held)
