"""P-09: whatever anybody does leaves an activity, written in the deed's own transaction. The code is read for deeds
that nobody thought of."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, event, func, insert, select

import extensions
import jobs
from config import ROOT
from extensions import db
from models import Activity, ActivityDetail
from models.fates import FATES
from services import activities, bulk, clock, customer_status, sealing, unit
from services.unit import write
from tests.conftest import fresh_database, settings_for
from tests.services.deeds import DEEDS
from tests.services.deeds import SUBJECTS as OF_DEEDS
from tests.services.deeds.untold import WITHOUT
from tests.services.deeds.world import TODAY, Deed, World, furnish, newest_customer

pytestmark = [pytest.mark.feature("P-09"), pytest.mark.feature("GOB-2")]
CASES = [pytest.param(deed, id=f"{name}-{deed.code}") for name, each in DEEDS.items() for deed in each]

# Deeds of people or jobs whose file opens no write door: the one that it calls does.
THROUGH_OTHERS = {
    "notes.erase_notes", "bank_matching.match_all", "bank_matching.match_few", "bank_matching.match_statement",
    "bank_matching.work",
}  # fmt: skip


class Undone(Exception):
    """Ends a deed without leaving a trace, so that all of them can be done in the same world."""


def doors() -> set[str]:
    """Every public function of services/ that opens the write door, itself or by a helper of its file; and methods."""
    return {f"{file.stem}.{name}" for file in (ROOT / "services").glob("*.py") for name in _writing(file)}


@cache
def _writing(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text()).body
    inside = [each for node in tree if isinstance(node, ast.ClassDef) for each in node.body]
    functions = {node.name: node for node in (*tree, *inside) if isinstance(node, ast.FunctionDef)}
    names = {name: {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
             for name, node in functions.items()}  # fmt: skip
    found = {name for name, node in functions.items() if _opens(node)}
    while more := {name for name in functions if name not in found and names[name] & found}:
        found |= more
    return frozenset(name for name in found if not name.startswith("_"))


def _opens(node: ast.AST) -> bool:
    calls = (item.context_expr for each in ast.walk(node) if isinstance(each, ast.With) for item in each.items)
    return any(isinstance(call, ast.Call) and _called(call) in ("write", "as_seen") for call in calls)


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def test_every_service_that_writes_is_done_here_or_says_why_nobody_has_to_be_told() -> None:
    assert doors() - DEEDS.keys() - WITHOUT.keys() == set()
    assert not DEEDS.keys() & WITHOUT.keys()
    assert sum(len(subject.DEEDS) for subject in OF_DEEDS) == len(DEEDS), "a deed stands in two files"


def test_nothing_is_excused_that_is_not_there() -> None:
    assert all(hasattr(import_module(f"services.{file}"), name) for file, _, name in
               (each.partition(".") for each in THROUGH_OTHERS))  # fmt: skip
    public = doors() | THROUGH_OTHERS
    assert (DEEDS.keys() | WITHOUT.keys()) - public == set()
    assert all(len(why) > 10 for why in WITHOUT.values())


@pytest.fixture(scope="module")
def _world(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, World]]:
    """One furnished house for all deeds."""
    folder = tmp_path_factory.mktemp("deeds")
    with fresh_database(template, folder) as url:
        made = Flask("app", root_path=str(ROOT))
        made.config.from_mapping(settings_for(folder, url).flask(), TESTING=True)
        extensions.init_app(made)
        jobs.init_app(made)
        with made.app_context(), clock.stand_at(TODAY):
            world = furnish()
            yield made, world
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def world(_world: tuple[Flask, World]) -> Iterator[World]:
    made, found = _world
    with made.app_context(), clock.stand_at(TODAY):
        yield found
        db.session.remove()


# What changes without anybody being told: the outbox and its like are orders of a deed that tells, with leases.
UNTOLD = {"search_words", "messages", "papers", "files", "customer_codes", "run_chunks", "parked_customers",
          "login_tokens", "customer_sessions", "payment_attempts"}  # fmt: skip
OF_CUSTOMERS = FATES.keys() - UNTOLD
_CHANGES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)", re.IGNORECASE)


@contextmanager
def blocks(patch: pytest.MonkeyPatch) -> Iterator[list[set[str]]]:
    """The tables that each transaction of a service changes: one set for every time the write door was opened from
    outside, as it would be without this test's own transaction around it."""
    done: list[set[str]] = []
    depth = 0
    really, insert_rows = unit.write, bulk.insert_rows

    @contextmanager
    def spied() -> Iterator[Any]:
        nonlocal depth
        depth += 1
        if depth == 1:
            done.append(set())
        try:
            with really() as session:
                yield session
                session.flush()
        finally:
            depth -= 1

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if (found := _CHANGES.match(statement)) and depth:
            done[-1].add(found[1])

    def note_rows(connection: Any, model: Any, columns: Any, rows: Any) -> None:
        done[-1].add(model.__tablename__)
        insert_rows(connection, model, columns, rows)

    for module in [each for name, each in sys.modules.items() if name.startswith("services.")]:
        if getattr(module, "write", None) is really:
            patch.setattr(module, "write", spied)
    patch.setattr(bulk, "insert_rows", note_rows)
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield done
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("deed", CASES)
def test_a_deed_leaves_its_activity_with_the_right_actor_and_customer_in_its_own_transaction(
    world: World, deed: Deed, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Undone), write() as session:
        before = session.scalar(select(func.max(Activity.id))) or 0
        with blocks(monkeypatch) as done:
            deed.do(world)
        query = select(Activity).where(Activity.id > before, Activity.code == deed.code).order_by(Activity.id.desc())
        found = [row for row in session.scalars(query) if deed.of != "customer" or row.customer_id == world.customer]
        assert found, "no activity was written"
        assert (found[0].actor_kind, found[0].actor_id) == _doer(world, deed)
        assert found[0].customer_id == _whose(world, deed)
        assert session.get(ActivityDetail, found[0].id) is not None
        assert [each for each in done if each & OF_CUSTOMERS and "activities" not in each] == []
        raise Undone


def _doer(world: World, deed: Deed) -> tuple[str, int | None]:
    known: dict[str, tuple[str, int | None]] = {
        "actor": (world.actor.kind, world.actor.id), "system": ("system", None),
        "customer": ("customer", world.customer), "anna": ("staff", world.more["anna"]),
    }  # fmt: skip
    return known[deed.by]


def _whose(world: World, deed: Deed) -> int | None:
    if deed.of is None:
        return None
    known = {"customer": world.customer, "other": world.other, "newest": newest_customer()}
    return known.get(deed.of) or world.more[deed.of]


def test_a_deed_that_tells_nobody_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a status changed, and its activity in a transaction of its own."""

    def later(*_: Any, **__: Any) -> int:
        return 0

    with pytest.raises(Undone), write():
        monkeypatch.setattr(activities, "record", later)
        with blocks(monkeypatch) as done:
            customer_status.change_status(world.actor, world.customer, "block")
        assert [each for each in done if each & OF_CUSTOMERS and "activities" not in each] == [{"customers"}]
        raise Undone


def test_what_the_deeds_left_is_sealed_and_a_change_of_it_is_found(world: World) -> None:
    """The new kinds, too: notes, mails that went out."""
    with pytest.raises(Undone), write() as session:
        for name in ("notes.add_note", "notes.correct_note", "messages.send", "customer_status.change_status"):
            DEEDS[name][0].do(world)
        session.flush()
        sealing.seal()
        chosen = session.scalars(select(Activity.id).where(Activity.code == "note.changed")).one()
        session.execute(delete(ActivityDetail).where(ActivityDetail.activity_id == chosen))  # as erasure may
        session.execute(insert(ActivityDetail).values(activity_id=chosen, salt="", details="{}"))
        found = [(each.code, each.id) for each in sealing.verify(session.connection())]
        assert found == [("details_changed", chosen)]  # and nothing else
        raise Undone
