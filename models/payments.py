"""How money moved: payments, discounts, write-offs, credit used and paid out, refunds, chargebacks, and their undoing.

Append only. What was wrong is undone by a row of its own, so both stay visible (GOB-1).
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Cents, Currency, Id, Instant, Model, UtcDateTime, now

KINDS = (
    "payment", "cash_discount", "write_off", "credit_applied", "payout", "reversal", "refund", "chargeback",
)  # fmt: skip
METHODS = ("", "bank", "cash", "other", "card", "paypal", "sepa_debit")
TOO_MUCH = text("credit_cents > 0 AND gateway <> ''")  # a charge of which something paid nothing that was owed
RARE = text("kind <> 'payment'")  # by which lists find the rest


class Payment(Model):
    """One movement with its entry in the books. `amount_cents` is positive, whichever way the money went.

    `credit_cents` is the part of a payment that became the customer's paid credit (D-9). `receivable_id` is empty for
    money without an invoice. A cash discount belongs to its payment, and so do refund and chargeback; a reversal undoes
    one row, once; a payment that was moved is undone and stands anew, and knows where it came from. What a provider
    moved is here once by the provider's own id (L5).
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"method IN {METHODS}", name="method"),
        CheckConstraint("amount_cents > 0 AND credit_cents BETWEEN 0 AND amount_cents", name="amounts"),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reversal"),
        UniqueConstraint("gateway", "provider_id"),
        Index("ix_payments_customer_id_id", "customer_id", "id"),
        Index("ix_payments_received_on_id", "received_on", "id"),
        Index("ix_payments_method_received_on_id", "method", "received_on", "id"),
        Index("ix_payments_rare", "kind", "id", sqlite_where=RARE, postgresql_where=RARE),
        Index("ix_payments_too_much", "receivable_id", sqlite_where=TOO_MUCH, postgresql_where=TOO_MUCH),
        AUTO,
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(16), default="payment")
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    receivable_id: Mapped[int | None] = mapped_column(ForeignKey("receivables.id"), index=True)
    received_on: Mapped[date]  # when the money moved; the entry says when it was booked
    amount_cents: Mapped[Cents]
    credit_cents: Mapped[Cents] = mapped_column(default=0)
    currency_code: Mapped[Currency]
    method: Mapped[str] = mapped_column(String(10), default="")
    gateway: Mapped[str] = mapped_column(String(12), default="", server_default="")
    provider_id: Mapped[str | None] = mapped_column(String(200))
    reference: Mapped[str] = mapped_column(String(140), default="")  # as on the bank statement
    note: Mapped[str] = mapped_column(String(500), default="")  # why: of a write-off, a move, a reversal
    entry_id: Mapped[int] = mapped_column(ForeignKey("journal_entries.id"), unique=True)
    external_key: Mapped[str | None] = mapped_column(String(80), unique=True)  # a form's or a bank's own: once (F1)
    belongs_to_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), index=True)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), unique=True)
    moved_from_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), unique=True)
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
