"""What somebody owes: the living twin of an invoice, or a fee, interest, a lump sum, a deposit."""

from __future__ import annotations

from datetime import date

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Cents, Currency, Id, Instant, Model, UtcDateTime, now

OPEN = text("open_cents <> 0")


class Receivable(Model):
    """`open_cents` is the one cached sum in the house: written only by `services.ledger` with its posting.

    What dunning or a returned payment adds (`kind` fee, interest, lump_sum) hangs on the receivable it is about,
    `parent_id`; `cause` says why: reminder, returned_debit, chargeback, double_payout. `dunning_level` and
    `reminded_on` tell of the last reminder; both end when it is settled, and what is opened again on `reopened_on`
    begins the next `dunning_round` (EB-54); what is to be transferred because its debit will not come counts from that
    day, too. Dunning waits while `hold_reason` stands, until `hold_until`, and while it
    is disputed.
    """

    __tablename__ = "receivables"
    __table_args__ = (
        CheckConstraint("kind IN ('invoice', 'fee', 'interest', 'lump_sum', 'deposit')", name="kind"),
        Index("ix_receivables_customer_id_id", "customer_id", "id"),
        # Holds all that sums of what is open ask for, so that they read no row (queries.figures).
        Index("ix_receivables_open_due", "due_on", "customer_id", "currency_code", "open_cents", sqlite_where=OPEN,
              postgresql_where=OPEN),
        AUTO,
    )  # fmt: skip

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(10), default="invoice")
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id"))
    invoice_id: Mapped[int | None] = mapped_column(
        ForeignKey("invoices.id", deferrable=True, initially="DEFERRED"), unique=True
    )
    currency_code: Mapped[Currency]
    amount_cents: Mapped[Cents]
    open_cents: Mapped[Cents] = mapped_column(BigInteger)
    due_on: Mapped[date]
    settled_on: Mapped[date | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("receivables.id"), index=True)
    cause: Mapped[str] = mapped_column(String(16), default="", server_default="")
    dunning_level: Mapped[int] = mapped_column(Integer, default=0)
    reminded_on: Mapped[date | None]
    dunning_round: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    reopened_on: Mapped[date | None]
    disputed_on: Mapped[date | None]
    hold_until: Mapped[date | None]
    hold_reason: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
