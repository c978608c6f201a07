"""Usage as calls and screens show it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from extensions import db
from models import Invoice, InvoiceLine, Subscription, UsageRecord


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One record; `invoice_id` and `invoice_number` once it is billed."""

    id: int
    customer_id: int
    subscription_id: int
    product_id: int
    article_number: str
    title: str
    description: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    currency_code: str
    used_on: date
    used_time: time
    recorded_at: datetime
    external_id: str | None
    invoice_id: int | None
    invoice_number: str | None


_OWN = ("customer_id", "invoice_id", "invoice_number")
_COLUMNS = [field.name for field in fields(UsageRow) if field.name not in _OWN]


def find_usage(
    subscription_id: int,
    start: date | None = None,
    end: date | None = None,
    limit: int = 100,
    offset: int = 0,
    *,
    newest_first: bool = False,
) -> list[UsageRow]:
    """A page of a contract's records, used from `start` to `end`, both days included. One statement."""
    query = (
        select(*(getattr(UsageRecord, name) for name in _COLUMNS), Subscription.customer_id,
               Invoice.id.label("invoice_id"), Invoice.number.label("invoice_number"))
        .join(Subscription, Subscription.id == UsageRecord.subscription_id)
        .outerjoin(InvoiceLine, InvoiceLine.id == UsageRecord.invoice_line_id)
        .outerjoin(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(UsageRecord.subscription_id == subscription_id)
    )  # fmt: skip
    if start is not None:
        query = query.where(UsageRecord.used_on >= start)
    if end is not None:
        query = query.where(UsageRecord.used_on <= end)
    order: Any = UsageRecord.id.desc() if newest_first else UsageRecord.id
    rows = db.session.execute(query.order_by(order).limit(limit).offset(offset))
    return [UsageRow(**row._mapping) for row in rows]
