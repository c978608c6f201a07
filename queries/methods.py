"""Which contracts a payment method can be assigned to."""

from __future__ import annotations

from sqlalchemy import select

from extensions import db
from models import Subscription
from queries.family import family_of
from queries.lists.subscriptions import plan_title

MOST = 200


def contracts_to_pay(customer_id: int) -> list[tuple[int, str]]:
    """Id and title of the contracts that still run, the newest first. One statement."""
    query = select(Subscription.id, Subscription.title, plan_title()).where(
        Subscription.customer_id.in_(family_of(customer_id)), Subscription.status != "closed"
    )
    rows = db.session.execute(query.order_by(Subscription.id.desc()).limit(MOST))
    return [(key, f"{title or plan or ''} ({key})".strip()) for key, title, plan in rows]
