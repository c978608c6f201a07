"""Contracts to be looked at, many at once: their rows, terms and claims in a number of statements that does not depend
on how many they are or how long they have run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from billing.contracts import PLANNED_KINDS, ClaimKey
from models import Claim, Customer, Subscription, SubscriptionItem, SubscriptionPause
from services import extras, snapshots
from services.company import get_company
from services.contract_rows import Held, Seen

_asked = aliased(Customer)


def read(session: Session, ids: Collection[int]) -> dict[int, Held]:
    """Contract -> what it holds, for looking at: nothing is locked, and nothing is read a second time.

    Seven statements, two more where coupons run; what is unknown is left out.
    """
    chosen = Subscription.id.in_(ids)
    rows = session.scalars(select(Subscription).where(chosen).execution_options(populate_existing=True)).all()
    customers = _customers(session, {row.customer_id for row in rows})
    items, pauses = _items(session, ids), _pauses(session, ids)
    more = extras.of_contracts(session, select(Subscription.id).where(chosen))
    claimed, usual = _claims(session, ids), get_company().days_for_payment
    found = {}
    for row in rows:
        customer = customers[row.customer_id]
        days = usual if customer.days_for_payment is None else customer.days_for_payment
        billed = [snapshots.item_of(item) for item in items[row.id]]
        terms = more.of(snapshots.drawn_terms(row, billed, customer.payment_type, days))
        seen = Seen(terms, {key for key, _ in claimed[row.id]}, _paid(claimed[row.id]))
        found[row.id] = Held(session, row, customer, items[row.id], pauses[row.id], [], seen)
    return found


def _customers(session: Session, ids: Collection[int]) -> dict[int, Customer]:
    """The records that speak for them today."""
    query = select(_asked.id, Customer).join(_asked, Customer.id == func.coalesce(_asked.survivor_id, _asked.id))
    return {row[0]: row[1] for row in session.execute(query.where(_asked.id.in_(ids)))}


def _items(session: Session, ids: Collection[int]) -> dict[int, list[SubscriptionItem]]:
    query = select(SubscriptionItem).where(SubscriptionItem.subscription_id.in_(ids)).order_by(SubscriptionItem.id)
    return _by_contract(session.scalars(query.execution_options(populate_existing=True)))


def _pauses(session: Session, ids: Collection[int]) -> dict[int, list[SubscriptionPause]]:
    query = select(SubscriptionPause).where(SubscriptionPause.subscription_id.in_(ids))
    return _by_contract(session.scalars(query.order_by(SubscriptionPause.starts_on)))


def _by_contract(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.subscription_id].append(row)
    return found


def _claims(session: Session, ids: Collection[int]) -> dict[int, list[tuple[ClaimKey, Any]]]:
    """The claims that stand, each with the end of its period."""
    query = (
        select(SubscriptionItem.subscription_id, Claim.item_id, Claim.kind, Claim.period_start, Claim.period_end)
        .join(SubscriptionItem, SubscriptionItem.id == Claim.item_id)
        .where(SubscriptionItem.subscription_id.in_(ids), Claim.released_at.is_(None))
        .where(Claim.kind.in_(PLANNED_KINDS))
    )
    found: dict[int, list[tuple[ClaimKey, Any]]] = defaultdict(list)
    for contract, item, kind, start, end in session.execute(query):
        found[contract].append((ClaimKey(item, kind, start), end))
    return found


def _paid(claimed: Iterable[tuple[ClaimKey, Any]]) -> dict[int, Any]:
    """Item -> the first day after what is billed of it."""
    found: dict[int, Any] = {}
    for key, end in claimed:
        if key.kind == "period":
            found[key.item_id] = max(end, found.get(key.item_id, end))
    return found
