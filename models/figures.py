"""Monthly figures of the overview, measured by a job so that nobody's click adds up a year of invoices."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Cents, Instant, Model, UtcDateTime, now


class MonthlyFigure(Model):
    """A sum of one month in one currency. Only a copy: it can be measured again at any time."""

    __tablename__ = "monthly_figures"
    __table_args__ = (CheckConstraint("name IN ('recurring', 'issued', 'settled')", name="name"),)

    month: Mapped[date] = mapped_column(primary_key=True)  # its first day
    name: Mapped[str] = mapped_column(String(10), primary_key=True)
    currency_code: Mapped[str] = mapped_column(String(3), primary_key=True)
    cents: Mapped[Cents] = mapped_column(BigInteger, default=0)
    count: Mapped[int] = mapped_column(Integer, default=0)  # contracts, invoices, movements
    measured_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
