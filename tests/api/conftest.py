"""The call API behind a real web server on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from app import create_app
from extensions import db, limiter
from services import api_keys, clock
from services.actor import SYSTEM
from tests.api.wire import USER, Wire
from tests.conftest import fresh_database, settings_for
from tests.servers import served

Counts = dict[str, int]


def new_key(app: Flask, scope: str = "full", user: str = USER) -> str:
    """A key of this user."""
    with app.app_context():
        made = api_keys.add_api_key(SYSTEM, user, name="Shop", scope=scope)
        db.session.remove()
    return made


def counted(app: Flask) -> Counts:
    """How many rows each table has: to see that nothing was stored. (The key's own stamp is no row.)"""
    with app.app_context():
        count = db.func.count()
        tables = db.metadata.tables.values()
        found = {table.name: db.session.execute(db.select(count).select_from(table)).scalar_one() for table in tables}
        db.session.remove()
        return found


@pytest.fixture
def server(app: Flask) -> Iterator[tuple[str, int]]:
    with served(app) as address:
        yield address


@pytest.fixture
def wire(app: Flask, server: tuple[str, int]) -> Wire:
    """A client of the test's own installation."""
    limiter.reset()
    return Wire(*server, new_key(app))


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let the house's clock stand at a moment, in every thread of the server; `clock.stand_at` still goes before it."""

    def stand_at(moment: str) -> None:
        fixed = datetime.fromisoformat(moment).astimezone(UTC)
        monkeypatch.setattr(clock, "instant", lambda: clock._standing.get() or fixed)

    return stand_at


@pytest.fixture(scope="module")
def shared_app(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One installation for a whole file of tests that store nothing."""
    folder = tmp_path_factory.mktemp("shared")
    with fresh_database(template, folder) as url:
        made = create_app(settings_for(folder, url))
        made.config["TESTING"] = True
        yield made
        with made.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="module")
def shared_wire(shared_app: Flask) -> Iterator[Wire]:
    with served(shared_app) as address:
        yield Wire(*address, new_key(shared_app))


@pytest.fixture
def shared(shared_wire: Wire) -> Wire:
    """A client of the file's installation, with none of its 500 calls used up."""
    limiter.reset()
    return shared_wire


@pytest.fixture
def nothing_is_stored(shared_app: Flask, shared: Wire) -> Iterator[None]:
    """Before and after the test every table has the same number of rows."""
    before = counted(shared_app)
    yield
    assert counted(shared_app) == before
