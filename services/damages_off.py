"""Fees, interest and the lump sum of an invoice of which nothing is left: a claim that never was bears none (MAH-6).

    the invoice                    unpaid of them     paid of them      written off of them
    cancelled, or corrected wholly cancelled          credit            the write-off is taken back, then cancelled
    corrected in part              stays              stays             stays

The bank's or the provider's fee for a debit or a payment that came back is one of them, though it is the damage of the
return (section 280 (1) BGB) and not of being late:

    cancelled since                                    the fee by law                         here
    the claim never was: it was taken back rightly     not owed, the customer broke nothing   falls
    it is billed again otherwise, or out of kindness   owed, if the return was a breach       falls
    it was corrected in part                           owed, if the return was a breach       stays
    the fee came after the cancellation                owed: money went back twice            stays
    the chargeback was won before                      not owed, taken off already            nothing is left to fall

A cancellation does not say which of the first two it is; in doubt the customer is not asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from billing.refunds import fee_off_legs
from models import Chargeback, JournalEntry, Payment, Posting, Receivable
from services import clock, given_up
from services.ledger import Leg, book

_CAUSES = ("reminder", "returned_debit", "chargeback")
_KIND = "fee_reversal"  # of the entry


def falling_with(session: Session, receivable_id: int, *, lock: bool = False) -> Sequence[Receivable]:
    """What is owed for this receivable's being late or taken back, the oldest first. One statement."""
    undoing = aliased(Payment)
    won = exists().where(Chargeback.fee_receivable_id == Receivable.id, undoing.reverses_id == Chargeback.payment_id)
    query = select(Receivable).where(Receivable.parent_id == receivable_id, Receivable.cause.in_(_CAUSES), ~won)
    query = query.order_by(Receivable.id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).all()


def take_off(session: Session, parent: Receivable, number: str) -> int:
    """Nothing is left of the locked receivable: take off what hangs on it; gives how many cents. `number` is that of
    the correcting document."""
    fallen = falling_with(session, parent.id, lock=True)
    for row in fallen:
        _take_one_off(session, row, number, parent.invoice_id)
    return sum(row.amount_cents for row in fallen)


def take_fee_off(session: Session, row: Receivable) -> None:
    """A chargeback was won: its locked fee is not asked for any more, unless it fell with its invoice before."""
    if not _fell_before(session, row):
        _take_one_off(session, row, "")


def _take_one_off(session: Session, row: Receivable, number: str, invoice_id: int | None = None) -> None:
    given_up.regain(session, row, row.amount_cents, number)
    legs = [Leg(*leg) for leg in fee_off_legs(row.amount_cents, row.open_cents, row.id, row.kind)]
    book(session, _KIND, clock.today(), row.customer_id, row.currency_code, legs, invoice_id)


def _fell_before(session: Session, row: Receivable) -> bool:
    """With its invoice, and so by an entry of that, after the one by which it came to be owed."""
    parent, came = aliased(Receivable), func.min(Posting.entry_id)
    since = select(came).where(Posting.receivable_id == row.id).scalar_subquery()
    query = select(JournalEntry.id).join(parent, parent.invoice_id == JournalEntry.invoice_id)
    found = query.where(parent.id == row.parent_id, JournalEntry.kind == _KIND, JournalEntry.id > since)
    return session.scalar(found.limit(1)) is not None
