"""Invoices as the call API tells them: the frozen paper with what is paid of it, one page in five statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, select

from extensions import db
from models import Customer, Invoice, InvoiceLine, InvoiceTaxLine, JournalEntry, Paper, Payment, Posting, Receivable
from queries.invoice_filters import DOCUMENTS, InvoiceFilter, conditions_of
from queries.invoice_states import is_cancelled, is_given_up
from services import clock

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LineCard:
    """One position as issued."""

    id: int
    position: int
    article_number: str
    title: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    vat_percent: Decimal
    net_cents: int
    tax_cents: int
    gross_cents: int


@dataclass(frozen=True, slots=True)
class TaxCard:
    """The sum of one rate."""

    vat_percent: Decimal
    net_cents: int
    tax_cents: int


@dataclass(frozen=True, slots=True)
class MovementCard:
    """Money that came for an invoice or went back: positive lowers what is owed. `method` as a person wrote it."""

    day: date
    kind: str  # as the journal's entry
    method: str
    cents: int


@dataclass(frozen=True, slots=True)
class InvoiceCard:
    """One paper. `buyer` is the frozen recipient; `open_cents` what is still owed today; `token` opens the PDF."""

    id: int
    kind: str
    status: str
    number: str | None
    ext_uid: str | None
    customer_id: int
    customer_number: str
    subscription_id: int | None
    subscription_counter: int
    issued_on: date | None
    due_on: date | None
    service_from: date | None
    service_to: date | None
    delivery_text: str
    currency_code: str
    is_gross: bool
    net_cents: int
    tax_cents: int
    gross_cents: int
    cash_discount_percent: Decimal
    cash_discount_days: int
    payment_type: int
    days_for_payment: int
    title: str
    introtext: str
    template: str
    buyer: Any
    is_cancelled: bool
    open_cents: int
    is_given_up: bool
    settled_on: date | None
    token: str | None
    lines: tuple[LineCard, ...]
    taxes: tuple[TaxCard, ...]
    movements: tuple[MovementCard, ...] = ()

    @property
    def state(self) -> str:
        """paid, unpaid or overdue (computed, never stored); the day it is due still belongs to the debtor. The contract
        has no word for what was written off: nothing is owed, but nobody paid, so it is unpaid and never overdue."""
        if self.status == "issued" and self.open_cents <= 0:
            return "unpaid" if self.is_given_up else "paid"
        return "overdue" if self.due_on is not None and self.due_on < clock.today() else "unpaid"

    @property
    def last_service_day(self) -> date | None:
        return None if self.service_to is None else self.service_to - _DAY


_JOINED = ("is_cancelled", "open_cents", "is_given_up", "settled_on", "token", "lines", "taxes", "movements")
_COLUMNS = [field.name for field in fields(InvoiceCard) if field.name not in _JOINED]
_LINE_COLUMNS = [field.name for field in fields(LineCard)]
_TAX_COLUMNS = [field.name for field in fields(TaxCard)]


def find_invoices(wanted: InvoiceFilter, limit: int, offset: int = 0) -> list[InvoiceCard]:
    """A page of papers in the order they were made. Four statements."""
    columns = (getattr(Invoice, name) for name in _COLUMNS)
    query = (
        select(
            *columns,
            is_cancelled().label("is_cancelled"),
            Receivable.open_cents,
            Receivable.settled_on,
            Paper.token,
            is_given_up().label("is_given_up"),
            Customer.erased_at,
        )  # fmt: skip
        .join(Customer, Customer.id == Invoice.customer_id)
        .outerjoin(Receivable, Receivable.invoice_id == Invoice.id)
        .outerjoin(Paper, and_(Paper.invoice_id == Invoice.id, Paper.kind == "pdf", Paper.token_revoked_at.is_(None)))
        .where(*conditions_of(wanted))
    )
    rows = db.session.execute(query.order_by(Invoice.id).limit(limit).offset(offset)).all()
    ids = [row.id for row in rows]
    lines, taxes, movements = _lines(ids), _taxes(ids), _movements(ids)
    return [_card(row, lines[row.id], taxes[row.id], movements[row.id]) for row in rows]


def get_invoice(invoice_id: int) -> InvoiceCard | None:
    """One paper, or None."""
    found = find_invoices(InvoiceFilter(ids=(invoice_id,)), 1)
    return found[0] if found else None


def _lines(ids: Sequence[int]) -> dict[int, list[LineCard]]:
    columns = (getattr(InvoiceLine, name) for name in _LINE_COLUMNS)
    query = select(InvoiceLine.invoice_id, *columns).where(InvoiceLine.invoice_id.in_(ids))
    found = {id_: list[LineCard]() for id_ in ids}
    for invoice_id, *values in db.session.execute(query.order_by(InvoiceLine.invoice_id, InvoiceLine.position)):
        found[invoice_id].append(LineCard(*values))
    return found


def _taxes(ids: Sequence[int]) -> dict[int, list[TaxCard]]:
    columns = (getattr(InvoiceTaxLine, name) for name in _TAX_COLUMNS)
    query = select(InvoiceTaxLine.invoice_id, *columns).where(InvoiceTaxLine.invoice_id.in_(ids))
    found = {id_: list[TaxCard]() for id_ in ids}
    for invoice_id, *values in db.session.execute(query.order_by(InvoiceTaxLine.id)):
        found[invoice_id].append(TaxCard(*values))
    return found


def _movements(ids: Sequence[int]) -> dict[int, list[MovementCard]]:
    """What payments and credit did to what is owed, from the postings, the newest first."""
    day = func.coalesce(Payment.received_on, JournalEntry.booked_on)
    query = (
        select(Receivable.invoice_id, day, JournalEntry.kind, func.coalesce(Payment.method, ""),
               func.sum(-Posting.amount_cents))
        .join(Posting, Posting.receivable_id == Receivable.id)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .outerjoin(Payment, Payment.entry_id == JournalEntry.id)
        .where(Receivable.invoice_id.in_(ids), JournalEntry.kind.not_in(DOCUMENTS))
        .group_by(Receivable.invoice_id, JournalEntry.id, day, JournalEntry.kind, Payment.method)
        .order_by(JournalEntry.id.desc())
    )  # fmt: skip
    found = {id_: list[MovementCard]() for id_ in ids}
    for invoice_id, moved_on, kind, method, cents in db.session.execute(query):
        found[invoice_id or 0].append(MovementCard(moved_on, kind, method, int(cents)))
    return found


def _card(row: Any, lines: list[LineCard], taxes: list[TaxCard], movements: list[MovementCard]) -> InvoiceCard:
    """Of a deleted record the paper is told as the books need it, without whom it went to (Art. 18 DSGVO, DSG-2)."""
    values = {name: getattr(row, name) for name in _COLUMNS}
    if row.erased_at is not None:
        values |= {"buyer": {}, "customer_number": ""}
    owed = row.gross_cents if row.status == "draft" else row.open_cents or 0
    return InvoiceCard(
        **values,
        is_cancelled=row.is_cancelled,
        open_cents=owed,
        is_given_up=row.is_given_up,
        settled_on=None if row.is_given_up else row.settled_on,
        token=row.token,
        lines=tuple(lines),
        taxes=tuple(taxes),
        movements=tuple(movements),
    )
