"""A customer's status: what a change of it will touch, and how it came about (P-13, P-15, D-12)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from billing.states import actions
from extensions import db
from models import Activity, ActivityDetail, Customer, CustomerLogin, Receivable, Staff, Subscription
from models.activities import STATUS
from queries.family import family_of
from queries.lists.owing import OPEN

STATUS_OF = {"customer.activated": "active", "customer.blocked": "blocked", "customer.deactivated": "deactivated"}
FIRST = "active"  # as every record begins
RUNNING = ("trial", "active", "paused", "cancelled")


@dataclass(frozen=True, slots=True)
class Touched:
    """What stands with the customers: contracts that run, the day a run will next look at them, what is open by
    currency, in cents, and logins to the portal."""

    customers: int
    contracts: int
    next_on: date | None
    open: tuple[tuple[str, int], ...]
    logins: int = 0


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One change. `actor` is empty where the name was erased with the record; `number` is that of the record on which
    it was done, where it was merged into this one since."""

    at: datetime
    old: str
    new: str
    actor_kind: str
    actor: str
    reason: str
    number: str


def get_touched(customer_ids: Sequence[int]) -> Touched:
    """Three statements, however many customers."""
    family = select(Customer.id).where(Customer.survivor_id.in_(customer_ids))
    running = select(func.count(), func.min(Subscription.next_billing_on)).where(
        Subscription.customer_id.in_(family), Subscription.status.in_(RUNNING)
    )
    contracts, next_on = db.session.execute(running).one()
    owed = select(Receivable.currency_code, func.sum(Receivable.open_cents)).where(
        Receivable.customer_id.in_(family), OPEN, Receivable.open_cents > 0
    )
    rows = db.session.execute(owed.group_by(Receivable.currency_code).order_by(Receivable.currency_code))
    sums = tuple((currency, int(cents)) for currency, cents in rows)
    logins = select(func.count()).select_from(CustomerLogin).where(CustomerLogin.customer_id.in_(family))
    return Touched(len(customer_ids), contracts, next_on, sums, db.session.scalar(logins) or 0)


def movable(action: str, customer_ids: Sequence[int]) -> list[int]:
    """Those whose status allows this and who were not deleted. One statement."""
    query = select(Customer.id, Customer.status).where(Customer.id.in_(customer_ids), Customer.erased_at.is_(None))
    return [number for number, status in db.session.execute(query) if action in actions("customer", status)]


def get_status_history(customer_id: int) -> tuple[StatusChange, ...]:
    """Every change of the status, the newest first. One statement.

    Read from the activities, which nobody can change or take away: after an erasure they still say when, who and what,
    while the reason, which may tell of a person, goes with their details (D-5, DSG-5).
    """
    query = (
        select(Activity, ActivityDetail.details, Staff.name, Customer.number)
        .outerjoin(ActivityDetail, ActivityDetail.activity_id == Activity.id)
        .outerjoin(Staff, (Staff.id == Activity.actor_id) & (Activity.actor_kind == "staff"))
        .outerjoin(Customer, (Customer.id == Activity.customer_id) & (Customer.id != customer_id))
        .where(Activity.customer_id.in_(family_of(customer_id)), STATUS)
        .order_by(Activity.id)
    )
    found, stood = list[StatusChange](), dict[int | None, str]()
    for row, details, staff, number in db.session.execute(query):
        told: dict[str, Any] = json.loads(details) if details else {}
        old, new = stood.get(row.customer_id, FIRST), STATUS_OF[row.code]
        stood[row.customer_id] = new
        actor = told.get("actor") or staff or ""
        found.append(StatusChange(row.at, old, new, row.actor_kind, actor, told.get("reason", ""), number or ""))
    return tuple(reversed(found))
