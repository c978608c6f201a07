"""The outbox: a row is an order for a mail; text is rendered and frozen when it is sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Id, Instant, JsonText, Model, UtcDateTime, now

WAITING = text("state = 'pending'")
FAILED = text("state = 'failed'")
STOPPED = text("state = 'stopped'")
NO_INVOICE = text("template <> 'invoice'")  # a run writes these by the thousand and pays nothing for the index


class Message(Model):
    """One mail to one recipient about one event: unique, so an event never writes twice (L9, EB-23)."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("event", "recipient"),
        CheckConstraint("state IN ('pending', 'sent', 'failed', 'stopped')", name="state"),
        Index("ix_messages_waiting", "next_attempt_at", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_messages_failed", "id", sqlite_where=FAILED, postgresql_where=FAILED),
        Index("ix_messages_stopped", "id", sqlite_where=STOPPED, postgresql_where=STOPPED),
        Index("ix_messages_no_invoice", "template", "id", sqlite_where=NO_INVOICE, postgresql_where=NO_INVOICE),
        AUTO,
    )

    id: Mapped[Id]
    event: Mapped[str] = mapped_column(String(80))  # e.g. invoice:4711
    template: Mapped[str] = mapped_column(String(40))
    language_code: Mapped[str] = mapped_column(String(2), default="de")
    recipient: Mapped[str] = mapped_column(String(200))
    copy_to: Mapped[str] = mapped_column(String(200), default="")
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    invoice_id: Mapped[int | None] = mapped_column(
        ForeignKey("invoices.id", deferrable=True, initially="DEFERRED"), index=True
    )
    facts: Mapped[Any] = mapped_column(JsonText, default=dict)  # ids and figures of the event, no text
    state: Mapped[str] = mapped_column(String(10), default="pending")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    error: Mapped[str] = mapped_column(String(300), default="")
    sender: Mapped[str] = mapped_column(String(200), default="")
    subject: Mapped[str | None] = mapped_column(String(300))
    body: Mapped[str | None] = mapped_column(Text)
    attachments: Mapped[Any] = mapped_column(JsonText, default=list)  # [{"paper_id", "filename", "sha256"}] as sent
    message_id: Mapped[str | None] = mapped_column(String(200))
    delivery: Mapped[str] = mapped_column(String(10), default="")  # smtp, outbox (no server set)
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    sent_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
