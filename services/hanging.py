"""What hangs on an invoice: fees, interest, lump sums, each a receivable of its own (MAH-6); and money for all of it.

Who names the invoice pays it (section 366 (1) BGB), and with more than it asks for what hangs on it, the oldest first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import cast

from sqlalchemy import literal_column, select
from sqlalchemy.orm import Session, aliased

from billing.errors import AlreadyDone, Invalid
from billing.money import Money
from billing.payments import spread
from extensions import db
from models import Receivable
from services import payments
from services.actor import Actor
from services.payment_rows import lock, receivable_of, refuse_twice
from services.payments import Receipt
from services.unit import write

_parent = aliased(Receivable)


def hanging_on(session: Session, receivable_ids: Collection[int]) -> Mapping[int, Sequence[tuple[int, int]]]:
    """(receivable, open cents) of what is open beside each of these, the oldest first. One statement."""
    query = select(_parent.id, Receivable.id, Receivable.open_cents).join(_parent, _parent.id == Receivable.parent_id)
    same = Receivable.currency_code == _parent.currency_code
    open_ = Receivable.open_cents > literal_column("0")
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for parent_id, id_, cents in session.execute(query.where(_parent.id.in_(receivable_ids), same, open_)
                                                 .order_by(Receivable.id)):  # fmt: skip
        found[parent_id].append((id_, cents))
    return found


def shares(receivable_id: int, cents: int) -> tuple[tuple[tuple[int, int], ...], int]:
    """(receivable, cents) that money for an invoice would pay of it and of what hangs on it, and what is left. Reads
    only; two statements."""
    session = cast(Session, db.session())
    itself = session.scalar(select(Receivable.open_cents).where(Receivable.id == receivable_id)) or 0
    beside = hanging_on(session, [receivable_id]).get(receivable_id, ())
    return spread(cents, [(receivable_id, itself), *beside])


def receive(actor: Actor, receivable_id: int, receipt: Receipt) -> list[int]:
    """Book money for an invoice and what hangs on it; gives the payments' ids. With `surplus` the rest is credit.

    Raises as `payments.receive`; Invalid("amount", "more_than_open") for more than all of it without `surplus`.
    """
    with write() as session:
        owed = _owed(session, receivable_id)
        refuse_twice(session, receipt.key)
        parts, left = spread(receipt.paid.cents, owed)
        if parts in ((), ((receivable_id, receipt.paid.cents),)):  # nothing hangs on it, or nothing reaches that
            return [payments.receive(actor, receivable_id, receipt).payment_id]
        if left and not receipt.surplus:
            raise Invalid("amount", "more_than_open")
        return [
            payments.receive(actor, id_, _part(receipt, cents + (0 if n else left), n)).payment_id
            for n, (id_, cents) in enumerate(parts)
        ]


def mark_paid(
    actor: Actor, invoice_id: int, on: date | None = None, *, method: str = "bank", key: str | None = None
) -> list[int]:
    """The whole open amount of an issued invoice and what hangs on it was paid on that day; gives the payments' ids.

    Raises as `payments.mark_paid`.
    """
    with write() as session:
        receivable_id = receivable_of(session, invoice_id)
        owed = _owed(session, receivable_id)
        refuse_twice(session, key)
        cents = sum(max(open_cents, 0) for _, open_cents in owed)
        if not cents:
            raise AlreadyDone("settled")
        currency = session.get_one(Receivable, receivable_id).currency_code
        return receive(actor, receivable_id, Receipt(Money(cents, currency), on, method, key=key))


def _owed(session: Session, receivable_id: int) -> list[tuple[int, int]]:
    """The receivable and what hangs on it, locked."""
    beside = [id_ for id_, _ in hanging_on(session, [receivable_id]).get(receivable_id, ())]
    rows = lock(session, [receivable_id, *beside])
    return [(id_, rows[id_].open_cents) for id_ in (receivable_id, *beside)]


def _part(receipt: Receipt, cents: int, place: int) -> Receipt:
    """The first carries the key, and what becomes credit."""
    return replace(receipt, paid=Money(cents, receipt.paid.currency), key=None if place else receipt.key,
                   surplus=receipt.surplus and not place)  # fmt: skip
