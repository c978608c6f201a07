"""What the house decided about its own debits: one reader, one writer, defaults in one place (SEP-2, SEP-4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from billing.debits import PRENOTICE_DAYS
from billing.errors import Invalid
from extensions import db
from models import Setting
from services import activities
from services.actor import Actor
from services.unit import write

NAME = "debits"
MOST_DAYS = 60


@dataclass(frozen=True, slots=True)
class DebitSettings:
    """`prenotice_days`: how long before a debit the customer is told. `always_recurring`: also the first goes as RCUR.
    `pass_on_fee`: the bank's fee for a return is asked of whoever caused it."""

    prenotice_days: int = PRENOTICE_DAYS
    always_recurring: bool = True
    pass_on_fee: bool = True


def debit_settings() -> DebitSettings:
    """As they stand; what nobody decided has its default. One statement."""
    kept: Mapping[str, Any] = db.session.query(Setting.value).filter_by(name=NAME).scalar() or {}
    known = {each.name for each in fields(DebitSettings)}
    return DebitSettings(**{name: value for name, value in kept.items() if name in known})


def change_debit_settings(actor: Actor, wanted: Mapping[str, Any]) -> DebitSettings:
    """Change the given ones. Raises Invalid("prenotice_days")."""
    with write() as session:
        before = debit_settings()
        after = DebitSettings(**(asdict(before) | dict(wanted)))
        if not 1 <= after.prenotice_days <= MOST_DAYS:
            raise Invalid("prenotice_days", "out_of_range", least=1, most=MOST_DAYS)
        changes = {name: (old, asdict(after)[name]) for name, old in asdict(before).items()
                   if old != asdict(after)[name]}  # fmt: skip
        if changes:
            session.merge(Setting(name=NAME, value=asdict(after)))
            activities.record(actor, "settings.debits_changed", "setting", 0, changes=changes)
        return after
