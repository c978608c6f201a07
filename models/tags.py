"""Tags sort customers by criteria of the team's own (M1-41)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, Id, Model, Stamped


class Tag(Stamped, Model):
    __tablename__ = "tags"
    __table_args__ = (AUTO,)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(60))
    word: Mapped[str] = mapped_column(String(80), unique=True)  # normalised: "VIP" and "vip" are one tag
    colour: Mapped[str] = mapped_column(String(7), default="")


class CustomerTag(Model):
    __tablename__ = "customer_tags"
    __table_args__ = (Index("ix_customer_tags_tag_id_customer_id", "tag_id", "customer_id"),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)
