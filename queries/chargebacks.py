"""Money that was taken back from us, as screens look for it and call it: a debit's return is no card's chargeback."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, literal_column, or_, select
from sqlalchemy.orm import aliased

from models import Chargeback, Payment, Receivable
from queries.lists.conditions import Condition, there_is

OWED_AGAIN = "owed_again"
RETURNED_DEBIT = "returned_debit"  # what people call a chargeback of a direct debit
_undoing, _extra, _owed = aliased(Payment), aliased(Chargeback), aliased(Receivable)


def called(row: Any = Payment, kind: Any = None) -> ColumnElement[str]:
    """The kind of a payment's row as people call it, or that of its entry in the books."""
    kind = row.kind if kind is None else kind
    by_debit = and_(kind == literal_column("'chargeback'"), row.method == literal_column("'sepa_debit'"))
    return case((by_debit, literal_column(f"'{RETURNED_DEBIT}'")), else_=kind)


def payments_called(kind: str) -> Condition:
    """The chargebacks that people call so, by the index on what is rare."""
    rare = Payment.kind != literal_column("'payment'")
    so = (Payment.kind == "chargeback", called() == kind)
    return Condition(and_(*so), select(Payment.id).where(rare, *so))


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
