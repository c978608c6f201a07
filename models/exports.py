"""Large lists as files: an order, worked off by a job, with its progress."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Id, Instant, JsonText, Model, UtcDateTime, now

WAITING = text("state IN ('pending', 'running')")


class Export(Model):
    """One person's wish for a list as a file: pending, running, done or failed; its file is thrown away after a while.

    `wish` holds what the list was asked for (search, narrowing, order, language), so that the job writes what the
    person saw.
    """

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint("format IN ('csv', 'xlsx', 'json')", name="format"),
        CheckConstraint("state IN ('pending', 'running', 'done', 'failed')", name="state"),
        Index("ix_exports_staff_id_id", "staff_id", "id"),
        Index("ix_exports_waiting", "next_attempt_at", sqlite_where=WAITING, postgresql_where=WAITING),
        AUTO,
    )

    id: Mapped[Id]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    subject: Mapped[str] = mapped_column(String(40))  # the name of the list
    format: Mapped[str] = mapped_column(String(4))
    wish: Mapped[Any] = mapped_column(JsonText, default=dict)
    state: Mapped[str] = mapped_column(String(10), default="pending")
    rows_done: Mapped[int] = mapped_column(Integer, default=0)
    position: Mapped[Any | None] = mapped_column(JsonText)  # {"after": token, "bytes": written}; empty: from the start
    rows_all: Mapped[int | None] = mapped_column(Integer)  # empty until it was counted
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id"))
    error: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    finished_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
