"""The test clock's moves: how far a sandbox is ahead of the world, and what it took to get there."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Id, Instant, Model, UtcDateTime, now

UNDER_WAY = text("state = 'running'")


class ClockMove(Model):
    """One way forward, from a moment of the house to a later one. The newest row's offset is the clock.

    `position_at` is how far it came; `lease_until`, of the world's time, says until when somebody is at it.
    """

    __tablename__ = "clock_moves"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'done')", name="state"),
        CheckConstraint("offset_seconds >= 0", name="forward"),
        CheckConstraint("from_at < to_at", name="ahead"),
        Index("uq_clock_moves_running", "state", unique=True, sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY),
        AUTO,
    )

    id: Mapped[Id]
    from_at: Mapped[Instant] = mapped_column(UtcDateTime)
    to_at: Mapped[Instant] = mapped_column(UtcDateTime)
    position_at: Mapped[Instant] = mapped_column(UtcDateTime)
    offset_seconds: Mapped[int] = mapped_column(BigInteger, default=0)
    state: Mapped[str] = mapped_column(String(10), default="running")
    failures: Mapped[int] = mapped_column(Integer, default=0)  # entries of the timetable that could not be done
    error: Mapped[str] = mapped_column(String(60), default="")  # the code of the last of them
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(200), default="")
    lease_until: Mapped[Instant | None] = mapped_column(UtcDateTime)
    started_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    finished_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
