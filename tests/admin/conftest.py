"""People of the three roles, signed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask, request, session
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import event

from admin.session import take_session
from app import create_app
from extensions import db
from services import staff
from tests.admin.furniture import PASSWORD, PEOPLE, House
from tests.conftest import fresh_database, settings_for

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Desk:
    """A browser without a screen: keeps its cookies, and finds the CSRF token as a browser would."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, status: int = 200) -> str:
        response = self.client.get(path)
        assert response.status_code == status, (path, response.status_code, response.text[:400])
        return response.text

    def post(self, path: str, values: dict[str, object] | None = None, seen_on: str = "") -> str:
        """Send a form and go where it leads."""
        token = self.token(seen_on) if seen_on else self.own_token()
        response = self.client.post(path, data={"csrf_token": token, **(values or {})}, follow_redirects=True)
        assert response.status_code == 200, (path, response.status_code, response.text[:400])
        return response.text

    def token(self, path: str) -> str:
        """The token that a page's form carries."""
        found = _TOKEN.search(self.client.get(path).text)
        assert found, f"no CSRF token on {path}"
        return found[1]

    def another_tab(self) -> FlaskClient:
        """The same person once more, for what is sent in the same moment: a client is no two threads' own."""
        client = self.client.application.test_client()
        for cookie in self.client._cookies.values():
            client.set_cookie(cookie.key, cookie.value, domain=cookie.domain)
        return client

    def own_token(self) -> str:
        """The same without asking for a page: made from the session as Flask-WTF makes it."""
        app = self.client.application
        with self.client.session_transaction() as kept:
            secret = kept.setdefault("csrf_token", "one-of-this-session")
        return str(URLSafeTimedSerializer(app.secret_key or "", salt="wtf-csrf-token").dumps(secret))

    def log_in(self, email: str, password: str = PASSWORD, **more: str) -> int:
        """The status of the answer: 302 when it led in."""
        values = {"csrf_token": self.token("/admin/login"), "email": email, "password": password, **more}
        return self.client.post("/admin/login", data=values).status_code

    def sit_down(self, email: str) -> Desk:
        """Signed in as the log-in page would, which takes three times as long; tests/admin/test_login.py asks it."""
        app = self.client.application
        with app.test_request_context("/admin/login", environ_base=self.client.environ_base):
            opened = staff.log_in(email, PASSWORD, address="127.0.0.1", agent=request.user_agent.string)
            assert not opened.waits_for_code
            take_session(opened.token)
            answer = app.response_class()
            app.session_interface.save_session(app, session, answer)
        name, _, value = answer.headers["Set-Cookie"].partition(";")[0].partition("=")
        self.client.set_cookie(name, value)
        return self


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

    return lambda role: Desk(people.test_client()).sit_down(PEOPLE[role])


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
    return Desk(shared.test_client()).sit_down(PEOPLE["Inhaber"])


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Every SQL statement from here on; without the stamp that a person is here, which a full minute calls for."""
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("UPDATE staff_sessions SET last_seen_at"):
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
