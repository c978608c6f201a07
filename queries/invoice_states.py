"""What became of a document, worked out in one place: a draft, being collected, issued, overdue, paid, written off,
cancelled. Stored are only draft, awaiting_payment and issued; the rest follows from what is owed, given
up and corrected.

| stored | kind | further | state |
|---|---|---|---|
| draft | | | draft |
| awaiting_payment | | an attempt is under way | collecting, unclear (no answer), needs_action |
| awaiting_payment | | another try follows | awaiting_payment |
| awaiting_payment | | nobody tries any more; its periods are free again | given_up, released |
| issued | correction, cancellation | | issued |
| issued | invoice | corrected wholly | cancelled |
| issued | invoice | nothing is owed, all of what is left was given up | written_off |
| issued | invoice | nothing is owed, a part was given up | partly_written_off |
| issued | invoice | nothing is owed | paid |
| issued | invoice | owed, its day is over | overdue |
| issued | invoice | owed | issued |
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from models import Collection, Invoice, Payment, PaymentAttempt, Receivable
from queries.lists.conditions import there_is

STATES = ("draft", "awaiting_payment", "collecting", "unclear", "needs_action", "given_up", "released", "issued",
          "overdue", "paid", "written_off", "partly_written_off", "cancelled")  # fmt: skip
_taking, _undoing = aliased(Invoice), aliased(Payment)
UNDER_WAY = ("planned", "prepared", "sent", "unknown", "needs_action")  # one at a time, the index says so
_ATTEMPTED = case(
    (PaymentAttempt.state == "unknown", "unclear"),
    (PaymentAttempt.state == "needs_action", "needs_action"),
    else_="collecting",
)


def corrected_cents() -> Any:
    """Gross cents that corrections took of the document (at most 0), as a column beside `Invoice`."""
    taken = select(func.coalesce(func.sum(_taking.gross_cents), 0))
    mine = (_taking.original_id == Invoice.id, _taking.issued_at.is_not(None))
    return taken.where(*mine).correlate(Invoice).scalar_subquery()


def written_off_cents() -> Any:
    """Cents that stand given up (Ausbuchung), as a column beside `Receivable`."""
    stands = ~exists().where(_undoing.reverses_id == Payment.id)
    mine = (Payment.receivable_id == Receivable.id, Payment.kind == "write_off", stands)
    return select(func.coalesce(func.sum(Payment.amount_cents), 0)).where(*mine).correlate(Receivable).scalar_subquery()


def is_given_up() -> ColumnElement[bool]:
    """Nothing of it is owed, and all of what corrections left was given up: nobody paid. Of `Invoice` joined (outer)
    with its `Receivable`."""
    left = Invoice.gross_cents + corrected_cents()
    return and_(Receivable.open_cents.is_not(None), Receivable.open_cents <= 0, left > 0, written_off_cents() >= left)


def is_cancelled() -> ColumnElement[bool]:
    """A Stornorechnung, or corrections that came to the whole."""
    mine = (_taking.original_id == Invoice.id, _taking.issued_at.is_not(None))
    cancelled = there_is(*mine, _taking.kind == "cancellation", beside=Invoice)
    corrected = there_is(*mine, beside=Invoice)
    return or_(cancelled, and_(corrected, Invoice.gross_cents + corrected_cents() == 0))


def state_of(today: date) -> ColumnElement[str]:
    """The state as a column, of `Invoice` joined (outer) with its `Receivable`."""
    issued = Invoice.kind == "invoice"
    return case(
        (Invoice.status == "awaiting_payment", collecting_state()),
        (Invoice.status != "issued", Invoice.status),
        (and_(issued, is_cancelled()), "cancelled"),
        (and_(issued, Receivable.open_cents <= 0), _settled()),
        (and_(issued, Receivable.due_on < today), "overdue"),
        else_="issued",
    )


def collecting_state() -> Any:
    """How far the collecting of a document is that is charged before it is issued, as a column beside `Invoice`."""
    attempt = select(_ATTEMPTED).where(PaymentAttempt.invoice_id == Invoice.id, PaymentAttempt.state.in_(UNDER_WAY))
    over = select(Collection.state).where(
        Collection.invoice_id == Invoice.id, Collection.state.in_(("given_up", "released"))
    )
    found = (each.correlate(Invoice).scalar_subquery() for each in (attempt, over))
    return func.coalesce(*found, "awaiting_payment")


def _settled() -> Any:
    """Given up is not paid, whatever the sum that is open says."""
    given_up = written_off_cents()
    return case(
        (given_up == 0, "paid"),
        (given_up >= Invoice.gross_cents + corrected_cents(), "written_off"),
        else_="partly_written_off",
    )
