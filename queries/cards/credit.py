"""Paid credit of a customer (D-9): where it came from and where it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from billing.ledger import CREDIT
from extensions import db
from models import Invoice, JournalEntry, Payment, Posting
from queries.family import family_of

SHOWN = 20


@dataclass(frozen=True, slots=True)
class CreditMove:
    """One entry of the books: positive where credit came, negative where it went."""

    booked_on: date
    kind: str
    cents: int
    currency: str
    payment_id: int | None
    invoice_id: int | None
    number: str | None


def credit_moves(customer_id: int, limit: int = SHOWN) -> tuple[CreditMove, ...]:
    """The newest first, with what belongs to records merged in. One statement."""
    columns = (JournalEntry.id, JournalEntry.booked_on, JournalEntry.kind, JournalEntry.currency_code, Payment.id,
               Invoice.id, Invoice.number)  # fmt: skip
    query = (
        select(*columns[1:3], func.sum(Posting.amount_cents), *columns[3:])
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .outerjoin(Payment, Payment.entry_id == JournalEntry.id)
        .outerjoin(Invoice, Invoice.id == JournalEntry.invoice_id)
        .where(Posting.customer_id.in_(family_of(customer_id)), Posting.account == CREDIT)
        .group_by(*columns)
        .order_by(JournalEntry.id.desc())
        .limit(limit)
    )
    return tuple(CreditMove(on, kind, -int(cents), *rest) for on, kind, cents, *rest in db.session.execute(query))
