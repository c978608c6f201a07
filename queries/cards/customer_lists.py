"""The long lists of a customer's card: the house's own lists, of one family, the newest first, a page at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import func

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
    title = func.coalesce(func.nullif(Subscription.title, ""), plan_title()).label("title")
    found = _of(SUBSCRIPTIONS, Subscription.customer_id, customer_id)
    return replace(found, statement=lambda: SUBSCRIPTIONS.statement().add_columns(title))


def _of(listing: Listing, owner: Any, customer_id: int) -> Listing:
    """Only ever in the order of ids, which the index on (customer, id) serves: no sorts, no filters."""
    mine = owner.in_(family_of(customer_id))
    return replace(listing, base=(*listing.base, mine), order="-newest", sorts={}, narrows={}, search=None)
