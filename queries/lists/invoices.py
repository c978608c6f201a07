"""Invoices, what is owed, the papers, and the books."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, or_, select

from models import Customer, Invoice, JournalEntry, Paper, Posting, Receivable
from queries.lists.finding import begins, customer_words, number_or_customer
from queries.lists.listing import Listing, Rows, equals
from queries.lists.names import customer_name


def _invoices() -> Rows:
    return select(
        Invoice.id, Invoice.number, Invoice.kind, Invoice.customer_id, Invoice.customer_number,
        Invoice.buyer_name.label("customer"), Invoice.issued_on, Invoice.due_on, Invoice.net_cents, Invoice.tax_cents,
        Invoice.gross_cents, Invoice.currency_code, Invoice.status, Receivable.open_cents,
        Receivable.due_on.label("payable_on"),
    ).outerjoin(Receivable, Receivable.invoice_id == Invoice.id)  # fmt: skip


INVOICES = Listing(
    statement=_invoices,
    key=Invoice.id,
    sorts={"number": Invoice.number, "issued_on": Invoice.issued_on, "due_on": Invoice.due_on,
           "gross_cents": Invoice.gross_cents},
    narrows={"kind": equals(Invoice.kind), "status": equals(Invoice.status)},
    search=lambda text: number_or_customer(Invoice.number, Invoice.customer_id, text),
)  # fmt: skip


def _receivables() -> Rows:
    return (
        select(
            Receivable.id, Receivable.kind, Receivable.invoice_id, Invoice.number.label("invoice_number"),
            Receivable.customer_id, Customer.number.label("customer_number"), customer_name().label("customer"),
            Receivable.due_on, Receivable.amount_cents, Receivable.open_cents, Receivable.currency_code,
            Receivable.dunning_level, Receivable.settled_on,
        )
        .join(Customer, Customer.id == Receivable.customer_id)
        .outerjoin(Invoice, Invoice.id == Receivable.invoice_id)
    )  # fmt: skip


def receivables(today: date) -> Listing:
    """What is owed; overdue is computed, not stored."""
    conditions: dict[str, ColumnElement[bool]] = {
        "open": Receivable.open_cents != 0,
        "overdue": (Receivable.open_cents > 0) & (Receivable.due_on < today),
        "settled": Receivable.open_cents == 0,
    }
    return Listing(
        statement=_receivables,
        key=Receivable.id,
        sorts={"due_on": Receivable.due_on, "amount_cents": Receivable.amount_cents,
               "open_cents": Receivable.open_cents},
        narrows={"state": lambda value: conditions.get(value, Receivable.id > 0)},
        search=lambda text: number_or_customer(Invoice.number, Receivable.customer_id, text),
    )  # fmt: skip


def _papers() -> Rows:
    return select(
        Paper.id, Invoice.number.label("invoice_number"), Paper.invoice_id, Paper.kind, Paper.state, Paper.attempts,
        Paper.error, Paper.next_attempt_at, Paper.drawn_at, Paper.created_at,
    ).join(Invoice, Invoice.id == Paper.invoice_id)  # fmt: skip


PAPERS = Listing(
    statement=_papers,
    key=Paper.id,
    narrows={"state": equals(Paper.state)},
    search=lambda text: or_(begins(Invoice.number, text), begins(Invoice.number, text.upper())),
)


def _postings() -> Rows:
    return (
        select(
            Posting.id, Posting.entry_id, JournalEntry.booked_on, JournalEntry.kind, Posting.account,
            Posting.amount_cents, Posting.currency_code, Posting.customer_id, customer_name().label("customer"),
            JournalEntry.invoice_id, Invoice.number.label("invoice_number"),
        )
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .join(Customer, Customer.id == Posting.customer_id)
        .outerjoin(Invoice, Invoice.id == JournalEntry.invoice_id)
    )  # fmt: skip


LEDGER = Listing(
    statement=_postings,
    key=Posting.id,
    sorts={"booked_on": JournalEntry.booked_on, "amount_cents": Posting.amount_cents},
    narrows={"kind": equals(JournalEntry.kind)},
    search=lambda text: or_(
        begins(Invoice.number, text), begins(Invoice.number, text.upper()), begins(Posting.account, text),
        customer_words(Posting.customer_id, text),
    ),
)  # fmt: skip
