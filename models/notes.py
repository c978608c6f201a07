"""What people wrote down about a customer: notes, calls, letters. Each correction is a version of its own."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Id, Instant, Model, UtcDateTime, now

KINDS = ("note", "call", "letter")


class Note(Model):
    """The thread: the same note, however often it was corrected."""

    __tablename__ = "notes"
    __table_args__ = (AUTO,)

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)


class NoteVersion(Model):
    """What the note said from `created_at` on; never changed. A struck one says nothing any more, and stays readable
    in the versions before."""

    __tablename__ = "note_versions"
    __table_args__ = (
        UniqueConstraint("note_id", "version"),
        CheckConstraint("kind IN ('note', 'call', 'letter')", name="kind"),
        AUTO,
    )

    id: Mapped[Id]
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id"))
    version: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(10))
    happened_on: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id"), index=True)
    is_struck: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
