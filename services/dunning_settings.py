"""What staff decide about dunning: what holds for all levels, and the levels themselves (M2-15, MAH-5, MAH-7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from billing.dunning import Rules
from billing.dunning_levels import check_levels
from billing.errors import AlreadyDone, Invalid
from extensions import db
from models import DunningLevel, Setting
from services import activities
from services import values as check
from services.actor import Actor
from services.company import get_company
from services.dunning_levels import LevelWish, levels, pure_levels, wish_of
from services.unit import write

SETTING = "dunning"
LETTERS = ("never", "no_mail", "always")
_COLUMNS = DunningLevel.__table__.columns


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


_LIMITS = {"grace_bank_days": 30, "minimum_cents": 1_000_000, "days_between": 90, "consumer_fee_cap_cents": 2_500,
           "statement_days": 90}  # fmt: skip


def house() -> House:
    """What holds for all levels; the defaults where nobody has decided."""
    row = db.session.get(Setting, SETTING)
    known = {field.name for field in fields(House)}
    return House(**{name: value for name, value in row.value.items() if name in known}) if row else House()


def pure_rules(own: House) -> Rules:
    """The same as the rule asks for it; the fees are in the company's currency."""
    return Rules(get_company().currency_code, own.grace_bank_days, own.minimum_cents, own.days_between,
                       own.consumer_fee_cap_cents)  # fmt: skip


def save_levels(actor: Actor, wishes: Sequence[LevelWish]) -> None:
    """Put these levels in place of those that are; reminders that were sent keep what they said.

    Raises Invalid for a field, with `position` as a fact; AlreadyDone where nothing changes.
    """
    with write() as session:
        clean = [_clean(number, wish) for number, wish in enumerate(wishes, start=1)]
        before = [wish_of(row) for row in levels()]
        if clean == before:
            raise AlreadyDone("unchanged")
        wanted = [DunningLevel(level=number, **asdict(wish)) for number, wish in enumerate(clean, start=1)]
        check_levels(pure_levels(wanted), pure_rules(house()))
        for row in levels()[len(wanted) :]:
            session.delete(row)
        for row in wanted:
            session.merge(row)
        pair = (_told(before, beside=clean), _told(clean, beside=before))
        activities.record(actor, "dunning.levels_changed", "dunning", 1, changes={"levels": pair})


def save_house(actor: Actor, own: House) -> None:
    """Change what holds for all levels. Raises Invalid(field), AlreadyDone where nothing changes."""
    with write() as session:
        for name, most in _LIMITS.items():
            check.number_in(name, getattr(own, name), 1 if name == "days_between" else 0, most)
        before = house()
        if own == before:
            raise AlreadyDone("unchanged")
        _require_room(own)
        session.merge(Setting(name=SETTING, value=asdict(own), note=""))
        pairs = {name: (getattr(before, name), value) for name, value in asdict(own).items()}
        changes = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        activities.record(actor, "dunning.settings_changed", "dunning", 1, changes=changes)


def _require_room(own: House) -> None:
    """No level asks a consumer for more than the cap: else nobody could save the levels any more."""
    asked = [row for row in levels() if row.consumer_fee_cents > own.consumer_fee_cap_cents]
    if asked:
        raise Invalid("consumer_fee_cap_cents", "level_asks_more", name=asked[0].name)


def _clean(number: int, wish: LevelWish) -> LevelWish:
    """Raises Invalid with the level's place among the facts."""
    try:
        check.one_of("letter", wish.letter, LETTERS)
        check.number_in("days_to_pay", wish.days_to_pay, 0, 90)
        text = check.text_of(_COLUMNS["deactivation_text"], wish.deactivation_text)
        return LevelWish(**(asdict(wish) | {"name": check.text_of(_COLUMNS["name"], wish.name),
                                            "deactivation_text": text}))  # fmt: skip
    except Invalid as error:
        facts = {name: value for name, value in error.facts.items() if name != "field"}
        raise Invalid(error.field, error.code, **(facts | {"position": number})) from None


def _told(wishes: Sequence[LevelWish], beside: Sequence[LevelWish]) -> list[dict[str, Any]]:
    """Those that are not the same beside."""
    return [asdict(wish) for wish in wishes if wish not in beside]
