"""What went back of payments: refunds that stand, and chargebacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from models import Payment, Refund

STANDING = Refund.state.not_in(("failed", "withdrawn"))
_undone = aliased(Payment)


def standing_cents(session: Session, payment_ids: Iterable[int]) -> Mapping[int, int]:
    """Payment -> cents of its refunds that stand, finished or under way."""
    query = select(Refund.payment_id, func.sum(Refund.amount_cents)).where(Refund.payment_id.in_(list(payment_ids)))
    return {
        payment: int(cents) for payment, cents in session.execute(query.where(STANDING).group_by(Refund.payment_id))
    }


def charged_back_cents(session: Session, payment_ids: Iterable[int]) -> Mapping[int, int]:
    """Payment -> cents that were charged back of it and not won again."""
    mine = (Payment.kind == "chargeback", Payment.belongs_to_id.in_(list(payment_ids)), stands())
    query = select(Payment.belongs_to_id, func.sum(Payment.amount_cents)).where(*mine)
    return {each: int(cents) for each, cents in session.execute(query.group_by(Payment.belongs_to_id)) if each}


def has_gone_back(session: Session, payment_id: int) -> bool:
    """Whether a refund or a chargeback of it stands: then it is neither undone nor moved."""
    return bool(standing_cents(session, [payment_id]) or charged_back_cents(session, [payment_id]))


def stands(row: Any = Payment) -> ColumnElement[bool]:
    """A row that no reversal undoes."""
    return ~exists().where(_undone.reverses_id == row.id)
