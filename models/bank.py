"""What goes to the bank and comes from it: SEPA files, debits, statements and their lines."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Cents, Currency, Id, Instant, JsonText, Model, UtcDateTime, now

UNMATCHED = text("state = 'unmatched'")
WAITING = text("ended_at IS NULL")
IN_FLIGHT = "('planned', 'in_file', 'submitted')"
IN_FLIGHT_HERE = text(f"state IN {IN_FLIGHT}")


def _all_of_it(row: Any) -> int:
    """Of a new debit, in SQLAlchemy's context: the sum that it begins with is the one that is announced."""
    cents: int = row.get_current_parameters()["amount_cents"]
    return cents


class PaymentFile(Model):
    """One file for the bank, its bytes kept: the same on every download (SEP-6). Handed in once."""

    __tablename__ = "payment_files"
    __table_args__ = (CheckConstraint("kind IN ('debit', 'transfer')", name="kind"), AUTO)

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(8))
    message_id: Mapped[str] = mapped_column(String(35), unique=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"))
    execute_on: Mapped[date]
    count: Mapped[int] = mapped_column(Integer)
    total_cents: Mapped[Cents]
    currency_code: Mapped[Currency]
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    submitted_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
    submitted_by: Mapped[str] = mapped_column(String(20), default="")
    discarded_at: Mapped[Instant | None] = mapped_column(UtcDateTime)  # never handed in: its debits wait again
    rejected_at: Mapped[Instant | None] = mapped_column(UtcDateTime)  # the bank refused all of it


class Debit(Model):
    """One debit of our own by a mandate (X-05). `state`: planned (announced), in_file, submitted, paid, returned,
    withdrawn. At most one of a receivable is in flight: dunning waits for it (MAH-7)."""

    __tablename__ = "debits"
    __table_args__ = (
        CheckConstraint(f"state IN ({IN_FLIGHT[1:-1]}, 'paid', 'returned', 'withdrawn')", name="state"),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("sequence IN ('', 'FRST', 'RCUR', 'OOFF', 'FNAL')", name="sequence"),
        Index("uq_debits_in_flight", "receivable_id", unique=True, sqlite_where=IN_FLIGHT_HERE,
              postgresql_where=IN_FLIGHT_HERE),
        Index("ix_debits_due", "collect_on", sqlite_where=IN_FLIGHT_HERE, postgresql_where=IN_FLIGHT_HERE),
        AUTO,
    )  # fmt: skip

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    receivable_id: Mapped[int] = mapped_column(ForeignKey("receivables.id"), index=True)
    mandate_id: Mapped[int] = mapped_column(ForeignKey("mandates.id"), index=True)
    end_to_end_id: Mapped[str] = mapped_column(String(35), unique=True)
    amount_cents: Mapped[Cents]  # what its file collects: no more than was open when the file was made
    announced_cents: Mapped[Cents] = mapped_column(default=_all_of_it)  # to the customer: more is never collected
    currency_code: Mapped[Currency]
    announced_on: Mapped[date]  # pre-notification on the invoice or by mail (SEP-2)
    collect_on: Mapped[date]
    sequence: Mapped[str] = mapped_column(String(4), default="")
    state: Mapped[str] = mapped_column(String(10), default="planned")
    return_code: Mapped[str] = mapped_column(String(10), default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("payment_files.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    ended_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class BankStatement(Model):
    """One statement as it was brought in; `statement_key` makes it one (F13). How far its lines were tried: see
    services/bank_turns.py."""

    __tablename__ = "bank_statements"
    __table_args__ = (
        CheckConstraint("source IN ('camt', 'csv')", name="source"),
        UniqueConstraint("iban", "statement_key"),
        Index("ix_bank_statements_closed_on", "closed_on"),
        AUTO,
    )

    id: Mapped[Id]
    iban: Mapped[str] = mapped_column(String(34))
    source: Mapped[str] = mapped_column(String(4))
    statement_key: Mapped[str] = mapped_column(String(80))
    opened_on: Mapped[date | None]
    closed_on: Mapped[date]
    opening_cents: Mapped[int | None]
    closing_cents: Mapped[int | None]
    currency_code: Mapped[Currency]
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"))
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    tried_at: Mapped[Instant | None] = mapped_column(UtcDateTime)  # when its lines were last matched; None: they wait
    matched_to: Mapped[int] = mapped_column(BigInteger, default=0)  # the last line that was tried
    asked: Mapped[int] = mapped_column(Integer, default=0)  # how often they were asked to be tried from the first on


class BankLine(Model):
    """One movement on the account, once however many statements tell of it (`line_key`: the bank's reference, or a
    digest with the count of equal lines of that day). Positive cents came in.

    `state`: unmatched (also while a part of it waits), matched, ignored (a person said so). `answer` says by what:
    end_to_end, number, person, return (of a debit), refund, came_back (a refund), file (in one sum), taken_back (any
    other payment), parts (a sum that stands as its parts, BankPart); of a line that waits: failed (to be
    matched). `payment_id` is the first of the payments that it became (BankMatch).
    """

    __tablename__ = "bank_lines"
    __table_args__ = (
        CheckConstraint("state IN ('unmatched', 'matched', 'ignored')", name="state"),
        UniqueConstraint("iban", "line_key"),
        Index("ix_bank_lines_alike", "iban", "booked_on", "amount_cents"),
        Index("ix_bank_lines_unmatched", "id", sqlite_where=UNMATCHED, postgresql_where=UNMATCHED),
        AUTO,
    )

    id: Mapped[Id]
    statement_id: Mapped[int] = mapped_column(ForeignKey("bank_statements.id"), index=True)
    iban: Mapped[str] = mapped_column(String(34))
    line_key: Mapped[str] = mapped_column(String(80))
    booked_on: Mapped[date]
    amount_cents: Mapped[Cents]
    currency_code: Mapped[Currency]
    end_to_end_id: Mapped[str] = mapped_column(String(35), default="")
    mandate_reference: Mapped[str] = mapped_column(String(35), default="")
    return_code: Mapped[str] = mapped_column(String(10), default="")
    charges_cents: Mapped[int] = mapped_column(Integer, default=0)
    other_name: Mapped[str] = mapped_column(String(140), default="")
    other_iban: Mapped[str] = mapped_column(String(34), default="", index=True)
    purpose: Mapped[str] = mapped_column(String(600), default="")
    state: Mapped[str] = mapped_column(String(10), default="unmatched")
    reference: Mapped[str] = mapped_column(String(80), default="")
    notice_id: Mapped[str] = mapped_column(String(35), default="")  # the camt.054 that tells its parts
    answer: Mapped[str] = mapped_column(String(12), default="")
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), index=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    answered_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class BankMatch(Model):
    """So many cents of a line are this payment; a line may be split. It stands while its payment is not reversed."""

    __tablename__ = "bank_matches"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount"), AUTO)

    id: Mapped[Id]
    line_id: Mapped[int] = mapped_column(ForeignKey("bank_lines.id"), index=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), unique=True)
    amount_cents: Mapped[Cents]
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)


class BankBatch(Model):
    """A sum and its parts as a notification tells them (camt.054), gathered until the statement books the sum.

    `parts` (billing.bank_batches.as_data) are `count` and come to `told_cents`; they leave when the batch ended: they
    are lines then, by `line_id` (BankPart), or the statement told them by itself (no `line_id`). It books nothing.
    """

    __tablename__ = "bank_batches"
    __table_args__ = (
        UniqueConstraint("iban", "batch_key"),
        Index("ix_bank_batches_waiting", "iban", "amount_cents", sqlite_where=WAITING, postgresql_where=WAITING),
        AUTO,
    )

    id: Mapped[Id]
    iban: Mapped[str] = mapped_column(String(34))
    batch_key: Mapped[str] = mapped_column(String(80))
    booked_on: Mapped[date]
    amount_cents: Mapped[Cents]
    currency_code: Mapped[Currency]
    reference: Mapped[str] = mapped_column(String(80), default="")
    message_id: Mapped[str] = mapped_column(String(35), default="")
    parts: Mapped[Any] = mapped_column(JsonText)
    count: Mapped[int] = mapped_column(Integer)
    told_cents: Mapped[Cents]
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"))
    line_id: Mapped[int | None] = mapped_column(ForeignKey("bank_lines.id"), index=True)
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    ended_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class BankPart(Model):
    """This line is a part of that one, which booked the sum. While the sum does not stand as its parts
    (BankLine.answer), they are put aside."""

    __tablename__ = "bank_parts"
    __table_args__ = (AUTO,)

    id: Mapped[Id]
    line_id: Mapped[int] = mapped_column(ForeignKey("bank_lines.id"), unique=True)
    whole_id: Mapped[int] = mapped_column(ForeignKey("bank_lines.id"), index=True)


class CsvLayout(Model):
    """Which column of a bank's CSV file means what, kept for the next one."""

    __tablename__ = "csv_layouts"
    __table_args__ = (AUTO,)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(60), unique=True)
    data: Mapped[Any] = mapped_column(JsonText)  # separator, encoding, first row, date and number form, columns
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
