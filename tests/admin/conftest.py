"""People of the three roles, signed in through the real log-in page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from extensions import db
from tests.admin.furniture import PASSWORD, PEOPLE, House, furnish, hire

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Desk:
    """A browser without a screen: keeps its cookies, and finds the CSRF token as a browser would."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

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

    def log_in(self, email: str, password: str = PASSWORD, **more: str) -> int:
        """The status of the answer: 302 when it led in."""
        values = {"csrf_token": self.token("/admin/login"), "email": email, "password": password, **more}
        return self.client.post("/admin/login", data=values).status_code


@pytest.fixture
def people(app: Flask) -> Flask:
    hire(app)
    return app


@pytest.fixture
def house(people: Flask) -> House:
    return furnish(people)


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


@pytest.fixture
def statements(people: Flask) -> Iterator[list[str]]:
    """Every SQL statement from here on."""
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with people.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
