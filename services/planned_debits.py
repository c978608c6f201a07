"""Announced debits that nobody may collect any more: their mandate is over and none takes its place (SEP-1, MAH-7).

They are taken back with the mandate, in its transaction. What they were to bring is to be transferred from then on: the
customer is told, once, and is reminded only after as many days as anybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from billing.debits import is_lapsed, plain_reference
from models import Customer, Debit, Mandate, Receivable
from services import activities, clock, debit_letters
from services.actor import Actor


def take_back(session: Session, actor: Actor, debit: Debit, why: str) -> None:
    """A locked, planned debit is not to be collected."""
    debit.state, debit.ended_at = "withdrawn", clock.instant()
    session.flush()
    activities.record(actor, "debit.withdrawn", "debit", debit.id, customer_id=debit.customer_id, outcome=why,
                      amount_cents=debit.amount_cents, currency=debit.currency_code)  # fmt: skip


def take_back_of(session: Session, actor: Actor, mandate: Mandate) -> None:
    """The mandate of a locked record has ended: what is announced and in no file goes, unless another one holds."""
    family = select(Customer.id).where(Customer.survivor_id == _survivor(mandate.customer_id).scalar_subquery())
    holds = select(Mandate.id).where(Mandate.customer_id.in_(family), Mandate.state == "active")
    if session.scalar(holds.limit(1)) is not None:
        return
    planned = select(Debit).where(Debit.customer_id.in_(family), Debit.state == "planned").order_by(Debit.id)
    without_mandate(session, actor, session.scalars(planned.with_for_update()).all(), mandate)


def without_mandate(session: Session, actor: Actor, debits: Sequence[Debit], mandate: Mandate | None = None) -> None:
    """Take back locked, planned debits for want of a mandate, and ask for a transfer instead."""
    for debit in debits:
        take_back(session, actor, debit, "mandate_ended")
    ask_to_transfer(session, debits, mandate)


def ask_to_transfer(session: Session, debits: Sequence[Debit], mandate: Mandate | None = None) -> None:
    """What these debits were to bring is owed by transfer from today on; each customer is told by one mail.

    `mandate`: the one that ended, where it is not the debits' own.
    """
    rows = select(Receivable).where(Receivable.id.in_([each.receivable_id for each in debits]))
    whose: defaultdict[int, list[Debit]] = defaultdict(list)
    for row in session.scalars(rows.order_by(Receivable.id).with_for_update()) if debits else ():
        row.reopened_on = clock.today()  # whoever waited for the debit is not late before they know (section 286 BGB)
    for debit in debits:
        whose[debit.customer_id].append(debit)
    session.flush()
    for theirs in whose.values():
        debit_letters.tell_cancelled(session, theirs, mandate or session.get_one(Mandate, theirs[0].mandate_id))


def mandate_now(session: Session, debit: Debit, on: date) -> Mandate | None:
    """By which mandate it can be collected on that day: its own, or the one that took its place since."""
    own = session.get_one(Mandate, debit.mandate_id)
    if own.state != "active":
        record = session.get_one(Customer, debit.customer_id)
        survivor = session.get_one(Customer, record.survivor_id or record.id)
        reference = plain_reference(survivor.mandate_reference)
        query = select(Mandate).where(Mandate.reference == reference, Mandate.state == "active")
        found = session.scalars(query).one_or_none()
        if found is None:
            return None
        own = found
    return None if is_lapsed(clock.berlin(own.created_at).date(), own.last_used_on, on) else own


def _survivor(customer_id: int) -> Select[Any]:
    return select(func.coalesce(Customer.survivor_id, Customer.id)).where(Customer.id == customer_id)
