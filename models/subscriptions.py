"""Contracts: a rhythm counted from the anchor, and items that are charged in it."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import (
    AUTO,
    Currency,
    Hash32,
    Id,
    Instant,
    JsonText,
    Model,
    Price,
    Quantity,
    Stamped,
    UtcDateTime,
    now,
)

MARKED = text("next_billing_on IS NOT NULL")
# What the days themselves will change: found without reading the contracts that simply run.
ENDING = text("ends_on IS NOT NULL AND status <> 'closed'")
PLANNED = text("planned_on IS NOT NULL")


class Subscription(Stamped, Model):
    """One contract. Dates are days in Europe/Berlin; ends are exclusive.

    `next_billing_on` only says when to look again (indexed, so that a run finds its work); what is owed is always
    "wanted minus claimed". Its one owner is `services.due_marks` (EB-28).
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        CheckConstraint("status IN ('trial', 'active', 'paused', 'cancelled', 'closed', 'deactivated')", name="status"),
        CheckConstraint("interval_count BETWEEN 1 AND 999", name="interval"),
        Index("ix_subscriptions_customer_id_id", "customer_id", "id"),
        Index("ix_subscriptions_status_id", "status", "id"),
        Index("uq_subscriptions_order_key", "order_key", unique=True),
        Index("ix_subscriptions_started_on_id", "started_on", "id"),
        # A run walks its customers in order; "<= day" implies the condition, so both planners use the index.
        Index("ix_subscriptions_due", "customer_id", "next_billing_on", sqlite_where=MARKED, postgresql_where=MARKED),
        Index("ix_subscriptions_ending", "ends_on", sqlite_where=ENDING, postgresql_where=ENDING),
        Index("ix_subscriptions_planned", "planned_on", sqlite_where=PLANNED, postgresql_where=PLANNED),
        AUTO,
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    hash: Mapped[Hash32] = mapped_column(String(32), unique=True)
    ext_uid: Mapped[str | None] = mapped_column(String(100), index=True)
    order_key: Mapped[str | None] = mapped_column(String(80))  # of the form that concluded it: once (F1)
    title: Mapped[str] = mapped_column(String(200), default="")
    invoice_title: Mapped[str] = mapped_column(String(200), default="")
    status: Mapped[str] = mapped_column(String(12), default="active")
    x_attributes: Mapped[Any] = mapped_column(JsonText, default=list)
    features: Mapped[Any] = mapped_column(JsonText, default=list)

    started_on: Mapped[date]
    start_time: Mapped[time] = mapped_column(default=time())  # the call API keeps the time of START
    anchor_on: Mapped[date]  # period n begins at anchor + n intervals (EB-1); after a trial, the trial's end
    trial_ends_on: Mapped[date | None]
    interval_unit: Mapped[str] = mapped_column(String(5))
    interval_count: Mapped[int] = mapped_column(Integer, default=1)
    in_arrears: Mapped[bool] = mapped_column(default=False)
    number_events: Mapped[int] = mapped_column(Integer, default=0)
    next_billing_on: Mapped[date | None]

    term_unit: Mapped[str | None] = mapped_column(String(5))
    term_count: Mapped[int] = mapped_column(Integer, default=0)
    renewal_unit: Mapped[str | None] = mapped_column(String(5))
    renewal_count: Mapped[int] = mapped_column(Integer, default=0)
    notice_unit: Mapped[str | None] = mapped_column(String(5))
    notice_count: Mapped[int] = mapped_column(Integer, default=0)
    ends_on: Mapped[date | None]  # first day without service
    cancelled_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
    cancellation_note: Mapped[str] = mapped_column(Text, default="")
    deactivated_on: Mapped[date | None]  # what is due from that day on is not billed, and not made up later (D-12)
    moved: Mapped[Any | None] = mapped_column(JsonText)  # D-6: [[nominal start, day of its collection], ...]
    planned_on: Mapped[date | None]  # the day on which a planned change takes effect
    planned: Mapped[Any | None] = mapped_column(JsonText)  # its kind, the items it begins and ends, what it then sets
    periods_confirmed: Mapped[bool] = mapped_column(default=False)  # D-13: more than 12 open periods, a person said yes

    currency_code: Mapped[Currency]
    is_gross: Mapped[bool] = mapped_column(default=False)
    payment_type: Mapped[int | None] = mapped_column(Integer)  # empty: the customer's
    payment_method_id: Mapped[int | None] = mapped_column(ForeignKey("payment_methods.id"), index=True)
    days_for_payment: Mapped[int | None] = mapped_column(Integer)
    items: Mapped[list[SubscriptionItem]] = relationship(order_by="SubscriptionItem.id", lazy="raise")


class SubscriptionItem(Model):
    """The plan, an add-on, a set-up fee, or one version of them; product data as agreed in this contract."""

    __tablename__ = "subscription_items"
    __table_args__ = (
        CheckConstraint("kind IN ('plan', 'addon', 'setup')", name="kind"),
        CheckConstraint("quantity >= 0", name="quantity"),
        AUTO,
    )

    id: Mapped[Id]
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"), index=True)
    kind: Mapped[str] = mapped_column(String(5), default="plan")
    article_number: Mapped[str] = mapped_column(String(40), default="")
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    quantity: Mapped[Quantity]
    unit_price: Mapped[Price]
    vat_category: Mapped[str] = mapped_column(String(10), default="standard")
    supply_kind: Mapped[str] = mapped_column(String(10), default="service")
    is_section_13b: Mapped[bool] = mapped_column(default=False)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    rhythm: Mapped[Any | None] = mapped_column(JsonText)  # its own periods, where the contract's changed since


class SubscriptionPause(Model):
    """Days without service, half-open; without an end until somebody resumes. Paused days are not charged."""

    __tablename__ = "subscription_pauses"
    __table_args__ = (CheckConstraint("ends_on IS NULL OR ends_on > starts_on", name="days"), AUTO)

    id: Mapped[Id]
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    item_ids: Mapped[Any | None] = mapped_column(JsonText)  # the items that rest; days alone do not tell those apart
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
