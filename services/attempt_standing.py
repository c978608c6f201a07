"""Whether an attempt that no provider has heard of yet is still wanted: who paid in the same minute wins (MAH-7)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import PaymentAttempt, PaymentMethod, Receivable
from services import activities
from services.actor import SYSTEM
from services.attempt_rows import move


def follow(session: Session, row: PaymentAttempt) -> bool:
    """Whether the attempt goes on; it asks for no more than is open now. The caller holds the locks of customer and
    attempt.

    Only of what is issued: a document that is charged first was frozen with what it asks for, and nobody can pay it
    otherwise.
    """
    if row.state != "planned" or row.purpose != "collect":
        return True
    owed = session.scalars(select(Receivable).where(Receivable.invoice_id == row.invoice_id)).one_or_none()
    method = session.get(PaymentMethod, row.method_id)
    if owed is None or owed.open_cents <= 0:
        return _drop(session, row, "settled")
    if owed.disputed_on is not None:
        return _drop(session, row, "disputed")
    if method is None or method.state != "active":
        return _drop(session, row, "method_gone")
    row.amount_cents = min(row.amount_cents, owed.open_cents)
    return True


def _drop(session: Session, row: PaymentAttempt, why: str) -> bool:
    move(row, "cancel")
    row.decline_code = why
    activities.record(SYSTEM, "payment.try_dropped", "invoice", row.invoice_id, customer_id=row.customer_id,
                      amount_cents=row.amount_cents, currency=row.currency_code, gateway=row.gateway)  # fmt: skip
    session.flush()
    return False
