"""Credit that was granted (D-9): it reduces invoices before VAT. Credit that was paid is in the ledger instead."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Cents, Currency, Id, Instant, Model, UtcDateTime, now

HELD = text("remaining_cents > 0")


class CreditGrant(Model):
    """So much for a customer, by call or out of courtesy. `remaining_cents` is the amount less its uses and less what
    was taken back."""

    __tablename__ = "credit_grants"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("remaining_cents BETWEEN 0 AND amount_cents", name="remaining"),
        CheckConstraint("source IN ('api', 'staff', 'system')", name="source"),
        Index("ix_credit_grants_held", "customer_id", "id", sqlite_where=HELD, postgresql_where=HELD),
        Index("ix_credit_grants_customer_id_id", "customer_id", "id"),
        AUTO,
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    currency_code: Mapped[Currency]
    amount_cents: Mapped[Cents]
    remaining_cents: Mapped[Cents] = mapped_column(BigInteger)
    withdrawn_cents: Mapped[Cents] = mapped_column(BigInteger, default=0)
    reason: Mapped[str] = mapped_column(String(200), default="")
    source: Mapped[str] = mapped_column(String(10), default="staff")
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)


class CreditUse(Model):
    """What a grant took off an invoice, in its net or gross mode; given back when the invoice is cancelled in full."""

    __tablename__ = "credit_uses"
    __table_args__ = (
        CheckConstraint("cents > 0", name="cents"),
        Index("ix_credit_uses_grant_id_id", "grant_id", "id"),
        AUTO,
    )

    id: Mapped[Id]
    grant_id: Mapped[int] = mapped_column(ForeignKey("credit_grants.id"))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    cents: Mapped[Cents]
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    released_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
