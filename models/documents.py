"""Files that people keep with a customer: what they are called, who brought them, and why they were thrown away."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Id, Instant, Model, UtcDateTime


class Document(Model):
    """One file on a customer's card; whose it is, how large and since when stands in its row of `files`.

    `preview_id` is a picture that was decoded and written anew, so that nothing of what came along is ever shown.
    A deleted one keeps its row, without bytes.
    """

    __tablename__ = "documents"
    __table_args__ = (CheckConstraint("(deleted_at IS NULL) = (deleted_reason = '')", name="deleted"), AUTO)

    id: Mapped[Id]
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"), unique=True)
    preview_id: Mapped[int | None] = mapped_column(ForeignKey("files.id"), unique=True)
    title: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    uploaded_by: Mapped[str] = mapped_column(String(200), default="")
    deleted_at: Mapped[Instant | None] = mapped_column(UtcDateTime)
    deleted_by: Mapped[str] = mapped_column(String(200), default="")
    deleted_reason: Mapped[str] = mapped_column(String(200), default="")
