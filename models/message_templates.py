"""Words that the team keeps for messages to customers."""

from __future__ import annotations

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Id, Model, Stamped


class MessageTemplate(Stamped, Model):
    """A subject and a text with placeholders, to begin a message with; what was sent does not change with it."""

    __tablename__ = "message_templates"
    __table_args__ = (UniqueConstraint("name", "language_code"), AUTO)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80))
    language_code: Mapped[str] = mapped_column(String(2), default="de")
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
