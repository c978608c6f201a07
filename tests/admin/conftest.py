"""People of the three roles, signed in through the real log-in page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app import create_app
from extensions import db
from tests.admin.furniture import PASSWORD, PEOPLE, House
from tests.conftest import fresh_database, settings_for

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Desk:
    """A browser without a screen: keeps its cookies, and finds the CSRF token as a browser would."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.kept = ""

    def get(self, path: str, status: int = 200) -> str:
        response = self.client.get(path)
        assert response.status_code == status, (path, response.status_code, response.text[:400])
        return response.text

    def post(self, path: str, values: dict[str, object] | None = None, seen_on: str = "/admin/") -> str:
        """Send a form and go where it leads."""
        token = self.token(seen_on)
        response = self.client.post(path, data={"csrf_token": token, **(values or {})}, follow_redirects=True)
        assert response.status_code == 200, (path, response.status_code, response.text[:400])
        return response.text

    def token(self, path: str) -> str:
        found = _TOKEN.search(self.client.get(path).text)
        assert found, f"no CSRF token on {path}"
        return found[1]

    def kept_token(self) -> str:
        """A token of this desk's session, looked for once; pages that lead elsewhere lead to a form, too."""
        if not self.kept:
            found = _TOKEN.search(self.client.get("/admin/password", follow_redirects=True).text)
            self.kept = found[1] if found else ""
        return self.kept

    def log_in(self, email: str, password: str = PASSWORD, **more: str) -> int:
        """The status of the answer: 302 when it led in."""
        values = {"csrf_token": self.token("/admin/login"), "email": email, "password": password, **more}
        return self.client.post("/admin/login", data=values).status_code


@pytest.fixture
def database_url(furnished: tuple[str, House], tmp_path: Path) -> Iterator[str]:
    """The test's own copy of it."""
    with fresh_database(furnished[0], tmp_path) as url:
        yield url


@pytest.fixture
def people(app: Flask) -> Flask:
    """The application; three people may log in."""
    return app


@pytest.fixture
def desk_of(people: Flask) -> Callable[[str], Desk]:
    """A signed-in desk of a role."""

    def sit_down(role: str) -> Desk:
        desk = Desk(people.test_client())
        assert desk.log_in(PEOPLE[role]) == 302
        return desk

    return sit_down


@pytest.fixture
def owner(desk_of: Callable[[str], Desk]) -> Desk:
    return desk_of("Inhaber")


@pytest.fixture(scope="session")
def shared(furnished: tuple[str, House], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One installation for all tests that store nothing."""
    folder = tmp_path_factory.mktemp("shared")
    with fresh_database(furnished[0], folder) as url:
        made = create_app(settings_for(folder, url))
        made.config["TESTING"] = True
        yield made
        with made.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="session")
def reader(shared: Flask) -> Desk:
    """The owner at the shared installation."""
    desk = Desk(shared.test_client())
    assert desk.log_in(PEOPLE["Inhaber"]) == 302
    return desk


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Every SQL statement from here on."""
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def statements(people: Flask) -> Iterator[list[str]]:
    with counted(people) as seen:
        yield seen


@pytest.fixture
def shared_statements(shared: Flask) -> Iterator[list[str]]:
    with counted(shared) as seen:
        yield seen
