"""The levels of dunning: Zahlungserinnerung and any number of Mahnstufen (M2-15).

A new house has four levels. A house that was there before dunning has none until somebody sets them up, so that no
release writes to anybody's customers by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.dunning import Level
from extensions import db
from models import DunningLevel


@dataclass(frozen=True, slots=True)
class LevelWish:
    """One level as somebody wants it; its number is its place in the list. Days count from the due date."""

    name: str
    days: int
    fee_cents: int = 0
    consumer_fee_cents: int = 0
    days_to_pay: int = 6  # so that the next level, a week later, follows the deadline
    by_mail: bool = True
    letter: str = "no_mail"
    with_interest: bool = False
    with_lump_sum: bool = False
    collect_before: bool = False
    deactivate_after: bool = False
    deactivation_text: str = ""


DEFAULTS = (
    LevelWish("Zahlungserinnerung", 7),
    LevelWish("1. Mahnung", 14),
    LevelWish("2. Mahnung", 21, with_interest=True, collect_before=True),
    LevelWish("3. Mahnung", 28, with_interest=True, collect_before=True),
)


def levels() -> list[DunningLevel]:
    """The levels in their order; none: nobody is reminded."""
    return list(db.session.scalars(select(DunningLevel).order_by(DunningLevel.level)))


def pure_levels(rows: Sequence[DunningLevel]) -> list[Level]:
    """The same as the rule asks for them."""
    return [
        Level(row.level, row.days, row.name, row.fee_cents, row.consumer_fee_cents, row.collect_before,
              row.deactivate_after, row.days_to_pay)
        for row in rows
    ]  # fmt: skip


def wish_of(row: DunningLevel) -> LevelWish:
    """A level as it was wished for."""
    return LevelWish(**{field.name: getattr(row, field.name) for field in fields(LevelWish)})


def seed(session: Session) -> None:
    """The levels of a new house."""
    for number, wish in enumerate(DEFAULTS, start=1):
        session.add(DunningLevel(level=number, **asdict(wish)))
