"""How a customer pays: kept methods at providers, and mandates for our own debits. No card number ever comes here."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Id, Instant, Model, UtcDateTime, now

DEFAULT = text("is_default")
IN_USE = text("state = 'active'")


class Mandate(Model):
    """The customer's permission to debit (SEP-1). Unchanged after its first use: a change is a row of its own that
    `amends_id` the earlier one. `reference` is unique without regard to case and blanks; it comes from a range.

    `state`: active, revoked (by the customer), stopped (a return said so, `stop_code`), lapsed (36 months unused),
    replaced (amended). `prenotice_days`: the notice agreed with this customer, or empty for the company's.
    """

    __tablename__ = "mandates"
    __table_args__ = (
        CheckConstraint("scheme IN ('CORE', 'B2B')", name="scheme"),
        CheckConstraint("state IN ('active', 'revoked', 'stopped', 'lapsed', 'replaced')", name="state"),
        Index("ix_mandates_in_use", "customer_id", sqlite_where=IN_USE, postgresql_where=IN_USE),
        AUTO,
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    reference: Mapped[str] = mapped_column(String(35), unique=True)
    scheme: Mapped[str] = mapped_column(String(4), default="CORE")
    signed_on: Mapped[date]
    holder: Mapped[str] = mapped_column(String(100))
    iban: Mapped[str] = mapped_column(String(34), index=True)
    bic: Mapped[str] = mapped_column(String(11), default="")
    state: Mapped[str] = mapped_column(String(10), default="active")
    stop_code: Mapped[str] = mapped_column(String(10), default="")
    ended_on: Mapped[date | None]
    first_used_on: Mapped[date | None]
    last_used_on: Mapped[date | None]
    prenotice_days: Mapped[int | None]
    is_once: Mapped[bool] = mapped_column(default=False, server_default=false())  # for a single debit (OOFF)
    amends_id: Mapped[int | None] = mapped_column(ForeignKey("mandates.id"), unique=True)
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)


class PaymentMethod(Model):
    """One way in which a customer pays; several at once, one of them the default.

    `gateway` is empty for what needs none: transfer, cash, prepayment, and our own debit by its mandate. `token` and
    `provider_customer` are the provider's names of the method and of the customer. `label` is what a person sees:
    never more than the last four digits. `held_at`: since then nothing charges it by itself, because it was
    `held_reason` (declined for good, or charged_back). `state`: pending (the page of the provider is open), active,
    expired, failed (never came to be), removed.
    """

    __tablename__ = "payment_methods"
    __table_args__ = (
        CheckConstraint("kind IN ('transfer', 'sepa_debit', 'card', 'paypal', 'cash', 'prepayment')", name="kind"),
        CheckConstraint("state IN ('pending', 'active', 'expired', 'failed', 'removed')", name="state"),
        Index("uq_payment_methods_default", "customer_id", unique=True, sqlite_where=DEFAULT, postgresql_where=DEFAULT),
        Index("ix_payment_methods_token", "gateway", "token"),
        UniqueConstraint("gateway", "setup_id"),
        AUTO,
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    gateway: Mapped[str] = mapped_column(String(12), default="")
    state: Mapped[str] = mapped_column(String(10), default="active")
    is_default: Mapped[bool] = mapped_column(default=False)
    setup_id: Mapped[str | None] = mapped_column(String(200))
    token: Mapped[str] = mapped_column(String(200), default="")
    provider_customer: Mapped[str] = mapped_column(String(200), default="")
    brand: Mapped[str] = mapped_column(String(20), default="")
    last4: Mapped[str] = mapped_column(String(4), default="")
    holder: Mapped[str] = mapped_column(String(100), default="")
    expires_on: Mapped[date | None]
    expiry_noticed_on: Mapped[date | None]
    held_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
    held_reason: Mapped[str] = mapped_column(String(12), default="", server_default="")
    mandate_id: Mapped[int | None] = mapped_column(ForeignKey("mandates.id"), index=True)
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    ended_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
