"""What was purged: the row whose time was over, and the day. Without a row here no guard lets anything be emptied."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model


class Purge(Model):
    """`subject` is the table; an invoice's lines go with it. The guard of this table asks whether the time is over."""

    __tablename__ = "purges"
    __table_args__ = (CheckConstraint("subject IN ('invoices', 'payments', 'vat_checks')", name="subject"),)

    subject: Mapped[str] = mapped_column(String(20), primary_key=True)
    row_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    purged_on: Mapped[date]
