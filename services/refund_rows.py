"""What can be given back for a cancellation or a correction, read under the caller's locks or for a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.errors import NotAllowed, NotFound
from billing.refunds import PROVIDER, Due, Paid, Plan, is_paid_out_twice, plan
from extensions import db
from models import Invoice, Payment, Receivable, Refund
from services import providers
from services.corrections import paid_parts
from services.gone_back import STANDING, charged_back_cents, standing_cents, stands
from services.payment_rows import credit_of
from services.unit import end_reading

UNDER_WAY = ("waiting", "ordered", "approved", "sent", "pending", "unknown")


@dataclass(frozen=True, slots=True)
class Refundable:
    """A correcting document with the payments of its original, the newest first."""

    correction: Invoice
    original_id: int
    receivable: Receivable
    due: Due
    payments: tuple[Paid, ...]

    def by(self, way: str) -> Plan:
        return plan(self.due, self.payments, way)

    @property
    def is_paid_out_twice(self) -> bool:
        """A payment was refunded and charged back, and together that is more than it was (F19)."""
        return any(
            is_paid_out_twice(paid.cents, paid.refunded_cents, paid.charged_back_cents) for paid in self.payments
        )


def refundable(session: Session, correction_id: int) -> Refundable:
    """Raises NotFound, and NotAllowed("nothing_cancelled") for what is no issued cancellation or correction (M2-08)."""
    row = session.get(Invoice, correction_id)
    if row is None:
        raise NotFound("unknown_invoice", field="invoice_id")
    if row.issued_at is None or row.original_id is None:
        raise NotAllowed("nothing_cancelled")
    return next(found for found in refundables(session, row.original_id) if found.correction.id == row.id)


def refundables(session: Session, invoice_id: int) -> Sequence[Refundable]:
    """Every document that takes back something of an invoice, in order. A fixed number of statements."""
    taking = (Invoice.original_id == invoice_id, Invoice.issued_at.is_not(None))
    documents = session.scalars(select(Invoice).where(*taking).order_by(Invoice.id)).all()
    receivable = session.scalars(select(Receivable).where(Receivable.invoice_id == invoice_id)).one_or_none()
    if not documents or receivable is None:
        return ()
    ids = [row.id for row in documents]
    paid, refunded = paid_parts(session, ids), _refunded(session, ids)
    credit = credit_of(session, receivable.customer_id, receivable.currency_code)
    payments = _payments(session, receivable)
    return [
        Refundable(row, invoice_id, receivable,
                   Due(paid.get(row.id, 0), sum(refunded.get(row.id, {}).values()), credit),
                   tuple(_seen_by(each, refunded.get(row.id, {})) for each in payments))
        for row in documents
    ]  # fmt: skip


def expected(session: Session, row: Receivable, paid_cents: int) -> tuple[Plan, tuple[str, ...]]:
    """What a cancellation of so much paid money would give back by the provider, and by which; before there is one."""
    credit = credit_of(session, row.customer_id, row.currency_code) + paid_cents
    payments = _payments(session, row)
    found = plan(Due(paid_cents, 0, credit), payments, PROVIDER)
    used = {share.payment_id for share in found.shares}
    return found, tuple(dict.fromkeys(paid.gateway for paid in payments if paid.payment_id in used))


def charge_of(session: Session, payment: Payment) -> str:
    """The provider's own id of the charge, also of a payment that was moved since; empty without one."""
    while payment.provider_id is None and payment.moved_from_id is not None:
        payment = session.get_one(Payment, payment.moved_from_id)
    return payment.provider_id or ""


def _refunded(session: Session, ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """Document -> payment -> cents of the refund that stands."""
    columns = (Refund.correction_id, Refund.payment_id, func.sum(Refund.amount_cents))
    query = select(*columns).where(Refund.correction_id.in_(ids), STANDING)
    found: dict[int, dict[int, int]] = {}
    for document, payment, cents in session.execute(query.group_by(Refund.correction_id, Refund.payment_id)):
        found.setdefault(document, {})[payment] = int(cents)
    return found


def _payments(session: Session, receivable: Receivable) -> list[Paid]:
    mine = (Payment.receivable_id == receivable.id, Payment.kind == "payment", stands())
    rows = session.scalars(select(Payment).where(*mine).order_by(Payment.id.desc())).all()
    ids = [row.id for row in rows]
    refunded, returned, offered = standing_cents(session, ids), charged_back_cents(session, ids), providers.offered()
    return [
        Paid(row.id, row.amount_cents, row.gateway, row.gateway in offered, refunded.get(row.id, 0),
             returned.get(row.id, 0))
        for row in rows
    ]  # fmt: skip


def _seen_by(paid: Paid, refunded: dict[int, int]) -> Paid:
    """As one document sees it: whether it has a refund out of this payment already."""
    return Paid(paid.payment_id, paid.cents, paid.gateway, paid.at_provider, paid.refunded_cents,
                paid.charged_back_cents, paid.payment_id in refunded)  # fmt: skip


def state_of(refund_id: int) -> str:
    """Raises NotFound."""
    end_reading()
    found = db.session.scalar(select(Refund.state).where(Refund.id == refund_id))
    if found is None:
        raise NotFound("refund")
    return found
