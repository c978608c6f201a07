"""Invoices that were collected though they had been paid: what is too much is the customer's credit until it is used.

By two charges, or by one beside a transfer (EB-51). What a transfer brought too much a person has booked, knowing it.

What went back of a charge counts no more. It leaves the list by itself: paid out, used by the next invoice, refunded,
charged back, or moved to another invoice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Subquery, case, func, literal_column, select, union
from sqlalchemy.orm import aliased

from billing.ledger import CREDIT
from extensions import db
from models import Customer, Invoice, Payment, PaymentAttempt, Posting, Receivable
from queries.family import family_of
from queries.lists.conditions import Condition, Rows

TAKEN_TWICE = "taken_twice"
_again, _back, _undoing = aliased(PaymentAttempt), aliased(Payment), aliased(Payment)
_charge, _owed = aliased(Payment), aliased(Receivable)
_member, _owner, _correction = aliased(Customer), aliased(Customer), aliased(Invoice)


@dataclass(frozen=True, slots=True)
class TakenTwice:
    """`taken_cents` came in all, `too_much_cents` of it is credit that nobody has used yet."""

    invoice_id: int
    number: str
    customer_id: int
    currency: str
    taken_cents: int
    too_much_cents: int


def taken_twice(*where: ColumnElement[bool]) -> Rows:
    """The invoices for which it holds, of those that `where` picks, as the fields of TakenTwice."""
    found = _taken(*where).subquery()
    credit = _credit_of(found)
    over = found.c.taken_cents - found.c.claim_cents
    left = case((over < credit, over), else_=credit)
    query = select(found.c.id, found.c.number, found.c.customer_id, found.c.currency, found.c.taken_cents, left)
    return query.where(credit > 0).order_by(found.c.id)


def count_taken_twice() -> Any:
    return select(func.count()).select_from(taken_twice().order_by(None).subquery()).scalar_subquery()


def taken_twice_of_invoice(invoice_id: int) -> Sequence[TakenTwice]:
    """One, or none. One statement."""
    return _rows(Invoice.id == invoice_id)


def taken_twice_of_customer(customer_id: int) -> Sequence[TakenTwice]:
    """With those of the records that were merged into it. One statement."""
    return _rows(Invoice.customer_id.in_(family_of(customer_id)))


def payments_of_them() -> Condition:
    """As a condition on payments: those that such an invoice was collected with."""
    invoices = select(taken_twice().order_by(None).subquery().c.id)
    mine = select(Payment.id).join(Receivable, _of_receivable()).where(Receivable.invoice_id.in_(invoices))
    return Condition(Payment.id.in_(mine), mine)


def _rows(*where: ColumnElement[bool]) -> Sequence[TakenTwice]:
    return [TakenTwice(*row) for row in db.session.execute(taken_twice(*where))]


def _taken(*where: ColumnElement[bool]) -> Rows:
    """Begins with the indexes on attempts that were accepted and not the first, and on charges that became credit: few
    are."""
    more = union(_charged_again(), _charged_too_much())
    undone = select(_undoing.id).where(_undoing.reverses_id == Payment.id)
    gone_back = select(func.coalesce(func.sum(_back.amount_cents), 0)).where(
        _back.belongs_to_id == Payment.id, _back.kind.in_(("chargeback", "refund")),
        ~select(_undoing.id).where(_undoing.reverses_id == _back.id).exists(),
    )  # fmt: skip
    kept = Payment.amount_cents - gone_back.correlate(Payment).scalar_subquery()
    total, claim = func.sum(kept), Invoice.gross_cents + _corrected()
    return (
        select(Invoice.id, func.coalesce(Invoice.number, "").label("number"), Invoice.customer_id,
               Invoice.currency_code.label("currency"), total.label("taken_cents"), claim.label("claim_cents"))
        .join(Receivable, Receivable.invoice_id == Invoice.id)
        .join(Payment, _of_receivable())
        .where(Invoice.id.in_(more), kept > 0, ~undone.exists(), *where)
        .group_by(Invoice.id)
        .having(func.count() > 1, total > claim)
    )  # fmt: skip


def _corrected() -> Any:
    """Cents, below nothing: what corrections took off the invoice."""
    query = select(func.coalesce(func.sum(_correction.gross_cents), 0)).where(_correction.original_id == Invoice.id)
    return query.correlate(Invoice).scalar_subquery()


def _charged_again() -> Rows:
    accepted = _again.state == literal_column("'accepted'")
    return select(_again.invoice_id).where(accepted, _again.number > literal_column("1"))


def _charged_too_much() -> Rows:
    """In the index's own words, which neither planner recognises with a parameter."""
    is_so = (_charge.credit_cents > literal_column("0")) & (_charge.gateway != literal_column("''"))
    return select(_owed.invoice_id).join(_charge, _charge.receivable_id == _owed.id).where(is_so)


def _of_receivable() -> ColumnElement[bool]:
    return (Payment.receivable_id == Receivable.id) & (Payment.kind == "payment")


def _credit_of(found: Subquery) -> Any:
    """What the customer has of paid credit in that currency, with the records merged into theirs (D-9)."""
    speaks = select(_owner.survivor_id).where(_owner.id == found.c.customer_id).correlate(found).scalar_subquery()
    family = select(_member.id).where(_member.survivor_id == speaks)
    query = select(func.coalesce(-func.sum(Posting.amount_cents), 0)).where(
        Posting.account == CREDIT, Posting.currency_code == found.c.currency, Posting.customer_id.in_(family)
    )
    return query.correlate(found).scalar_subquery()
