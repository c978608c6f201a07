"""The books: every movement of money is an entry whose postings sum to zero, and what is open follows from them.

`receivables.open_cents` is written here and nowhere else, in the transaction of its posting (X-03, L1).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from billing.ledger import RECEIVABLE, postings_for_invoice
from services.bulk import Bulk
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
