"""Runs, their chunks and whom they parked; and the slots of the timetable."""

from __future__ import annotations

from datetime import date
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

UNFINISHED = text("finished_at IS NULL")


class Run(Model):
    """A billing run of one date. While it is unfinished a second start joins it."""

    __tablename__ = "runs"
    __table_args__ = (
        Index(
            "uq_runs_unfinished", "kind", "on_date", unique=True, sqlite_where=UNFINISHED, postgresql_where=UNFINISHED
        ),
        AUTO,
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(20), default="billing")
    on_date: Mapped[date]
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(200), default="")
    started_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    finished_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
    reported_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class RunChunk(Model):
    """A range of customers, billed in one transaction. The counts are written with the work itself."""

    __tablename__ = "run_chunks"
    __table_args__ = (
        UniqueConstraint("run_id", "first_customer_id"),
        CheckConstraint("state IN ('pending', 'done')", name="state"),
        AUTO,
    )

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    first_customer_id: Mapped[int]
    last_customer_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="pending")
    taken_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
    due: Mapped[int] = mapped_column(Integer, default=0)
    issued: Mapped[int] = mapped_column(Integer, default=0)
    charging: Mapped[int] = mapped_column(Integer, default=0, server_default="0")  # their payment is attempted first
    skipped: Mapped[int] = mapped_column(Integer, default=0)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    totals: Mapped[Any] = mapped_column(JsonText, default=dict)  # currency -> [net, gross] in cents
    done_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class ParkedCustomer(Model):
    """Whom a run left out, and why; the others were billed (EB-25)."""

    __tablename__ = "parked_customers"
    __table_args__ = (
        UniqueConstraint("run_id", "customer_id", "subscription_id", "code"),
        Index("ix_parked_customers_open", "customer_id", sqlite_where=text("resolved_at IS NULL"),
              postgresql_where=text("resolved_at IS NULL")),
        AUTO,
    )  # fmt: skip

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    subscription_id: Mapped[int] = mapped_column(default=0)  # 0: the customer as a whole
    code: Mapped[str] = mapped_column(String(40))
    facts: Mapped[Any] = mapped_column(JsonText, default=dict)
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    resolved_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class TimetableSlot(Model):
    """One entry of the timetable at one time: a unique row, so two timetables do no harm."""

    __tablename__ = "timetable_slots"

    entry: Mapped[str] = mapped_column(String(40), primary_key=True)
    slot_at: Mapped[Instant] = mapped_column(UtcDateTime, primary_key=True)
    taken_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    done_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(Text, default="")
