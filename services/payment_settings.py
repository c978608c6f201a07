"""What the house decided about collecting and giving back: one reader, one writer, defaults in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from billing.collecting import AFTER_GIVING_UP, ON_DECLINE
from billing.errors import Invalid
from extensions import db
from models import Setting
from services import activities
from services.actor import Actor
from services.unit import write

NAME = "payments"
MOST_TRIES, MOST_DAYS, MOST_CENTS = 10, 90, 10**12


@dataclass(frozen=True, slots=True)
class PaymentSettings:
    """`retry_days` count from the first try (soft declines); `action_days` is how long a customer has to confirm.

    `on_declined`: whether an invoice is issued all the same once nobody tries any more (D-2). `after_giving_up`: what
    becomes of the contracts then. `four_eyes_cents`: a refund above it waits for another person; 0 never.
    `prenotice_days`: how long before a debit the customer is told (SEP-2). `always_recurring`: also the first debit
    goes as RCUR (SEP-4). `pass_on_fee`: the bank's fee for a debit that came back is asked of whoever caused it.
    """

    retry_days: tuple[int, ...] = (3, 7, 14)
    action_days: int = 7
    on_declined: str = "no_invoice"
    after_giving_up: str = "keep"
    four_eyes_cents: int = 0
    prenotice_days: int = 14
    always_recurring: bool = True
    pass_on_fee: bool = True


def payment_settings() -> PaymentSettings:
    """As they stand; what nobody decided has its default. One statement."""
    kept: Mapping[str, Any] = db.session.query(Setting.value).filter_by(name=NAME).scalar() or {}
    known = {each.name for each in fields(PaymentSettings)}
    values: dict[str, Any] = {
        name: tuple(value) if name == "retry_days" else value for name, value in kept.items() if name in known
    }
    return PaymentSettings(**values)


def change_payment_settings(actor: Actor, wanted: Mapping[str, Any]) -> PaymentSettings:
    """Change the given ones. Raises Invalid(field)."""
    with write() as session:
        before = payment_settings()
        after = _checked(PaymentSettings(**(asdict(before) | dict(wanted))))
        if after == before:
            return after
        session.merge(Setting(name=NAME, value=asdict(after) | {"retry_days": list(after.retry_days)}, note=""))
        changes = {name: (_told(old), _told(new)) for (name, old), new in
                   zip(asdict(before).items(), asdict(after).values(), strict=True) if old != new}  # fmt: skip
        activities.record(actor, "settings.payments_changed", "company", 1, changes=changes)
        return after


def _checked(wanted: PaymentSettings) -> PaymentSettings:
    days = wanted.retry_days
    if len(days) > MOST_TRIES or any(not 1 <= day <= MOST_DAYS for day in days) or list(days) != sorted(set(days)):
        raise Invalid("retry_days", "not_ascending_days")
    _within("action_days", wanted.action_days, 1, MOST_DAYS)
    _within("prenotice_days", wanted.prenotice_days, 1, 60)
    _within("four_eyes_cents", wanted.four_eyes_cents, 0, MOST_CENTS)
    if wanted.on_declined not in ON_DECLINE:
        raise Invalid("on_declined", "not_a_choice")
    if wanted.after_giving_up not in AFTER_GIVING_UP:
        raise Invalid("after_giving_up", "not_a_choice")
    return wanted


def _within(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise Invalid(field, "out_of_range", least=least, most=most)


def _told(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value
