"""What can be given back for a cancellation or a correction, read under the caller's locks or for a question."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.errors import NotAllowed, NotFound
from billing.refunds import Due, Paid, Plan, plan
from models import Invoice, Payment, Receivable, Refund
from services import providers
from services.corrections import paid_part
from services.gone_back import STANDING, charged_back_cents, standing_cents, stands
from services.payment_rows import credit_of

UNDER_WAY = ("waiting", "ordered", "approved", "sent", "pending", "unknown")


@dataclass(frozen=True, slots=True)
class Refundable:
    """A correcting document with the payments of its original."""

    correction: Invoice
    original: Invoice
    receivable: Receivable
    due: Due
    payments: tuple[Paid, ...]  # the newest first

    def by(self, way: str) -> Plan:
        return plan(self.due, self.payments, way)


def refundable(session: Session, correction_id: int) -> Refundable:
    """Raises NotFound, and NotAllowed("not_cancelled") for what is no issued cancellation or correction (M2-08)."""
    row = session.get(Invoice, correction_id)
    if row is None:
        raise NotFound("unknown_invoice", field="invoice_id")
    if row.issued_at is None or row.original_id is None:
        raise NotAllowed("not_cancelled")
    original = session.get_one(Invoice, row.original_id)
    receivable = session.scalars(select(Receivable).where(Receivable.invoice_id == original.id)).one()
    return Refundable(row, original, receivable, _due(session, row, receivable), _payments(session, row, receivable))


def charge_of(session: Session, payment: Payment) -> str:
    """The provider's own id of the charge, also of a payment that was moved since; empty without one."""
    while payment.provider_id is None and payment.moved_from_id is not None:
        payment = session.get_one(Payment, payment.moved_from_id)
    return payment.provider_id or ""


def _due(session: Session, correction: Invoice, receivable: Receivable) -> Due:
    taken = select(func.coalesce(func.sum(Refund.amount_cents), 0))
    refunded = int(session.scalar(taken.where(Refund.correction_id == correction.id, STANDING)) or 0)
    credit = credit_of(session, receivable.customer_id, receivable.currency_code)
    return Due(paid_part(session, correction.id), refunded, credit)


def _payments(session: Session, correction: Invoice, receivable: Receivable) -> tuple[Paid, ...]:
    mine = (Payment.receivable_id == receivable.id, Payment.kind == "payment", stands())
    rows = session.scalars(select(Payment).where(*mine).order_by(Payment.id.desc())).all()
    ids = [row.id for row in rows]
    refunded, returned, offered = standing_cents(session, ids), charged_back_cents(session, ids), providers.offered()
    own = select(Refund.payment_id).where(Refund.correction_id == correction.id, STANDING)
    used = set(session.scalars(own))
    return tuple(
        Paid(row.id, row.amount_cents, row.gateway, row.gateway in offered, refunded.get(row.id, 0),
             returned.get(row.id, 0), row.id in used)
        for row in rows
    )  # fmt: skip
