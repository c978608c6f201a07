"""Stored bytes, and the papers that are drawn into them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
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

from models.base import AUTO, Id, Instant, Model, Sha256, UtcDateTime, now

UNDRAWN = text("state <> 'drawn'")


class File(Model):
    """Bytes in the file store under a random name outside any web root (S12); never changed, only erased."""

    __tablename__ = "files"
    __table_args__ = (AUTO,)

    id: Mapped[Id]
    storage_key: Mapped[str] = mapped_column(String(64), unique=True)
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[Sha256]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20), default="paper")  # paper, logo, upload, preview, note
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    erased_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class Paper(Model):
    """The order to draw a document: pending, drawn or failed. The invoice stands whatever becomes of it (F9)."""

    __tablename__ = "papers"
    __table_args__ = (
        UniqueConstraint("invoice_id", "kind"),
        CheckConstraint("state IN ('pending', 'drawn', 'failed')", name="state"),
        CheckConstraint("(state = 'drawn') = (file_id IS NOT NULL)", name="drawn"),
        Index(
            "ix_papers_waiting",
            "next_attempt_at",
            sqlite_where=UNDRAWN,
            postgresql_where=UNDRAWN,
        ),
        AUTO,
    )

    id: Mapped[Id]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id", deferrable=True, initially="DEFERRED"))
    kind: Mapped[str] = mapped_column(String(12), default="pdf")
    state: Mapped[str] = mapped_column(String(10), default="pending")
    token: Mapped[str] = mapped_column(String(64), unique=True)  # /download/TOKEN, 256 bits
    token_revoked_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id"))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    drawn_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
