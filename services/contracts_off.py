"""Many contracts switched off at once, as a level of dunning does: the deed of `contract_switch.deactivate` in as many
statements for many as for one (EB-65).

A contract with which the days themselves have something to do first goes the single way: one whose stored state is
behind its dates, whose planned change or end has come, or whose collection was moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from billing.contracts import state_on
from billing.errors import NotAllowed
from billing.states import move
from billing.unseen import as_read
from models import Customer, Subscription, SubscriptionPause
from services import clock, contract_switch, due_marks
from services.activity_rows import Told, record_all
from services.actor import Actor

_DONE: Any = {"synchronize_session": False}


def deactivate_all(actor: Actor, session: Session, reasons: Mapping[int, str]) -> set[int]:
    """Switch off these contracts, each for its reason; gives those that are off now. One that is closed, or whose
    customer was deleted, is left alone. The caller holds the customers' locks."""
    if not reasons:
        return set()
    rows = _locked(session, reasons)
    plain = [row for row in rows if _is_plain(row)]
    _switch(actor, session, plain, reasons)
    done = {row.id for row in rows if row.status == "deactivated"} | {row.id for row in plain}
    return done | {row.id for row in rows if row.id not in done and _one(actor, row.id, reasons[row.id])}


def _locked(session: Session, ids: Mapping[int, str]) -> Sequence[Any]:
    today, pause = clock.today(), SubscriptionPause
    goes_on = or_(pause.ends_on.is_(None), pause.ends_on > today)
    is_paused = exists().where(pause.subscription_id == Subscription.id, pause.starts_on <= today, goes_on)
    query = (
        select(Subscription.id, Subscription.customer_id, Subscription.status, Subscription.ends_on,
               Subscription.trial_ends_on, Subscription.planned_on, Subscription.moved, is_paused.label("is_paused"))
        .join(Customer, Customer.id == Subscription.customer_id)
        .where(Subscription.id.in_(ids), Customer.erased_at.is_(None))
        .order_by(Subscription.id)
    )  # fmt: skip
    return session.execute(query.with_for_update(of=Subscription)).all()


def _is_plain(row: Any) -> bool:
    """Nothing but the state changes."""
    today = clock.today()
    has_come = [day for day in (row.ends_on, row.planned_on) if day is not None and day <= today]
    if has_come or row.moved or row.status in ("closed", "deactivated"):
        return False
    return bool(row.status == state_on(row.status, row.ends_on, row.trial_ends_on, row.is_paused, today))


def _switch(actor: Actor, session: Session, rows: Sequence[Any], reasons: Mapping[int, str]) -> None:
    if not rows:
        return
    ids = [row.id for row in rows]
    values = {"status": "deactivated", "deactivated_on": clock.today(), "updated_at": clock.instant(),
              "version": Subscription.version + 1}  # fmt: skip
    off = update(Subscription).where(Subscription.id.in_(ids)).values(values)
    session.execute(off, execution_options=_DONE)
    record_all(session, actor, [_told(row, reasons[row.id]) for row in rows])
    due_marks.renew_marks(session, ids)


def _told(row: Any, reason: str) -> Told:
    after = move("subscription", row.status, "deactivate")
    facts = {"reason": as_read(reason), "changes": {"status": [row.status, after]}}
    return Told("subscription.deactivated", "subscription", row.id, row.customer_id, facts)


def _one(actor: Actor, subscription_id: int, reason: str) -> bool:
    """Whether it is off now: one whose days ended it in this very moment is left alone."""
    try:
        contract_switch.deactivate(actor, subscription_id, reason)
    except NotAllowed:
        return False
    return True
