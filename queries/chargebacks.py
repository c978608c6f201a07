"""Money that was taken back from us, as screens look for it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, literal_column, or_
from sqlalchemy.orm import aliased

from models import Chargeback, Payment, Receivable
from queries.lists.conditions import there_is

OWED_AGAIN = "owed_again"
_undoing, _extra, _owed = aliased(Payment), aliased(Chargeback), aliased(Receivable)


def is_owed_again() -> ColumnElement[bool]:
    """Of `Payment`: a chargeback that stands, of which something is still open: what had been paid, the bank's fee, or
    what went out twice. Whoever pays, writes off or wins the case takes it off the list."""
    rare = Payment.kind != literal_column("'payment'")  # the index's own condition
    undone = there_is(_undoing.reverses_id == Payment.id, beside=Payment)
    owed = or_(
        _is_open(_owed.id == Payment.receivable_id),
        _is_open(_extra.payment_id == Payment.id, _owed.id == _extra.fee_receivable_id),
        _is_open(_extra.payment_id == Payment.id, _owed.id == _extra.excess_receivable_id),
    )
    return and_(rare, Payment.kind == "chargeback", ~undone, owed)


def _is_open(*found: ColumnElement[bool]) -> ColumnElement[bool]:
    """By its key each, so that nobody reads all that is owed."""
    return there_is(*found, _owed.open_cents > 0, beside=Payment)
