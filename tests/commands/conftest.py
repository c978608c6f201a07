"""The command line on an installation of the test's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import create_app
from commands.__main__ import main
from commands.upgrade import upgrade
from extensions import db
from tests.conftest import settings_for

Kontor = Callable[..., Result]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as `./kontor upgrade` leaves it, made once: the migrations are half a second each time."""
    folder = tmp_path_factory.mktemp("migrated")
    app = create_app(settings_for(folder, ""))
    upgrade(app)
    with app.app_context():
        db.engine.dispose()
    return folder / "kontor.sqlite3"


@pytest.fixture
def new_kontor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kontor:
    """`./kontor ARGS` on an installation that was never started."""
    monkeypatch.setenv("KONTOR_DATA", str(tmp_path))
    for name in ("DATABASE_URL", "REDIS_URL", "BASE_URL", "SECRET_KEY", "SMTP_URL", "TRUSTED_PROXIES"):
        monkeypatch.delenv(name, raising=False)
    return lambda *args: CliRunner().invoke(main, args)


@pytest.fixture
def kontor(new_kontor: Kontor, migrated: Path, tmp_path: Path) -> Kontor:
    """The same on one whose database is up to date, and empty."""
    shutil.copy(migrated, tmp_path / "kontor.sqlite3")
    return new_kontor
