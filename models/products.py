"""What is sold: plans with an interval, add-ons to them, and articles sold once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Currency, Id, JsonText, Model, Price, Stamped


class Product(Stamped, Model):
    """An article. `interval_unit` makes it a plan; intervals are a unit and a count ("3 month")."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("kind IN ('plan', 'addon', 'article')", name="kind"),
        CheckConstraint("vat_category IN ('standard', 'reduced', 'zero')", name="vat"),
        CheckConstraint("supply_kind IN ('service', 'goods', 'e_service')", name="supply"),
        CheckConstraint("unit_price >= 0 AND setup_fee >= 0", name="price"),
        CheckConstraint("(kind = 'plan') = (interval_unit IS NOT NULL)", name="interval"),
        AUTO,
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(10), default="article")
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    unit: Mapped[str] = mapped_column(String(10), default="C62")  # UN/ECE Rec 20, for the e-invoice
    currency_code: Mapped[Currency]
    unit_price: Mapped[Price]
    setup_fee: Mapped[Price] = mapped_column(default=0)
    is_gross: Mapped[bool] = mapped_column(default=False)
    vat_category: Mapped[str] = mapped_column(String(10), default="standard")
    supply_kind: Mapped[str] = mapped_column(String(10), default="service")
    is_section_13b: Mapped[bool] = mapped_column(default=False)  # a supply of section 13b (2) UStG (INV-8)
    allow_multiple: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_for_consumers: Mapped[bool] = mapped_column(default=True)  # CON-4 binds the terms of these
    in_arrears: Mapped[bool] = mapped_column(default=False)
    tags: Mapped[str] = mapped_column(Text, default="")
    translations: Mapped[Any] = mapped_column(JsonText, default=dict)
    features: Mapped[Any] = mapped_column(JsonText, default=list)
    interval_unit: Mapped[str | None] = mapped_column(String(5))
    interval_count: Mapped[int] = mapped_column(Integer, default=1)
    number_events: Mapped[int] = mapped_column(Integer, default=0)  # 0: unlimited
    trial_unit: Mapped[str | None] = mapped_column(String(5))
    trial_count: Mapped[int] = mapped_column(Integer, default=0)
    term_unit: Mapped[str | None] = mapped_column(String(5))  # SUBSCRIPTION_DURATION: minimum term
    term_count: Mapped[int] = mapped_column(Integer, default=0)
    renewal_unit: Mapped[str | None] = mapped_column(String(5))  # SUBSCRIPTION_DURATION_FOLLOW
    renewal_count: Mapped[int] = mapped_column(Integer, default=0)
    notice_unit: Mapped[str | None] = mapped_column(String(5))  # SUBSCRIPTION_CANCELLATION
    notice_count: Mapped[int] = mapped_column(Integer, default=0)
    return_url_success: Mapped[str] = mapped_column(String(500), default="")
    return_url_cancel: Mapped[str] = mapped_column(String(500), default="")


class ProductPrice(Model):
    """The same product in another currency (X-20); its own currency stands on the product."""

    __tablename__ = "product_prices"
    __table_args__ = (UniqueConstraint("product_id", "currency_code"), AUTO)

    id: Mapped[Id]
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    currency_code: Mapped[Currency]
    unit_price: Mapped[Price]
    setup_fee: Mapped[Price] = mapped_column(default=0)


class ProductAddon(Model):
    """Which add-on goes with which plan (ASSIGNED_ARTICLES)."""

    __tablename__ = "product_addons"

    addon_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True, index=True)
