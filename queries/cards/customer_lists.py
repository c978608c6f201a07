"""The long lists of a customer's card: the house's own lists, of one family, the newest first, a page at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import func, select

from extensions import db
from models import Invoice, Message, Payment, Subscription
from queries.family import family_of
from queries.lists.house import MESSAGES
from queries.lists.invoices import invoices
from queries.lists.payments import PAYMENTS
from queries.lists.shape import Listing
from queries.lists.subscriptions import SUBSCRIPTIONS, plan_title


def invoices_of(customer_id: int, today: date) -> Listing:
    return _of(invoices(today), Invoice.customer_id, customer_id)


def payments_of(customer_id: int) -> Listing:
    return _of(PAYMENTS, Payment.customer_id, customer_id)


def messages_of(customer_id: int) -> Listing:
    return _of(MESSAGES, Message.customer_id, customer_id)


def subscriptions_of(customer_id: int) -> Listing:
    """With the title as the team gave it, else the plan's."""
    found = _of(SUBSCRIPTIONS, Subscription.customer_id, customer_id)
    return replace(found, statement=lambda: SUBSCRIPTIONS.statement().add_columns(_title()))


def open_contracts(customer_id: int, limit: int = 100) -> list[Any]:
    """(id, title) of the contracts that are not closed, the newest first, for a select. One statement."""
    query = select(Subscription.id, _title()).where(
        Subscription.customer_id.in_(family_of(customer_id)), Subscription.status != "closed"
    )
    return list(db.session.execute(query.order_by(Subscription.id.desc()).limit(limit)))


def _title() -> Any:
    """As the team called the contract, else its plan."""
    return func.coalesce(func.nullif(Subscription.title, ""), plan_title()).label("title")


def _of(listing: Listing, owner: Any, customer_id: int) -> Listing:
    """Only ever in the order of ids, which the index on (customer, id) serves: no sorts, no filters."""
    mine = owner.in_(family_of(customer_id))
    return replace(listing, base=(*listing.base, mine), order="-newest", sorts={}, narrows={}, search=None)
