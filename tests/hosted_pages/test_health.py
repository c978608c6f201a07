"""`/healthz`: the house stands while its database does (F6)."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from extensions import db, queues
from tests.conftest import settings_for
from tests.servers import queue_server


def test_all_is_well(database_url: str, tmp_path: Path) -> None:
    with queue_server(tmp_path) as queue:
        app = create_app(settings_for(tmp_path, database_url, REDIS_URL=queue.url))
        answer = app.test_client().get("/healthz")
        assert answer.status_code == 200
        assert answer.json == {"ok": True, "database": "ok", "queue": "ok"}
        queues.connection.close()
        _close(app)


@pytest.mark.feature("F6")
def test_without_its_queue_the_house_stands_and_says_so(database_url: str, tmp_path: Path) -> None:
    app = create_app(settings_for(tmp_path, database_url, REDIS_URL=f"unix://{tmp_path}/nobody.sock"))
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 200
    assert answer.json == {"ok": True, "database": "ok", "queue": "down"}
    _close(app)


def test_without_a_database_it_does_not(tmp_path: Path) -> None:
    app = create_app(settings_for(tmp_path, f"sqlite:///{tmp_path}/empty.sqlite3"))
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json == {"ok": False, "database": "down", "queue": "none"}
    _close(app)


def _close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
