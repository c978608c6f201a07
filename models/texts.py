"""The words of mails and papers as staff have changed them, and the sets of words that issued papers keep."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Id, Instant, JsonText, Model, Sha256, Stamped, UtcDateTime, now


class TextTemplate(Stamped, Model):
    """One text in one language, changed by staff; where there is no row, the text that Kontor brings along holds."""

    __tablename__ = "text_templates"
    __table_args__ = (
        UniqueConstraint("kind", "name", "language_code"),
        CheckConstraint("kind IN ('mail', 'paper')", name="kind"),
        AUTO,
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(40))
    language_code: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(Text, default="")  # of a mail
    body: Mapped[str] = mapped_column(Text, default="")


class TextSet(Model):
    """A frozen state of all texts of a paper in one language, found again by its digest; invoices point here.

    As a letterhead freezes the sender, so that a paper drawn tomorrow says what was issued today (GOB-1).
    """

    __tablename__ = "text_sets"
    __table_args__ = (AUTO,)

    id: Mapped[Id]
    digest: Mapped[Sha256] = mapped_column(String(64), unique=True)
    language_code: Mapped[str] = mapped_column(String(2))
    data: Mapped[Any] = mapped_column(JsonText)  # name of the text -> its template
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
