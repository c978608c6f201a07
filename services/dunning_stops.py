"""Contracts that a reminder switches off (M2-17), and on again when all is paid: `dunning_owing` says what that is.

A contract that a person switched on meanwhile, or switched off before or after, is left as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import Select, and_, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from billing.errors import NotAllowed
from extensions import db
from models import Customer, DunningStop, InvoiceLine, Receivable, Subscription
from services import clock, contract_switch
from services.actor import SYSTEM, Actor
from services.contracts_off import deactivate_all
from services.customers import lock_records
from services.dunning_owing import holds_back
from services.dunning_steps import Step
from services.unit import end_reading, write

RUNNING = ("trial", "active", "paused", "cancelled")
_STANDS = DunningStop.resumed_on.is_(None)


def switch_off(session: Session, steps: Sequence[Step], actor: Actor) -> dict[int, list[int]]:
    """Switch off the contracts with a line on the steps' invoices where the level says so; by receivable, which. As
    many statements for many as for one."""
    wanted = {step.facts.row.invoice_id: step for step in steps if step.level.deactivate_after}
    concerned, reasons = _concerned(session, list(wanted)), dict[int, str]()
    for invoice_id, subscription_id in concerned:
        reasons.setdefault(subscription_id, _reason(wanted[invoice_id]))  # the first of two invoices of one run
    off = deactivate_all(actor, session, reasons)
    found: defaultdict[int, list[int]] = defaultdict(list)
    for invoice_id, subscription_id in concerned:
        if subscription_id in off:
            found[wanted[invoice_id].facts.row.id].append(subscription_id)
    return found


def note(session: Session, reminders: Mapping[int, int], stopped: Mapping[int, Sequence[int]]) -> None:
    """Keep which reminder switched off what; `reminders`: receivable -> reminder."""
    rows = [
        {"reminder_id": reminders[receivable_id], "receivable_id": receivable_id, "subscription_id": subscription_id,
         "stopped_on": clock.today()}
        for receivable_id, contracts in stopped.items() for subscription_id in contracts
    ]  # fmt: skip
    if rows:
        session.execute(insert(DunningStop), rows)


def resume(receivable_id: int, actor: Actor = SYSTEM) -> int:
    """Switch on again the contracts that wait for this receivable, or for the invoice that it hangs on, where nothing
    holds them back any more; gives how many. Safe to repeat."""
    with write() as session:
        contracts = _waiting_for(session, receivable_id)
        if not contracts:
            return 0
        owners = select(Subscription.customer_id).where(Subscription.id.in_(contracts))
        lock_records(session, select(func.coalesce(Customer.survivor_id, Customer.id)).where(Customer.id.in_(owners)))
        free = list(session.scalars(_free(session).where(DunningStop.subscription_id.in_(contracts))))
        back = sum(_activate(actor, each) for each in session.scalars(_still_off(free)))
        done = update(DunningStop).where(DunningStop.subscription_id.in_(free), _STANDS)
        session.execute(done.values(resumed_on=clock.today()), execution_options={"synchronize_session": False})
        return back


def waiting(limit: int) -> list[int]:
    """Receivables for which contracts were switched off that nothing holds back any more, for the sweeper."""
    first = func.min(DunningStop.receivable_id)
    query = _free(db.session()).with_only_columns(first).group_by(DunningStop.subscription_id)
    return sorted(set(db.session.scalars(query.order_by(first).limit(limit))))


def resume_all() -> int:
    """The same for all that wait, in this process."""
    end_reading()
    return sum(map(resume, waiting(10_000)))


def _concerned(session: Session, invoices: Sequence[int]) -> list[tuple[int, int]]:
    """(invoice, contract) of contracts that run, or that another reminder has switched off already."""
    if not invoices:
        return []
    is_stopped = exists().where(DunningStop.subscription_id == Subscription.id, _STANDS)
    query = select(InvoiceLine.invoice_id, Subscription.id).distinct()
    query = query.join(Subscription, Subscription.id == InvoiceLine.subscription_id)
    concerned = or_(Subscription.status.in_(RUNNING), and_(Subscription.status == "deactivated", is_stopped))
    query = query.where(InvoiceLine.invoice_id.in_(invoices), concerned)
    return [(row[0], row[1]) for row in session.execute(query.order_by(Subscription.id, InvoiceLine.invoice_id))]


def _reason(step: Step) -> str:
    return f"{step.level.deactivation_text or step.level.name} ({step.facts.row.number})"


def _waiting_for(session: Session, receivable_id: int) -> list[int]:
    """Contracts that are stopped for this receivable, or have a line on its invoice. A fee stands for its invoice."""
    row = session.get(Receivable, receivable_id)
    if row is None:
        return []
    invoice = select(Receivable.invoice_id).where(Receivable.id == (row.parent_id or row.id)).scalar_subquery()
    with_line = select(InvoiceLine.subscription_id).where(InvoiceLine.invoice_id == invoice)
    mine = or_(DunningStop.receivable_id == (row.parent_id or row.id), DunningStop.subscription_id.in_(with_line))
    query = select(DunningStop.subscription_id).where(_STANDS, mine)
    return list(session.scalars(query.distinct().order_by(DunningStop.subscription_id)))


def _free(session: Session) -> Select[int]:
    """Stopped contracts that nothing holds back."""
    free = ~holds_back(session, DunningStop.subscription_id, clock.today())
    return select(DunningStop.subscription_id).where(_STANDS, free).distinct()


def _still_off(contracts: Sequence[int]) -> Select[int]:
    """Those that the reminder switched off and nobody since."""
    last = select(func.max(DunningStop.stopped_on)).where(DunningStop.subscription_id == Subscription.id, _STANDS)
    off = (Subscription.status == "deactivated", Subscription.deactivated_on <= last.scalar_subquery())
    return select(Subscription.id).where(Subscription.id.in_(contracts), *off).order_by(Subscription.id)


def _activate(actor: Actor, subscription_id: int) -> bool:
    """Whether it goes on: one whose customer was deleted stays off."""
    try:
        contract_switch.activate(actor, subscription_id)
    except NotAllowed:
        return False
    return True
