"""A period is claimed before it is billed: the index, not the job, makes it happen once (X-02, EB-19)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Id, Instant, Model, UtcDateTime, now

UNRELEASED = text("released_at IS NULL")
RELEASED = text("released_at IS NOT NULL")
NOT_BILLED = text("state <> 'billed'")


class Claim(Model):
    """(item, kind, period start), at most one unreleased. Only a release may change it.

    `state`: billed (an invoice line points here), elsewhere (billed before it came to us, D-13),
    skipped (a deactivated customer's period, D-12), reserved and given_up (charge first, D-2).
    """

    __tablename__ = "claims"
    __table_args__ = (
        CheckConstraint("state IN ('billed', 'elsewhere', 'skipped', 'reserved', 'given_up')", name="state"),
        CheckConstraint("period_end > period_start", name="period"),
        Index(
            "uq_claims_unreleased",
            "item_id",
            "kind",
            "period_start",
            unique=True,
            sqlite_where=UNRELEASED,
            postgresql_where=UNRELEASED,
        ),
        Index("ix_claims_not_billed", "state", "id", sqlite_where=NOT_BILLED, postgresql_where=NOT_BILLED),
        Index("ix_claims_released", "item_id", sqlite_where=RELEASED, postgresql_where=RELEASED),
        AUTO,
    )

    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("subscription_items.id"))
    kind: Mapped[str] = mapped_column(String(20))
    period_start: Mapped[date]
    period_end: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default="billed")
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    released_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
