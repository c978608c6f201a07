"""The audit trail. The row says who did what to which row and stays; the details beside it may be erased.

`digest` is sha256(salt + details). The salt lies with the details: once both are erased, nobody can guess the old
values back from the digest (DSG-5), and the sealed trail still verifies (GOB-2).
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Id, Instant, Model, Sha256, UtcDateTime, now

# Lists find what is rare by these; what a run writes by the thousand is left out, so it pays nothing.
RARE = text("code <> 'invoice.issued' AND code <> 'message.sent'")
OUTSIDE = text("actor_kind <> 'system' AND actor_kind <> 'staff'")
# A question says it in these very words, else neither database knows that the index answers it.
STATUS = text("code IN ('customer.activated', 'customer.blocked', 'customer.deactivated')")


class Activity(Model):
    __tablename__ = "activities"
    __table_args__ = (
        Index("ix_activities_customer_id_id", "customer_id", "id"),
        Index("ix_activities_rare", "code", "id", sqlite_where=RARE, postgresql_where=RARE),
        Index("ix_activities_from_outside", "actor_kind", "id", sqlite_where=OUTSIDE, postgresql_where=OUTSIDE),
        Index("ix_activities_status", "customer_id", "id", sqlite_where=STATUS, postgresql_where=STATUS),
        AUTO,
    )

    id: Mapped[Id]
    at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    actor_kind: Mapped[str] = mapped_column(String(10))  # staff, system, customer, api
    actor_id: Mapped[int | None]
    code: Mapped[str] = mapped_column(String(60))  # invoice.issued, customer.changed ...
    customer_id: Mapped[int | None]  # no foreign key: the trail outlives what it speaks of
    object_kind: Mapped[str] = mapped_column(String(20))
    object_id: Mapped[int]
    digest: Mapped[Sha256]


class ActivityDetail(Model):
    """{"actor": name, "changes": {field: [old, new]}, ...} as canonical JSON text."""

    __tablename__ = "activity_details"

    activity_id: Mapped[int] = mapped_column(
        ForeignKey("activities.id", deferrable=True, initially="DEFERRED"), primary_key=True, autoincrement=False
    )
    salt: Mapped[str] = mapped_column(String(32))
    details: Mapped[str] = mapped_column(Text)

    def read(self) -> Any:
        return json.loads(self.details)


class ActivitySeal(Model):
    """Seal n holds seal n-1, so that nothing can be taken out or slipped in between."""

    __tablename__ = "activity_seals"
    __table_args__ = (AUTO,)

    id: Mapped[Id]
    previous: Mapped[Sha256]
    root: Mapped[Sha256]  # over the members' leaves, in id order
    seal: Mapped[Sha256] = mapped_column(String(64), unique=True)
    count: Mapped[int] = mapped_column(Integer)
    sealed_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)


class ActivityMember(Model):
    """Which seal covers which activity, and what its row said then: a changed row is named, not only its seal."""

    __tablename__ = "activity_members"

    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), primary_key=True, autoincrement=False)
    seal_id: Mapped[int] = mapped_column(
        ForeignKey("activity_seals.id", deferrable=True, initially="DEFERRED"), index=True
    )
    leaf: Mapped[Sha256]  # over all columns of the activity
