"""What was sent to a customer: each delivery belongs to an invoice (M2-35)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Id, JsonText, Model, Stamped

STATES = ("planned", "shipped", "delivered", "returned")


class Shipment(Stamped, Model):
    """One delivery. `articles` are maps of article_number, title and quantity (as text); `option` is what the caller
    says of them (ARTICLE_OPTION)."""

    __tablename__ = "shipments"
    __table_args__ = (
        CheckConstraint(f"status IN {STATES}", name="status"),
        Index("ix_shipments_shipped_on_id", "shipped_on", "id"),
        AUTO,
    )

    id: Mapped[Id]
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id"), index=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    shipped_on: Mapped[date]
    status: Mapped[str] = mapped_column(String(10), default="shipped")
    carrier: Mapped[str] = mapped_column(String(80), default="")
    tracking_number: Mapped[str] = mapped_column(String(80), default="")
    option: Mapped[str] = mapped_column(String(200), default="")
    articles: Mapped[Any] = mapped_column(JsonText, default=list)
