"""An invoice's page: the frozen document, its living receivable, its papers, postings and mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select, union
from sqlalchemy.orm import aliased

from billing.payments import cash_discount
from extensions import db
from models import Invoice, InvoiceLine, InvoiceTaxLine, JournalEntry, Message, Paper, Posting, Receivable
from queries.entries import entry_called
from queries.invoice_states import corrected_cents, state_of, written_off_cents


@dataclass(frozen=True, slots=True)
class PostingRow:
    booked_on: date
    kind: str
    account: str
    amount_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """A document of the chain: the original, or one that corrects it. Gross cents as on its paper."""

    id: int
    number: str | None
    kind: str
    issued_on: date | None
    gross_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """When it is to be paid, and what may be kept back by who pays until `discount_until`. Of a draft: as if it were
    issued today."""

    due_on: date
    days: int
    discount_percent: Decimal
    discount_cents: int
    discount_until: date | None


@dataclass(frozen=True, slots=True)
class InvoiceCard:
    """Lines, taxes and papers in the order they were written. `state` as in queries.invoice_states; `left_cents` is
    the gross sum that corrections have left standing, `written_off_cents` what stands given up."""

    invoice: Invoice
    lines: tuple[InvoiceLine, ...]
    taxes: tuple[InvoiceTaxLine, ...]
    receivable: Receivable | None
    papers: tuple[Paper, ...]
    postings: tuple[PostingRow, ...]
    messages: tuple[Message, ...]
    related: tuple[RelatedRow, ...]
    state: str
    left_cents: int
    written_off_cents: int
    terms: PaymentTerms


def get_invoice_card(invoice_id: int, today: date) -> InvoiceCard | None:
    """The page, or None. Eight statements."""
    head = select(Invoice, Receivable, state_of(today), corrected_cents(), written_off_cents())
    row = db.session.execute(
        head.outerjoin(Receivable, Receivable.invoice_id == Invoice.id).where(Invoice.id == invoice_id)
    ).one_or_none()
    if row is None:
        return None
    invoice, receivable, state, corrected, given_up = row
    scalars = db.session.scalars
    lines = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id)
    taxes = select(InvoiceTaxLine).where(InvoiceTaxLine.invoice_id == invoice_id)
    return InvoiceCard(
        invoice=invoice,
        lines=tuple(scalars(lines.order_by(InvoiceLine.position, InvoiceLine.id))),
        taxes=tuple(scalars(taxes.order_by(InvoiceTaxLine.id))),
        receivable=receivable,
        papers=tuple(scalars(select(Paper).where(Paper.invoice_id == invoice_id).order_by(Paper.id))),
        postings=_postings(invoice_id),
        messages=tuple(scalars(select(Message).where(Message.invoice_id == invoice_id).order_by(Message.id))),
        related=_related(invoice),
        state=state,
        left_cents=invoice.gross_cents + int(corrected),
        written_off_cents=int(given_up),
        terms=_terms(invoice, receivable, invoice.gross_cents + int(corrected) - invoice.prepaid_cents, today),
    )


def _terms(invoice: Invoice, receivable: Receivable | None, owed_cents: int, today: date) -> PaymentTerms:
    issued_on, percent, days = invoice.issued_on or today, invoice.cash_discount_percent, invoice.cash_discount_days
    return PaymentTerms(
        receivable.due_on if receivable else invoice.due_on or issued_on + timedelta(invoice.days_for_payment),
        invoice.days_for_payment, percent, cash_discount(owed_cents, percent, days, issued_on, issued_on),
        issued_on + timedelta(days) if percent else None,
    )  # fmt: skip


def _postings(invoice_id: int) -> tuple[PostingRow, ...]:
    """Of the invoice, and of the fees and interest that hang on it: who sees one fall has seen it made."""
    owed, hanging = aliased(Receivable), aliased(Receivable)
    of_hanging = (
        select(Posting.entry_id)
        .join(hanging, hanging.id == Posting.receivable_id)
        .join(owed, owed.id == hanging.parent_id)
        .where(owed.invoice_id == invoice_id)
    )
    entries = union(select(JournalEntry.id).where(JournalEntry.invoice_id == invoice_id), of_hanging)
    query = (
        select(JournalEntry.booked_on, entry_called(), Posting.account, Posting.amount_cents, Posting.currency_code)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(JournalEntry.id.in_(entries))
        .order_by(JournalEntry.id, Posting.id)
    )
    return tuple(PostingRow(*row) for row in db.session.execute(query))


def _related(invoice: Invoice) -> tuple[RelatedRow, ...]:
    """The document that this one corrects, and those that correct it."""
    columns = (Invoice.id, Invoice.number, Invoice.kind, Invoice.issued_on, Invoice.gross_cents, Invoice.currency_code)
    query = select(*columns).where((Invoice.original_id == invoice.id) | (Invoice.id == invoice.original_id))
    return tuple(RelatedRow(*row) for row in db.session.execute(query.order_by(Invoice.id)))
