"""Paid credit (Guthaben, D-9) settles invoices when they are issued.

It stands in the ledger alone, on the account `credit` per customer and currency, and works like a payment: VAT and
total stay, less is to pay (BT-113).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import Session

from billing.ledger import CREDIT
from models import Customer, Posting
from services.issue_rows import Order

# As a literal: only so do both planners see that the index of credit postings answers it.
_CREDIT: ColumnElement[str] = literal_column(f"'{CREDIT}'")

Balances = dict[tuple[int, str], int]  # (customer, currency) -> cents that the customer has


def balances(session: Session, customer_ids: Iterable[int]) -> Balances:
    """The paid credit of these customers, with that of records merged into theirs, in one statement; who has none is
    left out."""
    query = (
        select(Customer.survivor_id, Posting.currency_code, func.sum(Posting.amount_cents))
        .join(Customer, Customer.id == Posting.customer_id)
        .where(Posting.account == _CREDIT, Customer.survivor_id.in_(list(customer_ids)))
        .group_by(Customer.survivor_id, Posting.currency_code)
    )
    return {
        (customer, currency): -int(cents) for customer, currency, cents in session.execute(query) if customer and cents
    }


def settled(session: Session, orders: Sequence[Order]) -> list[Order]:
    """The orders with what their customers' credit pays of them: in their order, never more than there is or than
    an invoice comes to. The caller holds the customers' locks."""
    held = balances(session, {order.draft.customer_id for order in orders})
    return [_settled(order, held) for order in orders] if held else list(orders)


def _settled(order: Order, held: Balances) -> Order:
    key = (order.draft.customer_id, order.draft.currency)
    cents = min(held.get(key, 0), order.totals.gross_cents - order.prepaid_cents)
    if order.kind != "invoice" or cents <= 0:
        return order
    held[key] -= cents
    return replace(order, prepaid_cents=order.prepaid_cents + cents)
