"""Coupons and vouchers: the promise, who took it up for which contract, and what it took off which invoice (X-20)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Cents, Id, Instant, Model, ScaledDecimal, Stamped, UtcDateTime, now

RUNNING = text("ended_at IS NULL")
UNRELEASED = text("released_at IS NULL")


class Coupon(Stamped, Model):
    """A code that reduces contracts. `code` as it is printed, `code_key` as it is compared.

    `kind`: percent; amount (so much on each event); voucher (one amount, used up over as many events as it takes).
    It lasts for `events` events, for a time, or for ever. No products: all of them; no customer: everybody.
    """

    __tablename__ = "coupons"
    __table_args__ = (
        CheckConstraint("kind IN ('percent', 'amount', 'voucher')", name="kind"),
        CheckConstraint("(kind = 'percent') = (percent IS NOT NULL)", name="percent_given"),
        CheckConstraint("percent IS NULL OR (percent > 0 AND percent <= 10000)", name="percent"),  # in hundredths
        CheckConstraint("(kind <> 'percent') = (amount_cents IS NOT NULL)", name="amount_given"),
        CheckConstraint("amount_cents IS NULL OR amount_cents > 0", name="amount"),
        CheckConstraint("lasts IN ('events', 'time', 'ever')", name="lasts"),
        CheckConstraint("kind <> 'voucher' OR lasts = 'ever'", name="voucher"),
        CheckConstraint("uses_max >= 0 AND uses_per_customer >= 0", name="uses"),
        AUTO,
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(40))
    code_key: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200), default="")
    campaign: Mapped[str] = mapped_column(String(100), default="")
    kind: Mapped[str] = mapped_column(String(10))
    percent: Mapped[Decimal | None] = mapped_column(ScaledDecimal(2))
    amount_cents: Mapped[int | None]
    currency_code: Mapped[str | None] = mapped_column(String(3))  # of an amount
    lasts: Mapped[str] = mapped_column(String(10), default="events")
    events: Mapped[int] = mapped_column(Integer, default=1)
    period_unit: Mapped[str | None] = mapped_column(String(5))
    period_count: Mapped[int] = mapped_column(Integer, default=0)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]  # the last day on which it can be redeemed
    uses_max: Mapped[int] = mapped_column(Integer, default=0)  # 0: no limit
    uses_per_customer: Mapped[int] = mapped_column(Integer, default=1)  # 0: no limit
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True)


class CouponProduct(Model):
    """Which products a coupon is for; none means all."""

    __tablename__ = "coupon_products"

    coupon_id: Mapped[int] = mapped_column(ForeignKey("coupons.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True, index=True)


class CouponRedemption(Model):
    """A coupon taken up for a contract. `left_cents` is what a voucher still holds.

    `ends_on` (exclusive) bounds a coupon for a time; `ended_at` says that it is over: used up, or ended by a person.
    """

    __tablename__ = "coupon_redemptions"
    __table_args__ = (
        CheckConstraint("left_cents IS NULL OR left_cents >= 0", name="left"),
        Index("ix_coupon_redemptions_coupon_id_id", "coupon_id", "id"),
        Index("ix_coupon_redemptions_running", "subscription_id", sqlite_where=RUNNING, postgresql_where=RUNNING),
        Index("ix_coupon_redemptions_customer_id_id", "customer_id", "id"),
        AUTO,
    )

    id: Mapped[Id]
    coupon_id: Mapped[int] = mapped_column(ForeignKey("coupons.id"))
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    redeemed_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    left_cents: Mapped[int | None]
    ended_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class CouponUse(Model):
    """What a redemption took off an invoice, in its net or gross mode. Each billing day is one event.

    Only giving it back changes a use: when the invoice is cancelled in full.
    """

    __tablename__ = "coupon_uses"
    __table_args__ = (
        CheckConstraint("cents > 0", name="cents"),
        Index("uq_coupon_uses_unreleased", "redemption_id", "billing_on", "invoice_id", unique=True,
              sqlite_where=UNRELEASED, postgresql_where=UNRELEASED),
        AUTO,
    )  # fmt: skip

    id: Mapped[Id]
    redemption_id: Mapped[int] = mapped_column(ForeignKey("coupon_redemptions.id"))
    billing_on: Mapped[date]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    cents: Mapped[Cents]
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    released_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
