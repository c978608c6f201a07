"""What was asked of providers, and what they told: a row before anything leaves the house (F3, EB-51, EB-56)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Cents, Currency, Id, Instant, Model, UtcDateTime, now

UNDER_WAY = "('planned', 'prepared', 'sent', 'unknown', 'needs_action')"
UNDER_WAY_HERE = text(f"state IN {UNDER_WAY}")
REFUND_UNDER_WAY = text("state IN ('ordered', 'approved', 'sent', 'unknown', 'pending')")
AGAIN = text("state = 'accepted' AND number > 1")
UNPROCESSED = text("state = 'stored'")
FAILED_EVENT = text("state = 'failed'")


class PaymentAttempt(Model):
    """One try to collect one document; at most one of a document is under way.

    `key` is ours and makes the charge one at the provider. `state`: planned (the row alone), prepared (the provider's
    object stands, `provider_id`), sent (confirming, the answer is awaited), unknown (no answer: only reading resolves
    it), needs_action (the customer has to confirm), accepted (captured, or a debit taken in), declined, cancelled.
    `purpose`: issue (charge first: accepted issues the invoice) or collect (an issued invoice is tried again).
    """

    __tablename__ = "payment_attempts"
    __table_args__ = (
        CheckConstraint("purpose IN ('issue', 'collect')", name="purpose"),
        CheckConstraint(
            f"state IN ({UNDER_WAY[1:-1]}, 'accepted', 'declined', 'cancelled')", name="state"
        ),
        CheckConstraint("decline_kind IN ('', 'soft', 'hard', 'action')", name="decline_kind"),
        CheckConstraint("amount_cents > 0", name="amount"),
        Index("uq_payment_attempts_under_way", "invoice_id", unique=True, sqlite_where=UNDER_WAY_HERE,
              postgresql_where=UNDER_WAY_HERE),
        UniqueConstraint("invoice_id", "number"),
        UniqueConstraint("gateway", "provider_id"),
        Index("ix_payment_attempts_again", "invoice_id", sqlite_where=AGAIN, postgresql_where=AGAIN),
        Index("ix_payment_attempts_next_look", "next_look_at", sqlite_where=UNDER_WAY_HERE,
              postgresql_where=UNDER_WAY_HERE),
        AUTO,
    )  # fmt: skip

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(40), unique=True)
    purpose: Mapped[str] = mapped_column(String(8))
    number: Mapped[int] = mapped_column(Integer, default=1)  # of its document, from 1
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    method_id: Mapped[int] = mapped_column(ForeignKey("payment_methods.id"), index=True)
    gateway: Mapped[str] = mapped_column(String(12))
    provider_id: Mapped[str | None] = mapped_column(String(200))
    amount_cents: Mapped[Cents]
    currency_code: Mapped[Currency]
    state: Mapped[str] = mapped_column(String(12), default="planned")
    decline_kind: Mapped[str] = mapped_column(String(6), default="")
    decline_code: Mapped[str] = mapped_column(String(60), default="")
    action_url: Mapped[str] = mapped_column(String(500), default="")
    looks: Mapped[int] = mapped_column(Integer, default=0)
    next_look_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    sent_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
    resolved_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class Collection(Model):
    """The collecting of one document by a method that charges: when it is tried next, and how it ended.

    `state`: open, done (paid or taken in), given_up (finally declined; listed with both buttons, D-2), released (its
    periods are free again), issued_open (issued though unpaid, dunning takes over).
    """

    __tablename__ = "collections"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done', 'given_up', 'released', 'issued_open')", name="state"),
        Index("ix_collections_due", "next_try_on", sqlite_where=text("state = 'open'"),
              postgresql_where=text("state = 'open'")),
        Index("ix_collections_given_up", "invoice_id", sqlite_where=text("state = 'given_up'"),
              postgresql_where=text("state = 'given_up'")),
    )  # fmt: skip

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    state: Mapped[str] = mapped_column(String(12), default="open")
    tries: Mapped[int] = mapped_column(Integer, default=0)
    next_try_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(60), default="")  # the last decline's code, or no_method, expired
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    ended_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class GatewayEvent(Model):
    """A provider's message, stored before it is worked on, once (EB-56); the raw body goes when its work is done."""

    __tablename__ = "gateway_events"
    __table_args__ = (
        UniqueConstraint("gateway", "event_id"),
        CheckConstraint("state IN ('stored', 'done', 'ignored', 'failed')", name="state"),
        Index("ix_gateway_events_stored", "next_look_at", sqlite_where=UNPROCESSED, postgresql_where=UNPROCESSED),
        Index("ix_gateway_events_failed", "id", sqlite_where=FAILED_EVENT, postgresql_where=FAILED_EVENT),
        AUTO,
    )

    id: Mapped[Id]
    gateway: Mapped[str] = mapped_column(String(12))
    event_id: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    type: Mapped[str] = mapped_column(String(80), default="")
    object_id: Mapped[str] = mapped_column(String(200), default="", index=True)
    data: Mapped[str] = mapped_column(Text)  # gateways.base.Event as JSON: ids and sums, no payment data
    state: Mapped[str] = mapped_column(String(8), default="stored")
    looks: Mapped[int] = mapped_column(Integer, default=0)
    next_look_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    error: Mapped[str] = mapped_column(String(60), default="")
    received_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    processed_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class Refund(Model):
    """Money on its way back for one cancellation or correction, out of one payment (D-1, COR-3, L4).

    `way`: provider, or transfer (a person sends it; also in a file). `state`: waiting (four eyes), ordered, approved,
    sent, pending (the provider works on it), unknown, succeeded, failed, withdrawn. From its first moment, also while
    it waits, the amount is out of the customer's credit, so that nothing else spends it; `error` says why it failed.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("way IN ('provider', 'transfer')", name="way"),
        CheckConstraint("state IN ('waiting', 'ordered', 'approved', 'sent', 'pending', 'unknown', 'succeeded', "
                        "'failed', 'withdrawn')", name="state"),
        CheckConstraint("amount_cents > 0", name="amount"),
        Index("uq_refunds_standing", "correction_id", "payment_id", unique=True,
              sqlite_where=text("state NOT IN ('failed', 'withdrawn')"),
              postgresql_where=text("state NOT IN ('failed', 'withdrawn')")),
        UniqueConstraint("gateway", "provider_id"),
        Index("ix_refunds_under_way", "next_look_at", sqlite_where=REFUND_UNDER_WAY,
              postgresql_where=REFUND_UNDER_WAY),
        AUTO,
    )  # fmt: skip

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(40), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    correction_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), index=True)
    way: Mapped[str] = mapped_column(String(10))
    gateway: Mapped[str] = mapped_column(String(12), default="")
    provider_id: Mapped[str | None] = mapped_column(String(200))
    amount_cents: Mapped[Cents]
    currency_code: Mapped[Currency]
    state: Mapped[str] = mapped_column(String(10))
    error: Mapped[str] = mapped_column(String(60), default="")
    ordered_by: Mapped[str] = mapped_column(String(20))  # kind:id of the actor
    approved_by: Mapped[str] = mapped_column(String(20), default="")
    looks: Mapped[int] = mapped_column(Integer, default=0)
    next_look_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("payment_files.id"))
    taken_entry_id: Mapped[int | None] = mapped_column(ForeignKey("journal_entries.id"))
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    sent_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
    resolved_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class Chargeback(Model):
    """What a payment of the kind chargeback brought with it: the bank's fee and the money that went back twice (F19),
    each a receivable of its own. Written with the payment, never changed."""

    __tablename__ = "chargebacks"

    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(String(60), default="")  # the bank's or the provider's own word
    fee_receivable_id: Mapped[int | None] = mapped_column(ForeignKey("receivables.id"))
    excess_receivable_id: Mapped[int | None] = mapped_column(ForeignKey("receivables.id"))
    fee_cents: Mapped[Cents] = mapped_column(default=0)  # what the bank took of us
