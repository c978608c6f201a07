"""The levels one by one: each stands where its days put it, and none moves under an invoice that stands at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from billing.errors import AlreadyDone, Conflict, Invalid, KontorError, NotAllowed, NotFound
from extensions import db
from models import DunningLevel, Receivable
from queries.dunning_settings import level_rows, rate_rows
from services import base_rates, clock, dunning_level_edits, dunning_settings
from services.dunning_level_edits import add, change, fingerprint, remove, take_recommended
from services.dunning_levels import DEFAULTS, LevelWish
from tests.services.reminding import ANKE, LEVELS, after, levels_of, set_levels, statements


def names() -> list[tuple[int, str, int]]:
    db.session.rollback()
    rows = db.session.scalars(select(DunningLevel).order_by(DunningLevel.level)).all()
    return [(row.level, row.name, row.days) for row in rows]


def refused(deed: Callable[[], object]) -> KontorError:
    before = names()
    with pytest.raises(KontorError) as said:
        deed()
    assert names() == before
    return said.value


@pytest.mark.feature("M2-15")
@pytest.mark.feature("M2-23")
def test_a_house_without_levels_takes_those_of_a_new_one(context: Flask) -> None:
    set_levels()
    take_recommended(ANKE)
    assert [name for _, name, _ in names()] == [wish.name for wish in DEFAULTS]
    with pytest.raises(AlreadyDone):
        take_recommended(ANKE)


@pytest.mark.feature("X-12")
def test_a_level_stands_where_its_days_put_it(context: Flask) -> None:
    set_levels(*LEVELS)
    assert add(ANKE, LevelWish("Letzte Mahnung", 30)) == 3
    assert add(ANKE, LevelWish("Anruf", 10)) == 2
    assert names() == [(1, "Zahlungserinnerung", 7), (2, "Anruf", 10), (3, "1. Mahnung", 14), (4, "Letzte Mahnung", 30)]
    change(ANKE, 2, LevelWish("Anruf", 20), fingerprint())
    assert [name for _, name, _ in names()] == ["Zahlungserinnerung", "1. Mahnung", "Anruf", "Letzte Mahnung"]
    remove(ANKE, 3, fingerprint())
    assert [name for _, name, _ in names()] == ["Zahlungserinnerung", "1. Mahnung", "Letzte Mahnung"]


def test_what_cannot_be_is_refused_at_its_field_and_nothing_changes(context: Flask) -> None:
    set_levels(*LEVELS)
    for wish, field in (
        (LevelWish("", 40), "name"), (LevelWish("A", 14), "days_after_due"), (LevelWish("A", 0), "days_after_due"),
        (LevelWish("A", 40, consumer_fee_cents=77), "consumer_fee_cents"),
        (LevelWish("A", 40, days_to_pay=91), "days_to_pay"), (LevelWish(" zahlungserinnerung ", 40), "name"),
    ):  # fmt: skip
        error = refused(lambda wish=wish: add(ANKE, wish))
        assert isinstance(error, Invalid) and error.field == field
    own = replace(dunning_settings.house(), consumer_fee_cap_cents=10)
    error = refused(lambda: dunning_settings.save_house(ANKE, own))
    assert (error.code, error.facts["field"]) == ("level_asks_more", "consumer_fee_cap_cents")
    set_levels(*(LevelWish(f"Stufe {n}", n) for n in range(1, dunning_level_edits.MOST + 1)))
    assert refused(lambda: add(ANKE, LevelWish("Noch eine", 90))).code == "too_many_levels"


@pytest.mark.feature("MAH-7")
def test_nothing_moves_under_an_invoice_that_stands_at_it(owed: Receivable) -> None:
    """It stood at level 1; were that taken out, the next one would be level 1 and never be reached."""
    set_levels(*LEVELS)
    assert levels_of(after(7)) == [1]
    assert [row.standing for row in level_rows()] == [1, 0]
    seen = fingerprint()
    for deed in (
        lambda: remove(ANKE, 1, seen),
        lambda: add(ANKE, LevelWish("Davor", 3)),
        lambda: change(ANKE, 1, LevelWish("Zahlungserinnerung", 50), seen),
    ):
        error = refused(deed)
        assert isinstance(error, NotAllowed) and (error.code, error.facts["count"]) == ("level_in_use", 1)
    change(ANKE, 1, LevelWish("Erinnerung", 6, days_to_pay=2), fingerprint())
    add(ANKE, LevelWish("Anruf", 10))
    assert names() == [(1, "Erinnerung", 6), (2, "Anruf", 10), (3, "1. Mahnung", 14)]
    assert levels_of(after(10)) == [2]


def test_who_looked_at_other_levels_changes_nothing(context: Flask) -> None:
    set_levels(*LEVELS)
    seen = fingerprint()
    add(ANKE, LevelWish("Anruf", 10))
    assert isinstance(refused(lambda: remove(ANKE, 2, seen)), Conflict)
    assert isinstance(refused(lambda: change(ANKE, 2, LEVELS[1], seen)), Conflict)
    assert isinstance(refused(lambda: remove(ANKE, 9, fingerprint())), NotFound)


@pytest.mark.feature("MAH-3")
def test_the_missing_half_years_are_those_since_the_oldest_open_invoice(owed: Receivable) -> None:
    """Due on 15 November 2026: the second half of that year counts, and each that began since."""
    with clock.stand_at(date(2027, 8, 1)):
        base_rates.enter(ANKE, date(2027, 1, 1), Decimal(1))
        rows = rate_rows(date(2027, 8, 1))
        assert statements(lambda: rate_rows(date(2027, 8, 1))) == 2
    assert [(row.valid_from, row.percent is None, row.is_now) for row in rows] == [
        (date(2027, 7, 1), True, True), (date(2027, 1, 1), False, False), (date(2026, 7, 1), True, False),
    ]  # fmt: skip
    assert (rows[1].consumers, rows[1].companies) == (6, 10)
