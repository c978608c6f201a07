"""What few contracts have and billing must know: unbilled usage, running coupons, granted credit.

Loaded for many contracts at once, in a number of statements that does not depend on how many; where nobody has any of
it, nothing more is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.orm import Session

from billing.contracts import Terms, Usage
from billing.discounts import Coupon, Grant
from models import Coupon as CouponRow
from models import CouponProduct, CouponRedemption, CouponUse, CreditGrant, UsageRecord

_USAGE = [
    getattr(UsageRecord, name)
    for name in (
        "id", "item_id", "product_id", "article_number", "title", "description", "unit", "quantity", "unit_price",
        "vat_category", "supply_kind", "used_on", "recorded_on", "is_section_13b",
    )
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Extras:
    """By contract: usage and coupons."""

    usage: Mapping[int, tuple[Usage, ...]]
    coupons: Mapping[int, tuple[Coupon, ...]]

    def of(self, terms: Terms) -> Terms:
        """The contract with what it has of these; the very same object where that is nothing."""
        key = terms.subscription_id
        if key not in self.usage and key not in self.coupons:
            return terms
        return replace(terms, usage=self.usage.get(key, ()), coupons=self.coupons.get(key, ()))


def of_contracts(session: Session, of_contract: Select[Any]) -> Extras:
    """`of_contract` selects the ids of contracts. Two statements, and two more where coupons run."""
    return Extras(_usage(session, of_contract), _coupons(session, of_contract))


def usage_of_contracts(session: Session, of_contract: Select[Any]) -> Extras:
    """Usage alone: all that billing days depend on."""
    return Extras(_usage(session, of_contract), {})


def grants(session: Session, of_customer: Select[Any]) -> dict[int, tuple[Grant, ...]]:
    """Customer -> granted credit that is left, the oldest first. `of_customer` selects the customers' ids."""
    query = select(CreditGrant.customer_id, CreditGrant.id, CreditGrant.currency_code, CreditGrant.remaining_cents)
    query = query.where(CreditGrant.remaining_cents > literal_column("0"), CreditGrant.customer_id.in_(of_customer))
    found: dict[int, list[Grant]] = defaultdict(list)
    for row in session.execute(query.order_by(CreditGrant.id)):
        found[row.customer_id].append(Grant(row.id, row.currency_code, row.remaining_cents))
    return {key: tuple(values) for key, values in found.items()}


def _usage(session: Session, of_contract: Select[Any]) -> dict[int, tuple[Usage, ...]]:
    query = select(UsageRecord.subscription_id, *_USAGE).where(
        UsageRecord.claim_id.is_(None), UsageRecord.subscription_id.in_(of_contract)
    )
    found: dict[int, list[Usage]] = defaultdict(list)
    for subscription_id, *values in session.execute(query.order_by(UsageRecord.id)):
        found[subscription_id].append(Usage(*values))
    return {key: tuple(values) for key, values in found.items()}


def _coupons(session: Session, of_contract: Select[Any]) -> dict[int, tuple[Coupon, ...]]:
    running = CouponRedemption.ended_at.is_(None) & CouponRedemption.subscription_id.in_(of_contract)
    return _running(session, running)


def _running(session: Session, chosen: Any) -> dict[int, tuple[Coupon, ...]]:
    columns = (CouponRedemption.id, CouponRedemption.subscription_id, CouponRedemption.coupon_id,
               CouponRedemption.starts_on, CouponRedemption.ends_on, CouponRedemption.left_cents)  # fmt: skip
    promised = (CouponRow.code, CouponRow.kind, CouponRow.percent, CouponRow.amount_cents, CouponRow.currency_code,
                CouponRow.lasts, CouponRow.events)  # fmt: skip
    query = select(*columns, *promised).join(CouponRow, CouponRow.id == CouponRedemption.coupon_id)
    rows = session.execute(query.where(chosen).order_by(CouponRedemption.id)).all()
    if not rows:
        return {}
    products = _products(session, {row.coupon_id for row in rows})
    used = _used(session, [row.id for row in rows])
    found: dict[int, list[Coupon]] = defaultdict(list)
    for row in rows:
        found[row.subscription_id].append(
            Coupon(
                row.id, row.subscription_id, row.code, row.starts_on, row.percent,
                row.amount_cents or 0 if row.left_cents is None else row.left_cents, row.currency_code or "",
                row.kind == "voucher", frozenset(products.get(row.coupon_id, ())), row.ends_on,
                row.events if row.lasts == "events" else None, used.get(row.id, {}),
            )
        )  # fmt: skip
    return {key: tuple(values) for key, values in found.items()}


def _products(session: Session, coupon_ids: set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    query = select(CouponProduct.coupon_id, CouponProduct.product_id).where(CouponProduct.coupon_id.in_(coupon_ids))
    for coupon_id, product_id in session.execute(query):
        found[coupon_id].append(product_id)
    return found


def _used(session: Session, redemption_ids: list[int]) -> dict[int, dict[date, int]]:
    """Redemption -> its events and the cents taken on them."""
    query = (
        select(CouponUse.redemption_id, CouponUse.billing_on, func.sum(CouponUse.cents))
        .where(CouponUse.released_at.is_(None), CouponUse.redemption_id.in_(redemption_ids))
        .group_by(CouponUse.redemption_id, CouponUse.billing_on)
    )
    found: dict[int, dict[date, int]] = defaultdict(dict)
    for redemption_id, billing_on, cents in session.execute(query):
        found[redemption_id][billing_on] = int(cents)
    return found
