"""An invoice's page: the frozen document, its living receivable, its papers, postings and mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from extensions import db
from models import Invoice, InvoiceLine, InvoiceTaxLine, JournalEntry, Message, Paper, Posting, Receivable


@dataclass(frozen=True, slots=True)
class PostingRow:
    booked_on: date
    kind: str
    account: str
    amount_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class InvoiceCard:
    """Lines, taxes and papers in the order they were written."""

    invoice: Invoice
    lines: tuple[InvoiceLine, ...]
    taxes: tuple[InvoiceTaxLine, ...]
    receivable: Receivable | None
    papers: tuple[Paper, ...]
    postings: tuple[PostingRow, ...]
    messages: tuple[Message, ...]
    related: tuple[tuple[int, str | None, str], ...]


def get_invoice_card(invoice_id: int) -> InvoiceCard | None:
    """The page, or None. Eight statements."""
    invoice = db.session.get(Invoice, invoice_id)
    if invoice is None:
        return None
    scalars = db.session.scalars
    lines = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id)
    taxes = select(InvoiceTaxLine).where(InvoiceTaxLine.invoice_id == invoice_id)
    return InvoiceCard(
        invoice=invoice,
        lines=tuple(scalars(lines.order_by(InvoiceLine.position, InvoiceLine.id))),
        taxes=tuple(scalars(taxes.order_by(InvoiceTaxLine.id))),
        receivable=db.session.scalar(select(Receivable).where(Receivable.invoice_id == invoice_id)),
        papers=tuple(scalars(select(Paper).where(Paper.invoice_id == invoice_id).order_by(Paper.id))),
        postings=_postings(invoice_id),
        messages=tuple(scalars(select(Message).where(Message.invoice_id == invoice_id).order_by(Message.id))),
        related=_related(invoice),
    )


def _postings(invoice_id: int) -> tuple[PostingRow, ...]:
    query = (
        select(JournalEntry.booked_on, JournalEntry.kind, Posting.account, Posting.amount_cents, Posting.currency_code)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(JournalEntry.invoice_id == invoice_id)
        .order_by(JournalEntry.id, Posting.id)
    )
    return tuple(PostingRow(*row) for row in db.session.execute(query))


def _related(invoice: Invoice) -> tuple[tuple[int, str | None, str], ...]:
    """The document that this one corrects, and those that correct it."""
    query = select(Invoice.id, Invoice.number, Invoice.kind).where(
        (Invoice.original_id == invoice.id) | (Invoice.id == invoice.original_id)
    )
    return tuple((row.id, row.number, row.kind) for row in db.session.execute(query.order_by(Invoice.id)))
