"""Kept methods that nobody charges by themselves any more: declined for good, or charged back (M2-16, EB-51, EB-54).

The method stays what the customer pays by, so that everybody sees why nothing is taken. It is free again by new data,
by a deliberate choice of the customer's or of staff, by a payment that it made after all, and where the customer's
bank took the chargeback back.
"""

from __future__ import annotations

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from models import Payment, PaymentAttempt, PaymentMethod
from services import clock, method_rows
from services.actor import SYSTEM

DECLINED, CHARGED_BACK = "declined", "charged_back"


def hold(session: Session, method_id: int, reason: str) -> None:
    """From now on nothing charges it by itself; the first reason stays. The caller holds the customer's lock."""
    row = session.get(PaymentMethod, method_id, with_for_update=True, populate_existing=True)
    if row is None or row.state not in ("active", "expired") or row.held_at is not None:
        return
    row.held_at, row.held_reason = clock.instant(), reason
    method_rows.told(SYSTEM, "held", row)
    session.flush()


def has_paid(session: Session, attempt: PaymentAttempt) -> None:
    """Who pays by it deliberately after it was held, may be asked by it again."""
    row = session.get_one(PaymentMethod, attempt.method_id)
    if row.held_at is not None and attempt.created_at >= row.held_at:
        method_rows.free(SYSTEM, row)


def hold_of(session: Session, payment: Payment) -> None:
    """The method by which this money had come, where a provider keeps it."""
    method_id = _method_of(session, payment)
    if method_id is not None:
        hold(session, method_id, CHARGED_BACK)


def free_of(session: Session, payment: Payment) -> None:
    """The money was taken back by mistake: free again, unless another chargeback of the method stands."""
    method_id = _method_of(session, payment)
    row = None if method_id is None else session.get_one(PaymentMethod, method_id)
    if row is not None and row.held_reason == CHARGED_BACK and not _taken_back(session, row.id):
        method_rows.free(SYSTEM, row)


def _method_of(session: Session, payment: Payment) -> int | None:
    """Money that was moved knows where it came from."""
    while payment.moved_from_id is not None:
        payment = session.get_one(Payment, payment.moved_from_id)
    if not payment.gateway or not payment.provider_id:
        return None
    mine = (PaymentAttempt.gateway == payment.gateway, PaymentAttempt.provider_id == payment.provider_id)
    return session.scalar(select(PaymentAttempt.method_id).where(*mine))


def _taken_back(session: Session, method_id: int) -> bool:
    """Whether money that came by it, and was not moved since, is with the customer's bank."""
    undone, paid = aliased(Payment), aliased(Payment)
    query = (
        select(func.count())
        .select_from(Payment)
        .join(paid, paid.id == Payment.belongs_to_id)
        .join(
            PaymentAttempt, (PaymentAttempt.gateway == paid.gateway) & (PaymentAttempt.provider_id == paid.provider_id)
        )
        .where(PaymentAttempt.method_id == method_id, Payment.kind == "chargeback")
        .where(~exists().where(undone.reverses_id == Payment.id))
    )
    return bool(session.scalar(query))
