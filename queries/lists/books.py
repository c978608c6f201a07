"""The books, posting by posting."""

from __future__ import annotations

from sqlalchemy import literal_column, select

from models import Customer, Invoice, JournalEntry, Posting
from queries.chargebacks import RETURNED_DEBIT
from queries.entries import entry_called, postings_called
from queries.lists.conditions import Condition, Rows, there_is
from queries.lists.finding import number_begins, number_has, number_or_customer
from queries.lists.names import customer_name
from queries.lists.shape import Listing

ENTRY_KINDS = frozenset({
    "invoice", "cancellation", "correction", "payment", "payment_reversal", "cash_discount", "write_off",
    "credit_applied", "credit_used", "credit_reversal", "payout", "reversal", "refund", "chargeback",
    "fee", "interest", "lump_sum",
    "refund_ordered", "refund_returned", "double_payout", "provider_fee", "fee_reversal",
})  # fmt: skip
COMMON_ENTRIES = ("invoice", "payment")  # as in ix_journal_entries_rare


def _postings() -> Rows:
    return (
        select(
            Posting.id, Posting.entry_id, JournalEntry.booked_on, entry_called().label("kind"), Posting.account,
            Posting.amount_cents, Posting.currency_code, Posting.customer_id, customer_name().label("customer"),
            JournalEntry.invoice_id, Invoice.number.label("invoice_number"),
        )
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .join(Customer, Customer.id == Posting.customer_id)
        .outerjoin(Invoice, Invoice.id == JournalEntry.invoice_id)
    )  # fmt: skip


def _entry_kind(value: str) -> Condition | None:
    """Invoices and payments are most of the books; what is rare stands in an index of its own."""
    if value in ("chargeback", RETURNED_DEBIT):
        return postings_called(value)
    if value not in ENTRY_KINDS:
        return None
    of_row = there_is(JournalEntry.id == Posting.entry_id, JournalEntry.kind == value)
    if value in COMMON_ENTRIES:
        return Condition(of_row)
    rare = [JournalEntry.kind != literal_column(f"'{each}'") for each in COMMON_ENTRIES]
    members = select(Posting.id).join(JournalEntry, JournalEntry.id == Posting.entry_id)
    return Condition(of_row, members.where(*rare, JournalEntry.kind == value))


def _ledger_words(text: str) -> list[Condition]:
    """By the invoice's number or the customer's words."""
    to_entry, to_invoice = JournalEntry.id == Posting.entry_id, Invoice.id == JournalEntry.invoice_id
    of_row = there_is(to_entry, to_invoice, number_has(Invoice.number, text))
    numbered = select(Posting.id).join(JournalEntry, to_entry).join(Invoice, to_invoice)
    found = Condition(of_row, numbered.where(number_begins(Invoice.number, text)))
    return number_or_customer(found, Posting.customer_id, Posting.id, text)


LEDGER = Listing(statement=_postings, key=Posting.id, narrows={"kind": _entry_kind}, search=_ledger_words)
