"""What a contract's page tells of its days: when it can end, what is collected next, pauses, the planned change."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from sqlalchemy.orm import Session

from billing.errors import NotFound
from billing.notice import Notice, binding, last_notice_day
from billing.states import actions
from extensions import db
from models import Subscription, SubscriptionItem, SubscriptionPause
from services import clock, contract_reading, contract_rows
from services import upcoming as ahead_of
from services.bookings import notice_rules
from services.contract_rhythm import Collection as NextCollection
from services.contract_rhythm import next_collection
from services.contract_rows import Held
from services.upcoming import SHOWN, Upcoming

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ContractDays:
    """`earliest_end` is exclusive; `notice_until` the last day on which a notice reaches it, where waiting would cost
    a further term. `actions`: what the state allows (billing.states)."""

    row: Subscription
    rules: Notice
    earliest_end: date | None
    notice_until: date | None
    bound_until: date | None
    collection: NextCollection | None
    pauses: tuple[SubscriptionPause, ...]
    pause_ahead: SubscriptionPause | None
    planned_on: date | None
    planned_kind: str
    planned_items: tuple[SubscriptionItem, ...]
    plan: SubscriptionItem
    served: tuple[SubscriptionItem, ...]
    past: tuple[SubscriptionItem, ...]
    actions: frozenset[str]


@dataclass(frozen=True, slots=True)
class ContractView:
    """A contract with its days and its next invoices."""

    row: Subscription
    days: ContractDays
    upcoming: tuple[Upcoming, ...]


def get_views(subscription_ids: Collection[int], count: int = SHOWN) -> dict[int, ContractView]:
    """Contracts by id with so many invoices to come, in a number of statements that depends neither on how many they
    are nor on how long they have run; what is unknown is left out."""
    if not subscription_ids:
        return {}
    session = cast(Session, db.session())
    found = contract_reading.read(session, subscription_ids)
    ahead = ahead_of.of_contracts(session, found.values(), count)
    return {key: ContractView(held.row, days_of(held), ahead[key]) for key, held in found.items()}


def get_contract_days(subscription_id: int) -> ContractDays:
    """Eight statements, whatever the contract. Raises NotFound."""
    found = contract_reading.read(cast(Session, db.session()), [subscription_id])
    if not found:
        raise NotFound("unknown_subscription", field="subscription_id")
    return days_of(found[subscription_id])


def days_of(held: Held) -> ContractDays:
    """What its rows say of its days."""
    today, row = clock.today(), held.row
    can = frozenset(actions("subscription", row.status))
    rules = binding(notice_rules(row), held.customer.customer_type == "consumer")
    end = contract_rows.earliest_end(held, today) if "cancel" in can and row.ends_on is None else None
    bound = contract_rows.bound_until(held)
    planned: dict[str, Any] = row.planned or {}
    shown = [item for item in held.items if item.ends_on != item.starts_on]
    return ContractDays(
        row, rules, end, _notice_until(end, rules, today), bound if bound > today else None,
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
