"""The collection of a document under its locks: who is trying, and what is asked for."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.errors import AlreadyDone, NotAllowed, NotFound
from billing.money import Money
from models import Collection, Invoice, PaymentAttempt
from services.attempt_rows import UNDER_WAY
from services.customers import lock_survivor
from services.frozen_issue import order_of


def take(session: Session, invoice_id: int) -> Collection:
    """The customer first, as everybody does, then the document's collection."""
    found = session.scalar(select(Collection.customer_id).where(Collection.invoice_id == invoice_id))
    if found is None:
        raise NotFound("collection", field="invoice_id")
    lock_survivor(session, found)
    return session.get_one(Collection, invoice_id, with_for_update=True, populate_existing=True)


def is_tried(session: Session, invoice_id: int) -> bool:
    under_way = select(PaymentAttempt.id).where(
        PaymentAttempt.invoice_id == invoice_id, PaymentAttempt.state.in_(UNDER_WAY)
    )
    return session.scalar(under_way.limit(1)) is not None


def refuse_while_tried(session: Session, invoice_id: int) -> None:
    """Unknown blocks: nobody asks for the money in another way while a provider may have taken it (EB-51)."""
    if is_tried(session, invoice_id):
        raise NotAllowed("attempt_under_way", field="invoice_id")


def refuse_twice(session: Session, invoice_id: int, after: int | None) -> None:
    """A double click asks a card once: the first press may have been declined before the second arrives (F1)."""
    newest = select(func.coalesce(func.max(PaymentAttempt.number), 0)).where(PaymentAttempt.invoice_id == invoice_id)
    if after is not None and session.scalar(newest) != after:
        raise AlreadyDone("tried_meanwhile")


def asked_of(session: Session, invoice_id: int) -> Money:
    """What the document asks for, less what paid credit will settle of it when it is issued."""
    order = order_of(session, session.get_one(Invoice, invoice_id))
    return Money(order.totals.gross_cents - order.prepaid_cents, order.draft.currency)
