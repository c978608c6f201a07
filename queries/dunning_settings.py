"""The settings of dunning as their screens show them: levels with who stands there, base rates with their gaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from billing.interest import half_year_of, half_years, points
from extensions import db
from models import BaseRate, DunningLevel, Receivable
from queries.lists.owing import OPEN


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level and how many open invoices stand at it."""

    level: DunningLevel
    standing: int


@dataclass(frozen=True, slots=True)
class RateRow:
    """A base rate in percent, or None for a half-year in which something bears interest and nobody entered one."""

    valid_from: date
    percent: Decimal | None
    is_now: bool

    @property
    def consumers(self) -> Decimal:
        """What a consumer pays on arrears, in percent."""
        return (self.percent or Decimal(0)) + points(is_consumer=True)

    @property
    def companies(self) -> Decimal:
        return (self.percent or Decimal(0)) + points(is_consumer=False)


def level_rows() -> tuple[LevelRow, ...]:
    """In their order. Two statements."""
    rows = db.session.scalars(select(DunningLevel).order_by(DunningLevel.level)).all()
    counted = select(Receivable.dunning_level, func.count()).where(OPEN, Receivable.dunning_level > 0)
    counts = {level: int(count) for level, count in db.session.execute(counted.group_by(Receivable.dunning_level))}
    return tuple(LevelRow(row, counts.get(row.level, 0)) for row in rows)


def level_names() -> tuple[tuple[int, str], ...]:
    """(number, name) in their order. One statement."""
    rows = db.session.execute(select(DunningLevel.level, DunningLevel.name).order_by(DunningLevel.level))
    return tuple((level, name) for level, name in rows)


def rate_rows(today: date) -> tuple[RateRow, ...]:
    """The newest first, with the half-years that are missing since the oldest open invoice fell due. Two statements."""
    found = {row.valid_from: row.percent for row in db.session.scalars(select(BaseRate))}
    oldest = db.session.scalar(
        select(func.min(Receivable.due_on)).where(OPEN, Receivable.open_cents > 0, Receivable.kind == "invoice")
    )
    needed = half_years(oldest or today, today)
    return tuple(
        RateRow(on, found.get(on), on == half_year_of(today)) for on in sorted({*found, *needed}, reverse=True)
    )
