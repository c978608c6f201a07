"""What was used in a contract beside its plan, waiting for the next invoice (X-20)."""

from __future__ import annotations

from datetime import date, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Currency, Id, Instant, Model, Price, Quantity, UtcDateTime, now

UNBILLED = text("claim_id IS NULL")


class UsageRecord(Model):
    """One record: so much of an article on a day. Only billing writes `claim_id` and `invoice_line_id`.

    `item_id` is the plan's version of the day of use: the claim that bills the record hangs there. Title, unit and tax
    data are the product's as they were when it was recorded.
    """

    __tablename__ = "usage_records"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price >= 0", name="price"),
        CheckConstraint("(claim_id IS NULL) = (invoice_line_id IS NULL)", name="billed"),
        Index("ix_usage_records_unbilled", "subscription_id", sqlite_where=UNBILLED, postgresql_where=UNBILLED),
        Index("ix_usage_records_subscription_id_id", "subscription_id", "id"),
        AUTO,
    )

    id: Mapped[Id]
    external_id: Mapped[str | None] = mapped_column(String(100), unique=True)  # a meter that sends twice counts once
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("subscription_items.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    article_number: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    unit: Mapped[str] = mapped_column(String(10), default="C62")
    quantity: Mapped[Quantity]
    unit_price: Mapped[Price]
    currency_code: Mapped[Currency]
    vat_category: Mapped[str] = mapped_column(String(10), default="standard")
    supply_kind: Mapped[str] = mapped_column(String(10), default="service")
    is_section_13b: Mapped[bool] = mapped_column(default=False)
    used_on: Mapped[date]
    used_time: Mapped[time] = mapped_column(default=time())  # the call API keeps the time of USAGE_DATE
    recorded_on: Mapped[date]  # in Berlin; the billing day follows from it
    recorded_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claims.id"), unique=True)
    invoice_line_id: Mapped[int | None] = mapped_column(ForeignKey("invoice_lines.id"), index=True)
