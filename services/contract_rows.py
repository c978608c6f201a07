"""What every deed on a contract begins and ends with: locks and state before it, credits, mark and activity after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.charges import nominal_period
from billing.contracts import ClaimKey, Terms, state_on
from billing.errors import NotFound
from billing.notice import binding, minimum_term_end, ordinary_end
from billing.periods import Period
from billing.states import move
from models import Claim, Customer, Subscription, SubscriptionItem, SubscriptionPause
from services import activities, clock, contract_credits, due_marks, snapshots
from services.actor import SYSTEM, Actor
from services.bookings import notice_rules
from services.customers import find_survivor, lock_survivor

_BY_DAY = {
    ("trial", "active"): "subscription.started", ("active", "paused"): "subscription.pause_begun",
    ("paused", "active"): "subscription.pause_over",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read along with a contract that is only looked at: its terms, the claims that stand on its items, and by
    item the first day after what is billed of it."""

    terms: Terms
    claimed: set[ClaimKey]
    paid: Mapping[int, date]


@dataclass(slots=True)
class Held:
    """A contract in somebody's hands: its rows, read anew and, where it is to be changed, locked."""

    session: Session
    row: Subscription
    customer: Customer
    items: list[SubscriptionItem]
    pauses: list[SubscriptionPause]
    happened: list[str]  # what the days themselves did since somebody looked last: codes of activities
    seen: Seen | None = None  # only where nothing is going to be changed

    @property
    def planned_begun(self) -> frozenset[int]:
        """Ids of the items that a planned change is to begin."""
        return frozenset(self.row.planned["begun"]) if self.row.planned else frozenset()

    @property
    def planned_ended(self) -> frozenset[int]:
        """Ids of the items that a planned change is to end."""
        return frozenset(self.row.planned["ended"]) if self.row.planned else frozenset()

    def set_values(self, values: Mapping[str, Any]) -> None:
        """What the contract says once a change takes effect; days are kept in ISO's form."""
        for name, value in values.items():
            setattr(self.row, name, date.fromisoformat(value) if value and name.endswith("_on") else value)

    def terms(self) -> Terms:
        """The contract as billing sees it now."""
        if self.seen is not None:
            return self.seen.terms
        self.session.flush()
        return snapshots.terms_of(self.session, self.row.id)

    def claims(self) -> set[ClaimKey]:
        """What stands claimed of it."""
        return snapshots.claims_of(self.session, self.row.id) if self.seen is None else self.seen.claimed

    def pause_on(self, day: date) -> SubscriptionPause | None:
        """The pause that `day` lies in."""
        return next((p for p in self.pauses if p.starts_on <= day and (p.ends_on is None or day < p.ends_on)), None)

    def pause_ahead(self) -> SubscriptionPause | None:
        """The pause that runs, or that is planned: there is one at most."""
        today = clock.today()
        return next((p for p in self.pauses if p.ends_on is None or p.ends_on > today), None)

    def plan(self) -> SubscriptionItem:
        """The version of the plan that holds today, else the next one, else the last."""
        today = clock.today()
        standing = [item for item in self.items if item.kind == "plan" and item.id not in self.planned_begun]
        plans = [item for item in standing if item.ends_on != item.starts_on] or standing  # all ended as they began
        held = [item for item in plans if item.ends_on is None or item.ends_on > today]
        return held[0] if held else plans[-1]


def look(session: Session, subscription_id: int) -> Held:
    """The contract for a preview: nothing is locked. Raises NotFound("unknown_subscription")."""
    row = session.get(Subscription, subscription_id, populate_existing=True)
    if row is None:
        raise NotFound("unknown_subscription", field="subscription_id")
    return _held(session, row, find_survivor(session, row.customer_id))


def hold(session: Session, subscription_id: int, action: str = "") -> Held:
    """The contract for a deed: the customer locked first, as a billing run does, then the contract.

    Its state follows its dates before the action is asked for. Raises NotFound, NotAllowed("wrong_state").
    """
    owner = session.scalar(select(Subscription.customer_id).where(Subscription.id == subscription_id))
    if owner is None:
        raise NotFound("unknown_subscription", field="subscription_id")
    customer = lock_survivor(session, owner)
    row = session.get_one(Subscription, subscription_id, with_for_update=True, populate_existing=True)
    held = _held(session, row, customer)
    before = row.status
    set_state(held)
    if row.status != before and (before, row.status) in _BY_DAY:
        held.happened.append(_BY_DAY[before, row.status])
    if action:
        move("subscription", row.status, action)
    return held


def set_state(held: Held) -> None:
    """Let the stored state follow the dates, and a planned change take effect on its day."""
    row, today = held.row, clock.today()
    if row.planned is not None and row.planned_on is not None and row.planned_on <= today:
        held.set_values(row.planned["values"])
        row.planned_on, row.planned = None, None
        held.happened.append("subscription.changed")
    row.status = state_on(row.status, row.ends_on, row.trial_ends_on, held.pause_on(today) is not None, today)


def settle(
    actor: Actor,
    held: Held,
    code: str = "",
    before: str = "",
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    **facts: Any,
) -> None:
    """After a deed: the state, the credit of what is billed and not served, the mark, and the activities."""
    row = held.row
    was = before or row.status
    set_state(held)
    _forget_used_moves(row)
    row.updated_at, row.version = clock.instant(), row.version + 1
    held.session.flush()
    for done in held.happened:
        activities.record(SYSTEM, done, "subscription", row.id, customer_id=row.customer_id)
    told = dict(changes or {}) | ({"status": (was, row.status)} if was != row.status else {})
    if code:
        activities.record(actor, code, "subscription", row.id, customer_id=row.customer_id, changes=told, **facts)
    contract_credits.credit_unserved(actor, held.session, row, held.items)
    due_marks.renew_mark(row.id)


def _forget_used_moves(row: Subscription) -> None:
    """A collection that was brought forward is over with its day: another version of that period is due as usual."""
    today = clock.today().isoformat()
    row.moved = [[start, due] for start, due in row.moved or () if due >= start or due >= today] or None


def period_end(held: Held, day: date) -> date:
    """The end of the period that `day` lies in; before the first period its start. What is billed beyond counts too."""
    terms = held.terms()
    plan = snapshots.item_of(held.plan())
    rhythm = plan.rhythm or terms.rhythm
    end = rhythm.anchor_on if day < rhythm.anchor_on else nominal_period(terms, plan, day).end
    return max(end, paid_until(held) or end)


def paid_until(held: Held) -> date | None:
    """The first day after what is billed of the items that run."""
    today = clock.today()
    planned = held.planned_begun
    running = [item for item in held.items if item.kind != "setup" and (item.ends_on is None or item.ends_on > today)]
    ids = [item.id for item in running if item.id not in planned]
    if held.seen is not None:
        return max((held.seen.paid[id_] for id_ in ids if id_ in held.seen.paid), default=None)
    query = select(Claim.period_end).where(Claim.item_id.in_(ids), Claim.kind == "period", Claim.released_at.is_(None))
    return held.session.scalar(query.order_by(Claim.period_end.desc()).limit(1))


def earliest_end(held: Held, given_on: date) -> date:
    """X-09: the exclusive end of an ordinary cancellation given on that day, as it binds this customer."""
    rules = binding(notice_rules(held.row), held.customer.customer_type == "consumer")
    return ordinary_end(held.row.started_on, max(given_on, held.row.started_on), rules, period_end(held, given_on))


def bound_until(held: Held) -> date:
    """The end of the minimum term, as it binds this customer; a pause does not prolong it."""
    rules = binding(notice_rules(held.row), held.customer.customer_type == "consumer")
    return minimum_term_end(held.row.started_on, rules.minimum)


def nominal_end(terms: Terms, item: SubscriptionItem, period_start: date) -> Period:
    """The full period of a claim."""
    return nominal_period(terms, snapshots.item_of(item), period_start)


def _held(session: Session, row: Subscription, customer: Customer) -> Held:
    items = select(SubscriptionItem).where(SubscriptionItem.subscription_id == row.id).order_by(SubscriptionItem.id)
    pauses = select(SubscriptionPause).where(SubscriptionPause.subscription_id == row.id)
    return Held(
        session, row, customer,
        list(session.scalars(items.execution_options(populate_existing=True))),
        list(session.scalars(pauses.order_by(SubscriptionPause.starts_on))), [],
    )  # fmt: skip
