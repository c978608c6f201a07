"""Everything about one customer as a file: an order, worked off by a job, with its progress (DSG-1)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Id, Instant, Model, UtcDateTime, now

WAITING = text("state IN ('pending', 'running')")


class CustomerExport(Model):
    """One person's order: pending, running, done or failed. Row and file are forgotten after a week."""

    __tablename__ = "customer_exports"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'running', 'done', 'failed')", name="state"),
        Index("ix_customer_exports_waiting", "next_attempt_at", sqlite_where=WAITING, postgresql_where=WAITING),
        AUTO,
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="pending")
    files_done: Mapped[int] = mapped_column(Integer, default=0)
    files_all: Mapped[int | None] = mapped_column(Integer)  # empty until they were counted
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id"))
    error: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    finished_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
