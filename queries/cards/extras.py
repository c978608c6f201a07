"""What few contracts and customers have: usage, coupons, credit; for their pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from extensions import db
from models import CreditGrant, UsageRecord
from queries.coupons import RedemptionRow, redemptions_of
from queries.family import family_of
from queries.usage import UsageRow, find_usage

SHOWN = 20


@dataclass(frozen=True, slots=True)
class ContractExtras:
    """The newest usage of a contract, how much there is in all, and its coupons."""

    subscription_id: int
    usage: tuple[UsageRow, ...]
    usage_count: int
    coupons: tuple[RedemptionRow, ...]


@dataclass(frozen=True, slots=True)
class GrantRow:
    id: int
    currency_code: str
    amount_cents: int
    remaining_cents: int
    withdrawn_cents: int
    reason: str
    source: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CustomerGrants:
    """Granted credit that is left, by currency, and the newest grants of a customer (R-17)."""

    customer_id: int
    left: tuple[tuple[str, int], ...]
    grants: tuple[GrantRow, ...]


def contract_extras(subscription_id: int) -> ContractExtras:
    """Four statements."""
    count = select(func.count()).where(UsageRecord.subscription_id == subscription_id)
    return ContractExtras(
        subscription_id,
        tuple(find_usage(subscription_id, limit=SHOWN, newest_first=True)),
        db.session.scalar(count) or 0,
        tuple(redemptions_of(subscription_id=subscription_id)),
    )


def customer_grants(customer_id: int) -> CustomerGrants:
    """Two statements, with what belongs to records merged in."""
    mine = CreditGrant.customer_id.in_(family_of(customer_id))
    left = select(CreditGrant.currency_code, func.sum(CreditGrant.remaining_cents)).where(
        mine, CreditGrant.remaining_cents > 0
    )
    names = ("id", "currency_code", "amount_cents", "remaining_cents", "withdrawn_cents", "reason", "source",
             "created_at")  # fmt: skip
    grants = select(*(getattr(CreditGrant, name) for name in names)).where(mine)
    return CustomerGrants(
        customer_id,
        tuple((row[0], int(row[1])) for row in db.session.execute(left.group_by(CreditGrant.currency_code))),
        tuple(GrantRow(*row) for row in db.session.execute(grants.order_by(CreditGrant.id.desc()).limit(SHOWN))),
    )
