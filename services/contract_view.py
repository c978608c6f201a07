"""What a contract's page tells of its days: when it can end, what is collected next, pauses, the planned change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from billing.contracts import Notice, binding, last_notice_day
from billing.states import actions
from extensions import db
from models import SubscriptionItem, SubscriptionPause
from services import clock, contract_rows
from services.bookings import notice_rules
from services.contract_rhythm import Collection, next_collection

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ContractDays:
    """`earliest_end` is exclusive; `notice_until` the last day on which a notice reaches it, where waiting would cost
    a further term. `actions`: what the state allows (billing.states)."""

    rules: Notice
    earliest_end: date | None
    notice_until: date | None
    bound_until: date | None
    collection: Collection | None
    pauses: tuple[SubscriptionPause, ...]
    pause_ahead: SubscriptionPause | None
    planned_on: date | None
    planned_kind: str
    planned_items: tuple[SubscriptionItem, ...]
    plan: SubscriptionItem
    served: tuple[SubscriptionItem, ...]
    past: tuple[SubscriptionItem, ...]
    actions: frozenset[str]


def get_contract_days(subscription_id: int) -> ContractDays:
    """Nine statements, whatever the contract. Raises NotFound."""
    held = contract_rows.look(db.session(), subscription_id)
    today, row = clock.today(), held.row
    can = frozenset(actions("subscription", row.status))
    rules = binding(notice_rules(row), held.customer.customer_type == "consumer")
    end = contract_rows.earliest_end(held, today) if "cancel" in can and row.ends_on is None else None
    bound = contract_rows.bound_until(held)
    planned: dict[str, Any] = row.planned or {}
    shown = [item for item in held.items if item.ends_on != item.starts_on]
    return ContractDays(
        rules, end, _notice_until(end, rules, today), bound if bound > today else None,
        next_collection(held) if row.status not in ("closed", "deactivated") else None,
        tuple(held.pauses), held.pause_ahead(), row.planned_on, planned.get("kind", ""),
        tuple(item for item in shown if item.id in held.planned_begun), held.plan(),
        tuple(item for item in shown if item.id not in held.planned_begun and (item.ends_on or today + _DAY) > today),
        tuple(item for item in shown if item.ends_on is not None and item.ends_on <= today), can,
    )  # fmt: skip


def _notice_until(end: date | None, rules: Notice, today: date) -> date | None:
    if end is None or (rules.minimum is None and rules.renewal is None):
        return None
    last = last_notice_day(end, rules.notice)
    return last if last > today else None
