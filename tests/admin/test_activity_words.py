"""What an activity says is words: no code, no field's name, no JSON reaches a reader (P-16, P-17, P-19)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import func, select

from admin import deed_groups, deed_words, kind_words, state_words, tiles
from app import create_app
from extensions import db
from models import Activity
from queries.cards.activities import ActivityRow, get_activity
from services import clock
from services.unit import write
from tests.conftest import fresh_database, settings_for
from tests.services.deeds import DEEDS
from tests.services.deeds.world import TODAY, Deed, World, furnish
from tests.sweeps import some

RAW = re.compile(r"[a-z]+_[a-z]+|\bNone\b|\bTrue\b|\bFalse\b|[{}]|\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d")
WORDED = ("text.changed", "text.reset", "number_range.changed")  # these show what people wrote, with its blanks
CASES = {deed.code: deed for each in DEEDS.values() for deed in each}
A_SAMPLE = 80  # of some two hundred deeds; tests/services/test_every_deed.py does them all in every run
TYPED = {"plan", "extra"}  # numbers of articles in that world


class Undone(Exception):
    """Ends a deed without leaving a trace."""


@cache
def codes() -> set[str]:
    """The database's own words for states and kinds, as far as German has others."""
    told = [*state_words.STATES.values(), *kind_words.KINDS.values()]
    found = {str(code) for each in told for code in each if str(code)}
    with force_locale("de"):
        german = {str(label[0] if isinstance(label, tuple) else label) for each in told for label in each.values()}
    return {code for code in found if not code.isdecimal()} - german - TYPED


@pytest.fixture(scope="module")
def furnished_world(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, World]]:
    folder = tmp_path_factory.mktemp("words")
    with fresh_database(template, folder) as url:
        made = create_app(settings_for(folder, url))
        with made.app_context(), clock.stand_at(TODAY):
            world = furnish()
            yield made, world
            db.session.remove()
            db.engine.dispose()


def done(world: World, deed: Deed) -> list[ActivityRow]:
    """The activities that a deed leaves; nothing else of it stays."""
    found: list[ActivityRow] = []
    with pytest.raises(Undone), write() as session:
        before = session.scalar(select(func.max(Activity.id))) or 0
        deed.do(world)
        session.flush()
        ids = list(session.scalars(select(Activity.id).where(Activity.id > before)))
        found = [row for each in ids if (row := get_activity(each))]
        raise Undone
    return found


@pytest.mark.feature("P-16")
@pytest.mark.parametrize("code", some(CASES, A_SAMPLE))
def test_a_tile_speaks_german_and_shows_no_code(furnished_world: tuple[Flask, World], code: str) -> None:
    app, world = furnished_world
    with app.test_request_context("/admin/"), clock.stand_at(TODAY), force_locale("de"):
        for tile in tiles.tiles_of(done(world, CASES[code])):
            said = [tile.headline, tile.actor, tile.when]
            said += [text for line in tile.lines for text in (line.label, line.value, line.old, line.new) if text]
            raw = [text for text in said if RAW.search(text) or text in codes()]
            assert raw == [] or tile.row.code in WORDED, (tile.row.code, raw)
            assert tile.group in deed_groups.GROUPS or tile.row.customer_id is None, tile.row.code


@pytest.mark.feature("P-18")
def test_every_code_has_a_word_and_a_group() -> None:
    for code in deed_words.DEEDS:
        assert deed_groups.group_of(code) in {*deed_groups.GROUPS, deed_groups.HOUSE}, code
    named = {*deed_groups.CODES} - deed_words.DEEDS.keys()
    assert named == set()


def test_every_deed_of_the_walk_is_named() -> None:
    assert {deed.code for each in DEEDS.values() for deed in each} <= deed_words.DEEDS.keys()
