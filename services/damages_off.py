"""Fees, interest and the lump sum of an invoice of which nothing is left: a claim that never was bears none (MAH-6).

    the invoice                    unpaid of them     paid of them      written off of them
    cancelled, or corrected wholly cancelled          credit            the write-off is taken back, then cancelled
    corrected in part              stays              stays             stays

A provider's fee for a chargeback stays: it goes with the outcome of the dispute (services/chargebacks.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.refunds import fee_off_legs
from models import Receivable
from services import clock, given_up
from services.ledger import Leg, book

_CAUSES = ("reminder", "returned_debit")


def falling_with(session: Session, receivable_id: int, *, lock: bool = False) -> Sequence[Receivable]:
    """What is owed for this receivable's being late, the oldest first. One statement."""
    query = select(Receivable).where(Receivable.parent_id == receivable_id, Receivable.cause.in_(_CAUSES))
    query = query.order_by(Receivable.id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).all()


def take_off(session: Session, parent: Receivable, number: str) -> int:
    """Nothing is left of the locked receivable: take off what hangs on it; gives how many cents. `number` is that of
    the correcting document."""
    fallen = falling_with(session, parent.id, lock=True)
    for row in fallen:
        given_up.regain(session, row, row.amount_cents, number)
        legs = [Leg(*leg) for leg in fee_off_legs(row.amount_cents, row.open_cents, row.id, row.kind)]
        book(session, "fee_reversal", clock.today(), row.customer_id, row.currency_code, legs, parent.invoice_id)
    return sum(row.amount_cents for row in fallen)
