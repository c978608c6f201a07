"""Reminders: their levels, what was sent, interest, instalments (X-12, A5)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Cents, Currency, Id, Instant, JsonText, Model, Percent, UtcDateTime, now

UNDRAWN = text("letter_state = 'pending'")
STANDING = text("ended_at IS NULL")
OFF = text("resumed_on IS NULL")


class DunningLevel(Model):
    """One level of the process. `days` after the due date and `fee_cents` are not cumulative. Its words stand with the
    house's texts under `reminder_LEVEL`, or under their own name where there are more."""

    __tablename__ = "dunning_levels"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 20 AND days BETWEEN 0 AND 999", name="days"),
        CheckConstraint("fee_cents >= 0 AND consumer_fee_cents >= 0", name="fee"),
        CheckConstraint("letter IN ('never', 'no_mail', 'always')", name="letter"),
    )

    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(60))
    days: Mapped[int] = mapped_column(Integer)
    fee_cents: Mapped[Cents] = mapped_column(default=0)
    consumer_fee_cents: Mapped[Cents] = mapped_column(default=0)
    days_to_pay: Mapped[int] = mapped_column(Integer, default=7)
    by_mail: Mapped[bool] = mapped_column(default=True)
    letter: Mapped[str] = mapped_column(String(8), default="no_mail")
    with_interest: Mapped[bool] = mapped_column(default=False)
    with_lump_sum: Mapped[bool] = mapped_column(default=False)
    collect_before: Mapped[bool] = mapped_column(default=False)  # M2-16
    deactivate_after: Mapped[bool] = mapped_column(default=False)  # M2-17
    deactivation_text: Mapped[str] = mapped_column(String(300), default="")


class Reminder(Model):
    """One level reached by one receivable, once in each `round`: what was paid and is owed again begins anew (EB-54).

    The cents are what this reminder itself added; fee, interest and lump sum are receivables of their own (MAH-6).
    """

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("receivable_id", "round", "level"),
        CheckConstraint("letter_state IN ('none', 'pending', 'drawn', 'failed')", name="letter_state"),
        Index("ix_reminders_undrawn", "id", sqlite_where=UNDRAWN, postgresql_where=UNDRAWN),
        AUTO,
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    receivable_id: Mapped[int] = mapped_column(ForeignKey("receivables.id"))
    round: Mapped[int] = mapped_column(Integer, default=0)
    level: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(60))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    reminded_on: Mapped[date]
    pay_until: Mapped[date]
    open_cents: Mapped[Cents]  # of the receivable itself when it was sent
    currency_code: Mapped[Currency]
    fee_cents: Mapped[Cents] = mapped_column(default=0)
    interest_cents: Mapped[Cents] = mapped_column(default=0)
    interest_until: Mapped[date | None]
    lump_sum_cents: Mapped[Cents] = mapped_column(default=0)
    deactivated: Mapped[bool] = mapped_column(default=False)
    letter_state: Mapped[str] = mapped_column(String(8), default="none")
    letter_file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id"))
    letter_attempts: Mapped[int] = mapped_column(Integer, default=0)
    letter_stopped_on: Mapped[date | None]  # paid before it was drawn: its state is "none" from then on
    text_set_id: Mapped[int | None] = mapped_column(ForeignKey("text_sets.id"))
    letterhead_id: Mapped[int | None] = mapped_column(ForeignKey("letterheads.id"))
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)


class BaseRate(Model):
    """The base rate of section 247 BGB from a day on, as the operator entered it (MAH-3). Never guessed."""

    __tablename__ = "base_rates"

    valid_from: Mapped[date] = mapped_column(primary_key=True)
    percent: Mapped[Percent]
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)


class InstalmentPlan(Model):
    """A receivable is paid in parts: no reminder while the plan holds (MAH-7). `ended_as`: paid, broken, withdrawn."""

    __tablename__ = "instalment_plans"
    __table_args__ = (
        CheckConstraint("ended_as IN ('', 'paid', 'broken', 'withdrawn')", name="ended_as"),
        Index("uq_instalment_plans_standing", "receivable_id", unique=True, sqlite_where=STANDING,
              postgresql_where=STANDING),
        AUTO,
    )  # fmt: skip

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    receivable_id: Mapped[int] = mapped_column(ForeignKey("receivables.id"))
    started_open_cents: Mapped[Cents]
    grace_days: Mapped[int] = mapped_column(Integer, default=5)
    note: Mapped[str] = mapped_column(String(300), default="")
    ended_as: Mapped[str] = mapped_column(String(10), default="")
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    ended_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class Instalment(Model):
    """One part of a plan."""

    __tablename__ = "instalments"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount"),)

    plan_id: Mapped[int] = mapped_column(ForeignKey("instalment_plans.id"), primary_key=True, autoincrement=False)
    due_on: Mapped[date] = mapped_column(primary_key=True)
    amount_cents: Mapped[Cents]


class DunningChunk(Model):
    """Open receivables of a dunning run that are examined in one transaction: those from the first (due day, customer)
    to the last one, both included. The counts are written with the work itself.

    `why` counts those that were held, by reason; `failures` lists [receivable id, code].
    """

    __tablename__ = "dunning_chunks"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'done')", name="state"),
        Index("ix_dunning_chunks_run_id", "run_id", "id"),
        AUTO,
    )

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    first_due_on: Mapped[date]
    first_customer_id: Mapped[int]
    last_due_on: Mapped[date]
    last_customer_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(8), default="pending")
    examined: Mapped[int] = mapped_column(Integer, default=0)
    reminded: Mapped[int] = mapped_column(Integer, default=0)
    collected: Mapped[int] = mapped_column(Integer, default=0)
    held: Mapped[int] = mapped_column(Integer, default=0)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    why: Mapped[Any] = mapped_column(JsonText, default=dict)
    failures: Mapped[Any] = mapped_column(JsonText, default=list)
    done_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class DunningStop(Model):
    """A contract that a reminder switched off (M2-17). It is switched on again when what it was for is paid, unless a
    person did that before; `resumed_on` says when that was looked at."""

    __tablename__ = "dunning_stops"
    __table_args__ = (
        UniqueConstraint("reminder_id", "subscription_id"),
        Index("ix_dunning_stops_off", "receivable_id", sqlite_where=OFF, postgresql_where=OFF),
        AUTO,
    )

    id: Mapped[Id]
    reminder_id: Mapped[int] = mapped_column(ForeignKey("reminders.id"))
    receivable_id: Mapped[int] = mapped_column(ForeignKey("receivables.id"))
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"), index=True)
    stopped_on: Mapped[date]
    resumed_on: Mapped[date | None]
