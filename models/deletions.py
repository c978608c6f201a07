"""The log of deletions: that, when and by whom a record was deleted, and what of it had to stay (Art. 5 (2) DSGVO).

Kept for ever and without a personal datum: ids, codes, counts and days.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Id, Instant, JsonText, Model, UtcDateTime, now

STAFF_REASONS = ("asked", "purpose_over", "consent_withdrawn", "by_mistake")
REASONS = (*STAFF_REASONS, "by_call", "time_over")  # the last two only a machine gives


class Deletion(Model):
    """One deed. `outcome`: erased (nothing had to stay), restricted (`kept` says what does), purged (time was over).

    `gone` and `kept` map a subject (messages, files, invoices ...) to how many there were; in `kept` with the last day:
    {"invoices": [3, "2034-12-31"]}.
    """

    __tablename__ = "deletions"
    __table_args__ = (
        CheckConstraint("outcome IN ('erased', 'restricted', 'purged')", name="outcome"),
        Index("ix_deletions_customer_id_id", "customer_id", "id"),
        AUTO,
    )

    id: Mapped[Id]
    at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    customer_id: Mapped[int]  # no foreign key: the log outlives the record
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int | None]
    outcome: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(20))  # one of REASONS
    gone: Mapped[Any] = mapped_column(JsonText, default=dict)
    kept: Mapped[Any] = mapped_column(JsonText, default=dict)
    retain_until: Mapped[date | None]
