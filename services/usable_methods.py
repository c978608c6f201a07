"""By which kept method the money of a document may be asked for without its customer (M1-19, M2-16): one rule for the
button, for a try after a decline, for the dunning run and for its preview.

The contract's own way of paying comes first, otherwise the customer's (of a merged record: the surviving one's). Where
several contracts on a document pay in different ways, and where there is none, it is the customer's. A contract that
is paid by transfer is never collected from a card.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, func, or_, select
from sqlalchemy.orm import Session

from billing.collecting import KIND_OF_TYPE, Kept, chargeable
from models import Customer, Invoice, InvoiceLine, PaymentMethod, Receivable, Subscription
from services import clock
from services.kept_methods import CHARGEABLE, kept_methods

Way = tuple[int | None, int | None]  # payment type and method that contracts have of their own
_THEIRS: Way = (None, None)


@dataclass(frozen=True, slots=True)
class Asked:
    """A document whose money is asked for, and who pays it today: the surviving record with its payment type."""

    invoice_id: int
    payer_id: int
    payment_type: int


def usable_methods(session: Session, asked: Sequence[Asked], on: date, even_held: bool = False) -> dict[int, Kept]:
    """By document, where something can be charged on that day; `even_held` where a person means to. Two statements,
    however many; none for none."""
    if not asked:
        return {}
    kept = kept_methods(session, sorted({each.payer_id for each in asked}))
    own = _own_ways(session, [each.invoice_id for each in asked])
    found = {}
    for each in asked:
        own_type, own_id = own.get(each.invoice_id, _THEIRS)
        method = chargeable(own_type or each.payment_type, kept.get(each.payer_id, ()), on, own_id, even_held)
        if method is not None:
            found[each.invoice_id] = method
    return found


def usable_method(session: Session, invoice_id: int, even_held: bool = False) -> PaymentMethod | None:
    """The one that would be charged today for this document; `even_held` where a person means to."""
    invoice = session.get_one(Invoice, invoice_id)
    payer = session.get_one(Customer, session.get_one(Customer, invoice.customer_id).survivor_id or invoice.customer_id)
    found = usable_methods(session, [Asked(invoice_id, payer.id, payer.payment_type)], clock.today(), even_held)
    return session.get_one(PaymentMethod, found[invoice_id].id) if found else None


def is_usable(payer: Any, on: date) -> ColumnElement[bool]:
    """The same as a condition on receivables with their `payer`, an alias of the customers: for the preview's counts.

    A test holds it against the rule itself (`billing.collecting.chosen`).
    """
    own_type = func.nullif(_agreed(Subscription.payment_type), 0)
    kind = case(KIND_OF_TYPE, value=func.coalesce(own_type, payer.payment_type))
    pays = and_(PaymentMethod.gateway != "", _IS_ACTIVE, PaymentMethod.held_at.is_(None),
                or_(PaymentMethod.expires_on.is_(None), PaymentMethod.expires_on >= on))  # fmt: skip
    mine = (PaymentMethod.customer_id == payer.id, PaymentMethod.state.in_(CHARGEABLE), PaymentMethod.kind == kind)
    found = select(case((pays, 1), else_=0)).where(*mine).correlate(Receivable, payer).limit(1)
    own = found.where(PaymentMethod.id == _agreed(Subscription.payment_method_id))
    best = found.order_by(
        PaymentMethod.is_default.desc(), case((_IS_ACTIVE, 1), else_=0).desc(), PaymentMethod.id.desc()
    )
    return func.coalesce(own.scalar_subquery(), best.scalar_subquery(), 0) == 1


_IS_ACTIVE = PaymentMethod.state == "active"


def _own_ways(session: Session, invoices: Sequence[int]) -> dict[int, Way]:
    """By document: what its contracts have of their own, where they agree."""
    query = select(InvoiceLine.invoice_id, Subscription.payment_type, Subscription.payment_method_id).distinct()
    query = query.join(Subscription, Subscription.id == InvoiceLine.subscription_id)
    found: defaultdict[int, list[Way]] = defaultdict(list)
    for invoice_id, own_type, own_id in session.execute(query.where(InvoiceLine.invoice_id.in_(invoices))):
        found[invoice_id].append((own_type, own_id))
    return {key: ways[0] for key, ways in found.items() if len(ways) == 1}


def _agreed(own: Any) -> ScalarSelect[Any]:
    """That value of the contracts on the receivable's document; 0 where they do not agree, or have none."""
    columns = [func.coalesce(each, 0) for each in (Subscription.payment_type, Subscription.payment_method_id)]
    agree = and_(*(func.min(each) == func.max(each) for each in columns))
    query = select(case((agree, func.min(func.coalesce(own, 0))), else_=0))
    query = query.select_from(InvoiceLine).join(Subscription, Subscription.id == InvoiceLine.subscription_id)
    return query.where(InvoiceLine.invoice_id == Receivable.invoice_id).correlate(Receivable).scalar_subquery()
