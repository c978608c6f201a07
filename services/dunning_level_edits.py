"""The levels one by one, as a person sets them up. A level stands where its days put it, and its number is its place.

Open receivables say the number of the level that they reached. So nothing is put in, taken out or moved at or before a
level that some of them stand at: they would stand at another one, and somebody would be asked twice for the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.errors import AlreadyDone, Conflict, Invalid, NotAllowed, NotFound
from models import DunningLevel, Receivable
from services.actor import Actor
from services.company import lock_company
from services.dunning_levels import DEFAULTS, LevelWish, levels, wish_of
from services.dunning_settings import save_levels
from services.unit import write

MOST = 20


def take_recommended(actor: Actor) -> None:
    """The levels of a new house, where there are none. AlreadyDone where there are some."""
    with write() as session:
        if _locked(session):
            raise AlreadyDone("levels_are_there")
        save_levels(actor, DEFAULTS)


def add(actor: Actor, wish: LevelWish) -> int:
    """One more level; gives its number. Raises Invalid(field), NotAllowed("too_many_levels" | "level_in_use")."""
    with write() as session:
        before = _locked(session)
        if len(before) >= MOST:
            raise NotAllowed("too_many_levels", most=MOST)
        _refuse_a_twin(before, wish)
        place = sum(each.days < wish.days for each in before)
        _refuse_if_used(session, place + 1 if place < len(before) else MOST + 1)
        save_levels(actor, [*before[:place], wish, *before[place:]])
        return place + 1


def change(actor: Actor, number: int, wish: LevelWish, seen: str) -> None:
    """Change a level; with other days it may move. `seen` is `fingerprint()` of when the person looked.

    Raises Invalid(field), NotFound, Conflict("changed_meanwhile"), NotAllowed("level_in_use") for a move,
    AlreadyDone where nothing changes.
    """
    with write() as session:
        before = _seen(session, number, seen)
        others = [*before[: number - 1], *before[number:]]
        _refuse_a_twin(others, wish)
        place = sum(each.days < wish.days for each in others)
        if place != number - 1:
            _refuse_if_used(session, min(place + 1, number))
        save_levels(actor, [*others[:place], wish, *others[place:]])


def remove(actor: Actor, number: int, seen: str) -> None:
    """Take a level out; reminders that were sent keep what they said.

    Raises NotFound, Conflict("changed_meanwhile"), NotAllowed("level_in_use") with `count` open receivables.
    """
    with write() as session:
        before = _seen(session, number, seen)
        _refuse_if_used(session, number)
        save_levels(actor, [*before[: number - 1], *before[number:]])


def fingerprint() -> str:
    """Tells whether the levels are still those that a person saw."""
    return _print_of([wish_of(row) for row in levels()])


def _locked(session: Session) -> list[LevelWish]:
    """The levels, in the hands of one person at a time; a running chunk reads them as they are before or after."""
    lock_company()
    return [wish_of(row) for row in session.scalars(select(DunningLevel).order_by(DunningLevel.level))]


def _seen(session: Session, number: int, seen: str) -> list[LevelWish]:
    found = _locked(session)
    if _print_of(found) != seen:
        raise Conflict("changed_meanwhile")
    if not 1 <= number <= len(found):
        raise NotFound("dunning_level")
    return found


def _print_of(wishes: Sequence[LevelWish]) -> str:
    return hashlib.sha256(repr([asdict(each) for each in wishes]).encode()).hexdigest()[:16]


def _refuse_a_twin(others: Sequence[LevelWish], wish: LevelWish) -> None:
    """Two levels of one day would have no order; of one name nobody could tell them apart in lists and letters."""
    for each in others:
        if each.days == wish.days:
            raise Invalid("days_after_due", "days_of_another_level", name=each.name)
        if each.name.casefold() == wish.name.strip().casefold():
            raise Invalid("name", "name_of_another_level")


def _refuse_if_used(session: Session, number: int) -> None:
    """Raises NotAllowed where open receivables stand at this level or a later one."""
    at_it = (Receivable.open_cents != 0, Receivable.dunning_level >= number)
    count = session.scalar(select(func.count()).select_from(Receivable).where(*at_it)) or 0
    if count:
        raise NotAllowed("level_in_use", count=count)
