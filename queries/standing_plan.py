"""The instalment plan that an invoice is paid by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from billing import instalments as rules
from extensions import db
from models import Instalment, InstalmentPlan, Receivable


@dataclass(frozen=True, slots=True)
class StandingPlan:
    """`left`: how many of its instalments are not yet paid in full; `until`: the last one's day."""

    left: int
    until: date


def standing_plan(invoice_id: int) -> StandingPlan | None:
    """None where none stands. One statement; a plan has 36 instalments at most."""
    query = (
        select(Instalment.due_on, Instalment.amount_cents, InstalmentPlan.started_open_cents - Receivable.open_cents)
        .join(InstalmentPlan, InstalmentPlan.id == Instalment.plan_id)
        .join(Receivable, Receivable.id == InstalmentPlan.receivable_id)
        .where(Receivable.invoice_id == invoice_id, InstalmentPlan.ended_at.is_(None))
        .order_by(Instalment.due_on)
    )
    rows = db.session.execute(query).tuples().all()
    if not rows:
        return None
    parts = [rules.Instalment(due_on, cents) for due_on, cents, _ in rows]
    return StandingPlan(rules.left_of(parts, rows[0][2]), parts[-1].due_on)
