"""The books: every movement of money is an entry whose postings sum to zero, and what is open follows from them.

`receivables.open_cents` is written here and nowhere else, in the transaction of its posting (X-03, L1).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy.orm import Session

from billing.ledger import RECEIVABLE, postings_for_invoice, postings_for_payment
from models import JournalEntry, Posting, Receivable
from services import clock
from services.bulk import Bulk, draw_keys
from services.issue_rows import Frame, Order

ENTRY_COLUMNS = ("id", "kind", "booked_on", "customer_id", "invoice_id", "currency_code", "created_at")
POSTING_COLUMNS = ("id", "entry_id", "account", "customer_id", "receivable_id", "amount_cents", "currency_code")
RECEIVABLE_COLUMNS = (
    "id", "kind", "customer_id", "subscription_id", "invoice_id", "currency_code", "amount_cents", "open_cents",
    "due_on", "settled_on", "dunning_level", "hold_reason", "created_at",
)  # fmt: skip


def book_invoice(
    receivables: Bulk,
    entries: Bulk,
    postings: Bulk,
    keys: dict[str, Iterator[int]],
    invoice_id: int,
    order: Order,
    frame: Frame,
) -> None:
    """Add what issuing one invoice books: the claim on the customer against turnover and VAT.

    The receivable is wholly open; one of nothing is settled at once.
    """
    draft, cents = order.draft, order.totals.gross_cents
    customer, currency = draft.customer_id, draft.currency
    receivable_id, entry_id = next(keys["receivables"]), next(keys["journal_entries"])
    due_on = frame.issued_on + timedelta(draft.days_for_payment)
    receivables.add((
        receivable_id, "invoice", customer, draft.charges[0].subscription_id, invoice_id, currency, cents, cents,
        due_on, None if cents else frame.issued_on, 0, "", frame.now,
    ))  # fmt: skip
    entries.add((entry_id, "invoice", frame.issued_on, customer, invoice_id, currency, frame.now))
    for account, amount in postings_for_invoice(cents, order.totals.tax_lines):
        whose = receivable_id if account == RECEIVABLE else None
        postings.add((next(keys["postings"]), entry_id, account, customer, whose, amount, currency))


def book_payment(session: Session, row: Receivable, cents: int, on: date) -> int:
    """Book that a customer paid so much of a locked receivable; gives the entry's id. Settled when nothing is open."""
    (entry_id,) = draw_keys(session.connection(), {"journal_entries": 1})["journal_entries"]
    common = {"customer_id": row.customer_id, "currency_code": row.currency_code}
    session.add_all(
        Posting(entry_id=entry_id, account=account, amount_cents=amount, **common,
                receivable_id=row.id if account == RECEIVABLE else None)
        for account, amount in postings_for_payment(cents)
    )  # fmt: skip
    session.flush()  # the postings first: an entry that stands takes no more of them
    session.add(
        JournalEntry(id=entry_id, kind="payment", booked_on=on, invoice_id=row.invoice_id, created_at=clock.instant(),
                     **common)
    )  # fmt: skip
    row.open_cents -= cents
    row.settled_on = None if row.open_cents else on
    session.flush()
    return entry_id
