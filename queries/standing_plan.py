"""The instalment plan that an invoice is paid by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from extensions import db
from models import Instalment, InstalmentPlan, Receivable


@dataclass(frozen=True, slots=True)
class StandingPlan:
    """`parts` of them, paid or not, `until` the last one's day."""

    parts: int
    until: date


def standing_plan(invoice_id: int) -> StandingPlan | None:
    """None where none stands. One statement."""
    query = (
        select(func.count(Instalment.due_on), func.max(Instalment.due_on))
        .join(InstalmentPlan, InstalmentPlan.id == Instalment.plan_id)
        .join(Receivable, Receivable.id == InstalmentPlan.receivable_id)
        .where(Receivable.invoice_id == invoice_id, InstalmentPlan.ended_at.is_(None))
    )
    parts, until = db.session.execute(query).one()
    return StandingPlan(parts, until) if parts else None
