"""Instalment plans: an invoice is paid in parts, and while the plan is kept nobody is reminded (MAH-7).

A plan that is paid, and one that was not kept, ends by itself; then dunning goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing import instalments as rules
from billing.errors import AlreadyDone, NotAllowed
from billing.instalments import Instalment as Part
from models import Instalment, InstalmentPlan, Receivable
from services import clock, dunning_lookups
from services import values as check
from services.actor import SYSTEM, Actor
from services.dunning_holds import invoice_row, open_invoice, record
from services.unit import write

LONGEST_GRACE = 60


def agree(
    actor: Actor, receivable_id: int, parts: Sequence[Part], note: str = "", grace_days: int = 5
) -> int:  # fmt: skip
    """The invoice is paid in these parts; gives the plan's id. While it is kept nobody is reminded.

    Raises NotFound, NotAllowed("no_invoice"), NotAllowed("settled"), NotAllowed("plan_stands"), and Invalid:
    "instalments", "due_on", "grace_days", "note".
    """
    with write() as session:
        row = open_invoice(session, receivable_id)
        if _standing(session, receivable_id) is not None:
            raise NotAllowed("plan_stands")
        rules.check(parts, row.open_cents, clock.today())
        check.number_in("grace_days", grace_days, 0, LONGEST_GRACE)
        plan = InstalmentPlan(
            customer_id=row.customer_id, receivable_id=row.id, started_open_cents=row.open_cents, grace_days=grace_days,
            note=check.text_of(InstalmentPlan.__table__.c.note, note), created_at=clock.instant(),
        )  # fmt: skip
        session.add(plan)
        session.flush()
        session.add_all(Instalment(plan_id=plan.id, due_on=part.due_on, amount_cents=part.cents) for part in parts)
        record(
            actor, "invoice.instalments_agreed", session, row, parts=len(parts), last_day=parts[-1].due_on.isoformat()
        )
        return plan.id


def withdraw(actor: Actor, receivable_id: int) -> None:
    """The plan is withdrawn, dunning goes on. Raises NotFound, AlreadyDone where none stands."""
    with write() as session:
        row = invoice_row(session, receivable_id)
        plan = _standing(session, receivable_id)
        if plan is None:
            raise AlreadyDone("no_plan")
        _end(actor, session, plan, row, "withdrawn")


def end_of_settled(actor: Actor, session: Session, row: Receivable) -> None:
    """Nothing is left of the locked invoice that was corrected: its plan is withdrawn with it."""
    plan = _standing(session, row.id) if row.open_cents <= 0 else None
    if plan is not None:
        _end(actor, session, plan, row, "withdrawn")


def follow(today: date | None = None) -> int:
    """End the plans that are paid and those that were not kept; gives how many. Safe to repeat."""
    day, ended = today or clock.today(), 0
    with write() as session:
        query = select(InstalmentPlan).where(InstalmentPlan.ended_at.is_(None)).order_by(InstalmentPlan.id)
        standing = session.scalars(query.with_for_update()).all()
        ids = [plan.receivable_id for plan in standing]
        facts = dunning_lookups.plans(session, ids)
        rows = {row.id: row for row in session.scalars(select(Receivable).where(Receivable.id.in_(ids)))}
        for plan in standing:
            row = rows[plan.receivable_id]
            outcome = "paid" if row.open_cents <= 0 else ""
            outcome = outcome or ("" if facts[row.id].is_kept(row.open_cents, day) else "broken")
            if outcome:
                _end(SYSTEM, session, plan, row, outcome)
                ended += 1
    return ended


def _end(actor: Actor, session: Session, plan: InstalmentPlan, row: Receivable, outcome: str) -> None:
    plan.ended_as, plan.ended_at = outcome, clock.instant()
    record(actor, "invoice.instalments_ended", session, row, outcome=outcome)


def _standing(session: Session, receivable_id: int) -> InstalmentPlan | None:
    query = select(InstalmentPlan).where(InstalmentPlan.receivable_id == receivable_id)
    return session.scalars(query.where(InstalmentPlan.ended_at.is_(None)).with_for_update()).one_or_none()
