"""The books: every movement of money is an entry whose postings sum to zero, and what is open follows from them.

`receivables.open_cents` is written here and nowhere else, in the transaction of its posting (X-03, L1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.errors import CurrencyMismatch, Invalid, NotFound
from billing.ledger import RECEIVABLE, balanced, postings_for_invoice
from billing.payments import credit_legs
from extensions import queues
from models import JournalEntry, Posting, Receivable
from services import clock
from services.bulk import Bulk, draw_keys
from services.issue_rows import Frame, Order
from services.unit import after_commit

CREDIT_APPLIED = "credit_applied"  # the kind of the entry by which paid credit settles an invoice
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

    The receivable is open as far as paid credit does not settle it (D-9); one of nothing is settled at once.
    """
    draft, cents = order.draft, order.totals.gross_cents
    customer, currency = draft.customer_id, draft.currency
    receivable_id, entry_id = next(keys["receivables"]), next(keys["journal_entries"])
    due_on = frame.issued_on + timedelta(draft.days_for_payment)
    receivables.add((
        receivable_id, "invoice", customer, draft.positions[0].subscription_id, invoice_id, currency, cents,
        cents - order.prepaid_cents, due_on, None if cents - order.prepaid_cents else frame.issued_on, 0, "", frame.now,
    ))  # fmt: skip
    entries.add((entry_id, "invoice", frame.issued_on, customer, invoice_id, currency, frame.now))
    for account, amount in postings_for_invoice(cents, order.totals.tax_lines):
        whose = receivable_id if account == RECEIVABLE else None
        postings.add((next(keys["postings"]), entry_id, account, customer, whose, amount, currency))
    if order.prepaid_cents:
        credit_id = next(keys["journal_entries"])
        entries.add((credit_id, CREDIT_APPLIED, frame.issued_on, customer, invoice_id, currency, frame.now))
        for account, amount, whose in credit_legs(order.prepaid_cents, receivable_id):
            postings.add((next(keys["postings"]), credit_id, account, customer, whose, amount, currency))


class Leg(NamedTuple):
    """One posting to be. `receivable_id`: whose open amount it moves, on the account "receivable" only."""

    account: str
    cents: int
    receivable_id: int | None = None


def book(
    session: Session,
    kind: str,
    on: date,
    customer_id: int,
    currency: str,
    legs: Sequence[Leg],
    invoice_id: int | None = None,
) -> int:
    """Write one entry with its postings and move the open amounts of its receivables; gives the entry's id.

    Legs of zero are left out. A receivable is settled on the day on which nothing of it is open any more. Raises
    Invalid("legs") for an entry that does not sum to zero, NotFound for an unknown receivable, CurrencyMismatch.
    """
    if not balanced((leg.account, leg.cents) for leg in legs):
        raise Invalid("legs", "postings_not_balanced")
    rows = _locked(session, {leg.receivable_id for leg in legs if leg.receivable_id is not None})
    (entry_id,) = draw_keys(session.connection(), {"journal_entries": 1})["journal_entries"]
    for leg in legs:
        if not leg.cents:
            continue
        session.add(Posting(entry_id=entry_id, account=leg.account, customer_id=customer_id, amount_cents=leg.cents,
                            receivable_id=leg.receivable_id, currency_code=currency))  # fmt: skip
        if leg.receivable_id is not None:
            _move_open(rows[leg.receivable_id], leg.cents, currency, on)
    session.flush()  # the postings first: an entry that stands takes no more of them
    session.add(
        JournalEntry(id=entry_id, kind=kind, booked_on=on, customer_id=customer_id, invoice_id=invoice_id,
                     currency_code=currency, created_at=clock.instant())
    )  # fmt: skip
    session.flush()
    return entry_id


def _locked(session: Session, ids: set[int]) -> dict[int, Receivable]:
    """The receivables under their row locks, in id order."""
    if not ids:
        return {}
    query = select(Receivable).where(Receivable.id.in_(ids)).order_by(Receivable.id).with_for_update()
    rows = session.scalars(query.execution_options(populate_existing=True))
    found: dict[int, Receivable] = {row.id: row for row in rows}
    if missing := ids - found.keys():
        raise NotFound("receivable", receivable_id=min(missing))
    return found


def _move_open(row: Receivable, cents: int, currency: str, on: date) -> None:
    if row.currency_code != currency:
        raise CurrencyMismatch(row.currency_code, currency)
    before, is_new = row.open_cents, not row.open_cents and row.settled_on is None
    row.open_cents += cents
    row.settled_on = None if row.open_cents else on
    if before > 0 >= row.open_cents:
        _end_dunning(row)
    elif before <= 0 < row.open_cents and not is_new:
        row.dunning_round, row.reopened_on = row.dunning_round + 1, on  # what is owed again is dunned from the start


def _end_dunning(row: Receivable) -> None:
    """Nothing is owed any more: the level ends (EB-54), and contracts that it switched off go on where this was the
    last that held them back, a fee perhaps (M2-17)."""
    if row.dunning_level or row.parent_id is not None:
        row.dunning_level, row.reminded_on = 0, None
        after_commit(partial(_ring, row.id))


def _ring(receivable_id: int) -> None:
    queues.ring("money", "jobs.dunning.resume", receivable_id)
