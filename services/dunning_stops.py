"""Contracts that a reminder switches off (M2-17), and on again when what it was for is paid.

A contract that a person switched on meanwhile, or switched off before, is left as it is. What is written off is not
paid: then a person decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from billing.errors import NotAllowed
from extensions import db
from models import DunningStop, InvoiceLine, Payment, Receivable, Subscription
from services import clock, contract_switch
from services.actor import SYSTEM, Actor
from services.dunning_steps import Step
from services.payment_rows import lock
from services.unit import end_reading, write

RUNNING = ("trial", "active", "paused", "cancelled")
_undone = aliased(Payment)


def switch_off(session: Session, steps: Sequence[Step], actor: Actor) -> dict[int, list[int]]:
    """Switch off the contracts with a line on the steps' invoices where the level says so; by receivable, which."""
    wanted = {step.facts.row.invoice_id: step for step in steps if step.level.deactivate_after}
    found: defaultdict[int, list[int]] = defaultdict(list)
    for invoice_id, subscription_id, status in _concerned(session, list(wanted)):
        step = wanted[invoice_id]
        if status == "deactivated" or _deactivate(actor, subscription_id, step):
            found[step.facts.row.id].append(subscription_id)
    return found


def note(session: Session, reminders: Mapping[int, int], stopped: Mapping[int, Sequence[int]]) -> None:
    """Keep which reminder switched off what; `reminders`: receivable -> reminder."""
    for receivable_id, contracts in stopped.items():
        for subscription_id in contracts:
            session.add(DunningStop(reminder_id=reminders[receivable_id], receivable_id=receivable_id,
                                    subscription_id=subscription_id, stopped_on=clock.today()))  # fmt: skip
    session.flush()


def resume(receivable_id: int, actor: Actor = SYSTEM) -> int:
    """Switch on again what this receivable had switched off, now that it is paid; gives how many contracts.

    A contract for which another unpaid invoice stands waits for that. Safe to repeat.
    """
    with write() as session:
        row = lock(session, [receivable_id])[receivable_id]
        if row.open_cents > 0 or _is_written_off(session, receivable_id):
            return 0
        mine = (DunningStop.receivable_id == receivable_id, DunningStop.resumed_on.is_(None))
        contracts = list(session.scalars(select(DunningStop.subscription_id).where(*mine).order_by(DunningStop.id)))
        free = sorted(set(contracts) - _still_stopped(session, receivable_id, contracts))
        back = [each for each in free if contract_switch.is_off(each)]
        for subscription_id in back:
            contract_switch.activate(actor, subscription_id)
        done = update(DunningStop).where(*mine).values(resumed_on=clock.today())
        session.execute(done, execution_options={"synchronize_session": False})
        return len(back)


def waiting(limit: int) -> list[int]:
    """Receivables that are paid and whose contracts nobody has looked at yet, for the sweeper."""
    query = select(DunningStop.receivable_id).join(Receivable, Receivable.id == DunningStop.receivable_id)
    query = query.where(DunningStop.resumed_on.is_(None), Receivable.open_cents <= 0, ~_gave_up(Receivable.id))
    return list(db.session.scalars(query.distinct().order_by(DunningStop.receivable_id).limit(limit)))


def resume_all() -> int:
    """The same for all that wait, in this process."""
    end_reading()
    return sum(map(resume, waiting(10_000)))


def _concerned(session: Session, invoices: Sequence[int]) -> list[tuple[int, int, str]]:
    """(invoice, contract, its state) of contracts that run, or that another reminder has switched off already."""
    if not invoices:
        return []
    is_stopped = exists().where(DunningStop.subscription_id == Subscription.id, DunningStop.resumed_on.is_(None))
    query = select(InvoiceLine.invoice_id, Subscription.id, Subscription.status).distinct()
    query = query.join(Subscription, Subscription.id == InvoiceLine.subscription_id)
    concerned = or_(Subscription.status.in_(RUNNING), and_(Subscription.status == "deactivated", is_stopped))
    query = query.where(InvoiceLine.invoice_id.in_(invoices), concerned)
    return [(row[0], row[1], row[2]) for row in session.execute(query.order_by(Subscription.id))]


def _deactivate(actor: Actor, subscription_id: int, step: Step) -> bool:
    """Whether it is off now: one whose days ended it in this very moment is left alone."""
    reason = step.level.deactivation_text or step.level.name
    try:
        if not contract_switch.is_off(subscription_id):  # two invoices of one run
            contract_switch.deactivate(actor, subscription_id, f"{reason} ({step.facts.row.number})")
    except NotAllowed:
        return False
    return True


def _still_stopped(session: Session, receivable_id: int, contracts: Sequence[int]) -> set[int]:
    """Those among the contracts that another receivable, which is still open, has switched off, too."""
    query = select(DunningStop.subscription_id).join(Receivable, Receivable.id == DunningStop.receivable_id)
    query = query.where(DunningStop.subscription_id.in_(contracts), DunningStop.receivable_id != receivable_id,
                        DunningStop.resumed_on.is_(None), Receivable.open_cents > 0)  # fmt: skip
    return set(session.scalars(query))


def _is_written_off(session: Session, receivable_id: int) -> bool:
    return bool(session.scalar(select(_gave_up(receivable_id))))


def _gave_up(receivable_id: Any) -> Any:
    standing = ~exists().where(_undone.reverses_id == Payment.id)
    return exists().where(Payment.receivable_id == receivable_id, Payment.kind == "write_off", standing)
