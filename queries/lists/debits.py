"""Our own debits, and the files for the bank."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, select

from models import Customer, Debit, Invoice, Mandate, PaymentFile, Receivable
from queries.lists.conditions import Condition, Rows, met_on_the_way, there_is
from queries.lists.finding import number_begins, number_has, number_or_customer
from queries.lists.names import customer_name
from queries.lists.shape import Listing, Sort

STATES = ("planned", "in_file", "submitted", "paid", "returned", "withdrawn")


def _debits() -> Rows:
    return (
        select(
            Debit.id, Debit.collect_on, Debit.state, Debit.customer_id, customer_name().label("customer"),
            Receivable.invoice_id, Invoice.number.label("invoice_number"), Debit.amount_cents, Debit.currency_code,
            Mandate.reference.label("mandate"), Debit.return_code, Debit.file_id, Debit.end_to_end_id,
        )
        .join(Customer, Customer.id == Debit.customer_id)
        .join(Mandate, Mandate.id == Debit.mandate_id)
        .join(Receivable, Receivable.id == Debit.receivable_id)
        .outerjoin(Invoice, Invoice.id == Receivable.invoice_id)
    )  # fmt: skip


def _state(value: str) -> Condition | None:
    return met_on_the_way(Debit.state, value) if value in STATES else None


def _in_file(value: str) -> Condition | None:
    return Condition(Debit.file_id == int(value)) if value.isdecimal() and len(value) < 18 else None


def _words(text: str) -> list[Condition]:
    """By the invoice's number or the customer's words."""
    to_receivable, to_invoice = Receivable.id == Debit.receivable_id, Invoice.id == Receivable.invoice_id
    of_row = there_is(to_receivable, to_invoice, number_has(Invoice.number, text))
    numbered: Any = select(Debit.id).join(Receivable, to_receivable).join(Invoice, to_invoice)
    found = Condition(of_row, numbered.where(number_begins(Invoice.number, text)))
    return number_or_customer(found, Debit.customer_id, Debit.id, text)


DEBITS = Listing(
    statement=_debits, key=Debit.id, narrows={"state": _state, "file": _in_file}, search=_words, sorts={}
)  # fmt: skip

_FILE_STATE = case(
    (PaymentFile.discarded_at.is_not(None), "discarded"), (PaymentFile.rejected_at.is_not(None), "rejected"),
    (PaymentFile.submitted_at.is_not(None), "submitted"),
    else_="made",
)  # fmt: skip


def _files() -> Rows:
    return select(
        PaymentFile.id, PaymentFile.message_id, PaymentFile.kind, _FILE_STATE.label("state"), PaymentFile.execute_on,
        PaymentFile.count, PaymentFile.total_cents, PaymentFile.currency_code, PaymentFile.created_at,
    )  # fmt: skip


PAYMENT_FILES = Listing(statement=_files, key=PaymentFile.id, sorts={"created_at": Sort()})
