"""Refunds on screens: of an invoice, of a customer, and one by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from extensions import db
from models import Customer, Invoice, Payment, Refund, Staff
from queries.family import family_of
from queries.lists.conditions import Rows
from queries.lists.names import name_or_number

SHOWN = 20
_correction, _original = aliased(Invoice), aliased(Invoice)


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A refund. `invoice_*` is the invoice that was taken back, `document` the number of what took it back.
    `ordered_by` and `approved_by` are kind:id of who did it; `paid_*` is the payment that goes back. An erased customer
    is called by the number."""

    id: int
    state: str
    way: str
    gateway: str
    amount_cents: int
    currency: str
    error: str
    ordered_by: str
    approved_by: str
    created_at: datetime
    resolved_at: datetime | None
    customer_id: int
    customer: str
    payment_id: int
    document_id: int
    document: str
    invoice_id: int
    invoice_number: str
    file_id: int | None
    provider_id: str | None
    paid_on: date
    paid_by: str
    is_erased: bool


def refunds_of_invoice(invoice_id: int) -> tuple[RefundRow, ...]:
    """Of an invoice, in the order they were made; by its own id or that of what takes it back. One statement."""
    mine = (_correction.original_id == invoice_id) | (_correction.id == invoice_id)
    return _rows(_query().where(mine).order_by(Refund.id))


def refunds_of_customer(customer_id: int) -> tuple[RefundRow, ...]:
    """The newest of a customer and of the records merged into theirs. One statement."""
    mine = _query().where(Refund.customer_id.in_(family_of(customer_id)))
    return _rows(mine.order_by(Refund.id.desc()).limit(SHOWN))


def get_refund(refund_id: int) -> RefundRow | None:
    found = _rows(_query().where(Refund.id == refund_id))
    return found[0] if found else None


def names_of(row: RefundRow) -> tuple[str, str]:
    """Who ordered it and who approved it, as people know them. One statement."""
    staff = {each: int(each.partition(":")[2]) for each in (row.ordered_by, row.approved_by) if _is_staff(each)}
    query = select(Staff.id, Staff.name, Staff.email).where(Staff.id.in_(staff.values()))
    names = {found.id: found.name or found.email for found in db.session.execute(query)}
    return names.get(staff.get(row.ordered_by, 0), ""), names.get(staff.get(row.approved_by, 0), "")


def _is_staff(actor: str) -> bool:
    return actor.startswith("staff:") and actor[6:].isdecimal()


def _query() -> Rows:
    return (
        select(
            Refund.id, Refund.state, Refund.way, Refund.gateway, Refund.amount_cents, Refund.currency_code,
            Refund.error, Refund.ordered_by, Refund.approved_by, Refund.created_at, Refund.resolved_at, Customer.id,
            name_or_number(), Refund.payment_id, _correction.id, _correction.number, _original.id, _original.number,
            Refund.file_id, Refund.provider_id, Payment.received_on, Payment.method, Customer.erased_at.is_not(None),
        )
        .join(Payment, Payment.id == Refund.payment_id)
        .join(_correction, _correction.id == Refund.correction_id)
        .join(_original, _original.id == _correction.original_id)
        .join(Customer, Customer.id == Refund.customer_id)
    )  # fmt: skip


def _rows(query: Rows) -> tuple[RefundRow, ...]:
    return tuple(RefundRow(*row) for row in db.session.execute(query))
