"""Payments by hand: money came in on the own bank account and is for one receivable, wholly or in part.

What came in too much, money without a receivable and money at a provider have rules of their own and are not taken
here.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.errors import AlreadyDone, Invalid, NotFound
from billing.money import Money
from models import Invoice, Receivable
from services import activities, clock, ledger
from services.actor import Actor
from services.unit import write


def record_payment(actor: Actor, receivable_id: int, paid: Money, received_on: date | None = None) -> int:
    """Book money received for a receivable and give what is still open, in cents. `received_on`: today unless given.

    Raises NotFound, AlreadyDone("settled"), and Invalid: "amount" that is not positive, of another currency or more
    than is open, "received_on" in the future.
    """
    on = received_on or clock.today()
    with write() as session:
        row = _lock(session, receivable_id)
        _check(row, paid, on)
        entry_id = ledger.book_payment(session, row, paid.cents, on)
        number = session.scalar(select(Invoice.number).where(Invoice.id == row.invoice_id))
        activities.record(
            actor, "payment.recorded", "journal_entry", entry_id, customer_id=row.customer_id, number=number or "",
            amount_cents=paid.cents, currency=paid.currency, received_on=on.isoformat(), open_cents=row.open_cents,
        )  # fmt: skip
        return row.open_cents


def _lock(session: Session, receivable_id: int) -> Receivable:
    query = select(Receivable).where(Receivable.id == receivable_id).with_for_update()
    row: Receivable | None = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("receivable", field="receivable_id")
    return row


def _check(row: Receivable, paid: Money, on: date) -> None:
    if paid.currency != row.currency_code:
        raise Invalid("amount", "other_currency")
    if paid.cents <= 0:
        raise Invalid("amount", "out_of_range")
    if row.open_cents <= 0:
        raise AlreadyDone("settled")
    if paid.cents > row.open_cents:
        raise Invalid("amount", "more_than_open")
    if on > clock.today():
        raise Invalid("received_on", "in_the_future")
