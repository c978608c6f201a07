"""Money on cards: what was paid for an invoice, what a customer still owes, by item and by contract, and their credit.

Each function takes a fixed number of statements however long the history is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import case, false, func, or_, select
from sqlalchemy.orm import aliased

from billing.payments import cash_discount
from extensions import db
from models import Customer, Invoice, Payment, Receivable
from queries.cards.money import credits_of
from queries.chargebacks import OWED_AGAIN, called, is_owed_again
from queries.lists.conditions import Rows
from queries.lists.names import customer_name

UNDOING = aliased(Payment)
ANEW = aliased(Payment)
_Correction, _child = aliased(Invoice), aliased(Receivable)

# The amount as the house sees it: money that left is below nothing.
_LEFT = Payment.kind.in_(("refund", "chargeback", "payout"))
MOVED = case((_LEFT, -Payment.amount_cents), else_=Payment.amount_cents)
# Of what a provider took, its own number there: what stood at our side is a key of the house, which nobody knows.
_BY_PROVIDER = (Payment.kind == "payment") & (Payment.gateway != "")
REFERENCE = case((_BY_PROVIDER, func.coalesce(Payment.provider_id, "")), else_=Payment.reference)
# What became of a row: it stands, it was undone, or it was undone here and stands anew elsewhere. Of what was charged
# back, whether something of it is still open: there somebody has work.
_OPEN_AGAIN = case((Payment.kind == "chargeback", is_owed_again()), else_=false())
STATE = case((ANEW.id.is_not(None), "moved"), (UNDOING.id.is_not(None), "undone"), (_OPEN_AGAIN, OWED_AGAIN),
             else_="booked")  # fmt: skip


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A row as it was written down. `state`: booked, undone, moved (`moved_to_id` says where it stands now), or of what
    was charged back owed_again. `gateway`: the provider that took the money, empty for every other way. `moved_cents`:
    the amount, below nothing for money that left. `called`: its kind as people call it."""

    id: int
    kind: str
    state: str
    customer_id: int
    customer: str
    received_on: date
    moved_cents: int
    amount_cents: int
    credit_cents: int
    currency: str
    method: str
    reference: str
    note: str
    entry_id: int
    invoice_id: int | None
    invoice_number: str | None
    reverses_id: int | None
    moved_from_id: int | None
    moved_to_id: int | None
    belongs_to_id: int | None
    gateway: str
    called: str

    @property
    def stands(self) -> bool:
        """Whether it can still be undone."""
        return self.state in ("booked", OWED_AGAIN) and self.kind != "reversal"

    @property
    def is_a_providers(self) -> bool:
        """It goes back by a refund alone: a provider holds the money."""
        return self.kind == "payment" and bool(self.gateway)


@dataclass(frozen=True, slots=True)
class InvoiceMoney:
    """What is to be known before money is booked for an issued invoice.

    `discount_cents` may be kept back by who pays until `discount_until`; `credit_cents` is the customer's paid credit
    in the invoice's currency. `hanging_cents` are open of the fees, interest and lump sums beside it.
    """

    receivable_id: int
    invoice_id: int
    number: str
    customer_id: int
    customer: str
    currency: str
    open_cents: int
    due_on: date
    discount_percent: Decimal
    discount_cents: int
    discount_until: date | None
    credit_cents: int
    payments: tuple[PaymentRow, ...]
    hanging_cents: int = 0

    @property
    def may_be_too_much(self) -> bool:
        """A provider took something of which a part paid nothing that was owed."""
        return any(each.is_a_providers and each.credit_cents for each in self.payments)

    @property
    def whole_cents(self) -> int:
        """What a reminder asks for."""
        return max(self.open_cents, 0) + self.hanging_cents


def invoice_money(invoice_id: int) -> InvoiceMoney | None:
    """None for what is no issued invoice. Three statements."""
    given_back = select(func.coalesce(func.sum(func.abs(_Correction.gross_cents)), 0)).where(
        _Correction.original_id == Invoice.id, _Correction.issued_at.is_not(None)
    )
    query = (
        select(Receivable, Invoice, customer_name(), given_back.correlate(Invoice).scalar_subquery(), _hanging())
        .join(Invoice, Invoice.id == Receivable.invoice_id)
        .join(Customer, Customer.id == Receivable.customer_id)
    )
    found = db.session.execute(query.where(Receivable.invoice_id == invoice_id)).one_or_none()
    if found is None:
        return None
    row, invoice, customer, less, hanging = found
    issued_on, percent, days = invoice.issued_on, invoice.cash_discount_percent, invoice.cash_discount_days
    owed = row.amount_cents - int(less) - invoice.prepaid_cents
    return InvoiceMoney(
        row.id, invoice.id, invoice.number or "", row.customer_id, customer, row.currency_code, row.open_cents,
        row.due_on, percent, cash_discount(owed, percent, days, issued_on, issued_on),
        issued_on + timedelta(days) if percent else None,
        dict(credits_of(row.customer_id)).get(row.currency_code, 0), payments_of_invoice(invoice_id),
        int(hanging),
    )  # fmt: skip


def _hanging() -> Any:
    """What is open beside the receivable, in its currency."""
    owed = select(func.coalesce(func.sum(_child.open_cents), 0)).where(
        _child.parent_id == Receivable.id, _child.currency_code == Receivable.currency_code, _child.open_cents > 0
    )
    return owed.correlate(Receivable).scalar_subquery()


def invoice_by_number(number: str) -> int | None:
    """The issued invoice of that number."""
    known = select(Invoice.id).where(
        Invoice.number == number, Invoice.kind == "invoice", Invoice.issued_at.is_not(None)
    )
    return db.session.scalar(known) if number.isprintable() else None  # PostgreSQL takes no NUL


def customer_by_number(number: str) -> int | None:
    """The customer of that number."""
    return db.session.scalar(select(Customer.id).where(Customer.number == number)) if number.isprintable() else None


def payments_of_invoice(invoice_id: int) -> tuple[PaymentRow, ...]:
    """Everything that was written down about an invoice's money, in the order it was. One statement."""
    return _rows(_query().where(Receivable.invoice_id == invoice_id).order_by(Payment.id))


def get_payment(payment_id: int) -> PaymentRow | None:
    found = _rows(_query().where(Payment.id == payment_id))
    return found[0] if found else None


def get_chain(payment: PaymentRow) -> tuple[PaymentRow, ...]:
    """What a row undoes or comes from, what undid or moved it, and the discount beside it. One statement."""
    ids = [each for each in (payment.reverses_id, payment.moved_from_id, payment.belongs_to_id) if each]
    linked = or_(
        Payment.id.in_(ids), Payment.reverses_id == payment.id, Payment.moved_from_id == payment.id,
        Payment.belongs_to_id == payment.id,
    )  # fmt: skip
    return _rows(_query().where(linked).order_by(Payment.id))


def _query() -> Rows:
    return (
        select(
            Payment.id, Payment.kind, STATE, Payment.customer_id, customer_name(), Payment.received_on,
            MOVED, Payment.amount_cents, Payment.credit_cents, Payment.currency_code, Payment.method,
            REFERENCE, Payment.note,
            Payment.entry_id, Receivable.invoice_id, Invoice.number, Payment.reverses_id, Payment.moved_from_id,
            ANEW.id, Payment.belongs_to_id, Payment.gateway, called(),
        )
        .join(Customer, Customer.id == Payment.customer_id)
        .outerjoin(Receivable, Receivable.id == Payment.receivable_id)
        .outerjoin(Invoice, Invoice.id == Receivable.invoice_id)
        .outerjoin(UNDOING, UNDOING.reverses_id == Payment.id)
        .outerjoin(ANEW, ANEW.moved_from_id == Payment.id)
    )  # fmt: skip


def _rows(query: Rows) -> tuple[PaymentRow, ...]:
    return tuple(PaymentRow(*row) for row in db.session.execute(query))
