"""What staff decide about dunning: the levels, what holds for all of them, and the base rates (M2-15, MAH-3, MAH-5).

A new house has four levels. A house that was there before dunning has none until somebody sets them up, so that no
release writes to anybody's customers by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from billing import dunning as rules
from billing.errors import AlreadyDone, Invalid, NotFound
from billing.interest import BaseRates, half_year_of
from extensions import db
from models import BaseRate, DunningLevel, Setting
from services import activities, clock
from services import values as check
from services.actor import Actor
from services.company import get_company
from services.sql import insert
from services.unit import write

SETTING = "dunning"
LETTERS = ("never", "no_mail", "always")
HIGHEST_RATE = Decimal(100)
_COLUMNS = DunningLevel.__table__.columns


@dataclass(frozen=True, slots=True)
class LevelWish:
    """One level as somebody wants it; its number is its place in the list. Days count from the due date."""

    name: str
    days: int
    fee_cents: int = 0
    consumer_fee_cents: int = 0
    days_to_pay: int = 7
    by_mail: bool = True
    letter: str = "no_mail"
    with_interest: bool = False
    with_lump_sum: bool = False
    collect_before: bool = False
    deactivate_after: bool = False
    deactivation_text: str = ""


@dataclass(frozen=True, slots=True)
class House:
    """What holds for all levels. `is_automatic`: by the timetable, every morning; by hand it always goes.

    `consumer_fee_cap_cents`: what a consumer may be asked for at most. Only real costs of paper and postage count, no
    staff and no machines (BGH VIII ZR 95/18); for a mail there are none.
    """

    is_automatic: bool = True
    grace_bank_days: int = 2
    minimum_cents: int = 0
    days_between: int = 1
    consumer_fee_cap_cents: int = 76
    statement_days: int = 3  # after so many days without a bank statement a run warns; 0: never


DEFAULTS = (
    LevelWish("Zahlungserinnerung", 7),
    LevelWish("1. Mahnung", 14),
    LevelWish("2. Mahnung", 21, with_interest=True, collect_before=True),
    LevelWish("3. Mahnung", 28, with_interest=True, collect_before=True),
)
_LIMITS = {"grace_bank_days": 30, "minimum_cents": 1_000_000, "days_between": 90, "consumer_fee_cap_cents": 2_500,
           "statement_days": 90}  # fmt: skip


def levels() -> list[DunningLevel]:
    """The levels in their order; none: nobody is reminded."""
    return list(db.session.scalars(select(DunningLevel).order_by(DunningLevel.level)))


def pure_levels(rows: Sequence[DunningLevel]) -> list[rules.Level]:
    """The same as the rule asks for them."""
    return [
        rules.Level(row.level, row.days, row.name, row.fee_cents, row.consumer_fee_cents, row.collect_before,
                    row.deactivate_after)
        for row in rows
    ]  # fmt: skip


def house() -> House:
    """What holds for all levels; the defaults where nobody has decided."""
    row = db.session.get(Setting, SETTING)
    known = {field.name for field in fields(House)}
    return House(**{name: value for name, value in row.value.items() if name in known}) if row else House()


def pure_rules(own: House) -> rules.Rules:
    """The same as the rule asks for it; the fees are in the company's currency."""
    return rules.Rules(get_company().currency_code, own.grace_bank_days, own.minimum_cents, own.days_between,
                       own.consumer_fee_cap_cents)  # fmt: skip


def seed_levels(session: Session) -> None:
    """The levels of a new house."""
    for number, wish in enumerate(DEFAULTS, start=1):
        session.add(DunningLevel(level=number, **asdict(wish)))


def save_levels(actor: Actor, wishes: Sequence[LevelWish]) -> None:
    """Put these levels in place of those that are; reminders that were sent keep what they said.

    Raises Invalid for a field, with `position` as a fact; AlreadyDone where nothing changes.
    """
    with write() as session:
        clean = [_clean(number, wish) for number, wish in enumerate(wishes, start=1)]
        before = [_wish(row) for row in levels()]
        if clean == before:
            raise AlreadyDone("unchanged")
        wanted = [DunningLevel(level=number, **asdict(wish)) for number, wish in enumerate(clean, start=1)]
        rules.check_levels(pure_levels(wanted), pure_rules(house()))
        session.execute(delete(DunningLevel))
        session.expunge_all()
        session.add_all(wanted)
        activities.record(actor, "dunning.levels_changed", "dunning", 1, before=_told(before), after=_told(clean))


def save_house(actor: Actor, own: House) -> None:
    """Change what holds for all levels. Raises Invalid(field), AlreadyDone where nothing changes."""
    with write() as session:
        for name, most in _LIMITS.items():
            check.number_in(name, getattr(own, name), 1 if name == "days_between" else 0, most)
        before = house()
        if own == before:
            raise AlreadyDone("unchanged")
        values = {"name": SETTING, "value": asdict(own), "note": ""}
        statement = insert(Setting).values(**values)
        session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": asdict(own)}))
        pairs = {name: (getattr(before, name), value) for name, value in asdict(own).items()}
        changes = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        activities.record(actor, "dunning.settings_changed", "dunning", 1, changes=changes)
        session.expire_all()


def base_rates() -> BaseRates:
    """The table of section 247 BGB as far as the operator entered it."""
    return BaseRates((row.valid_from, row.percent) for row in listed_rates())


def listed_rates() -> list[BaseRate]:
    """The entered rates, the newest first."""
    return list(db.session.scalars(select(BaseRate).order_by(BaseRate.valid_from.desc())))


def enter_base_rate(actor: Actor, valid_from: date, percent: Decimal) -> None:
    """Enter the base rate of a half-year as the Bundesbank announced it, or put it right.

    Interest that was asked for stays; what is asked for later counts by the rate of then. Raises Invalid: "valid_from"
    that is neither 1 January nor 1 July, or lies more than a half-year ahead; "percent". AlreadyDone for the same rate.
    """
    with write() as session:
        if valid_from != half_year_of(valid_from) or not 2002 <= valid_from.year <= clock.today().year + 1:
            raise Invalid("valid_from", "not_a_half_year")
        if not percent.is_finite() or abs(percent) > HIGHEST_RATE or percent != round(percent, 2):
            raise Invalid("percent", "out_of_range")
        row = session.get(BaseRate, valid_from)
        if row is not None and row.percent == percent:
            raise AlreadyDone("unchanged")
        old = None if row is None else str(row.percent)
        if row is None:
            session.add(BaseRate(valid_from=valid_from, percent=percent, created_at=clock.instant()))
        else:
            row.percent = percent
        activities.record(actor, "dunning.base_rate_entered", "dunning", 1, valid_from=valid_from.isoformat(),
                          changes={"percent": (old, str(percent))})  # fmt: skip


def remove_base_rate(actor: Actor, valid_from: date) -> None:
    """Take a rate out that was entered by mistake. Raises NotFound."""
    with write() as session:
        row = session.get(BaseRate, valid_from)
        if row is None:
            raise NotFound("base_rate", field="valid_from")
        session.delete(row)
        activities.record(actor, "dunning.base_rate_removed", "dunning", 1, valid_from=valid_from.isoformat(),
                          percent=str(row.percent))  # fmt: skip


def _clean(number: int, wish: LevelWish) -> LevelWish:
    """Raises Invalid with the level's place among the facts."""
    try:
        check.one_of("letter", wish.letter, LETTERS)
        check.number_in("days_to_pay", wish.days_to_pay, 0, 90)
        text = check.text_of(_COLUMNS["deactivation_text"], wish.deactivation_text)
        return LevelWish(**(asdict(wish) | {"name": check.text_of(_COLUMNS["name"], wish.name),
                                            "deactivation_text": text}))  # fmt: skip
    except Invalid as error:
        raise Invalid(error.field, error.code, **({"position": number} | error.facts | {"position": number})) from None


def _wish(row: DunningLevel) -> LevelWish:
    return LevelWish(**{field.name: getattr(row, field.name) for field in fields(LevelWish)})


def _told(wishes: Sequence[LevelWish]) -> list[dict[str, Any]]:
    return [asdict(wish) for wish in wishes]
