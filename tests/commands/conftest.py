"""The command line on an installation of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commands.__main__ import main

Kontor = Callable[..., Result]


@pytest.fixture
def kontor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kontor:
    """`./kontor ARGS` on an installation that was never started."""
    monkeypatch.setenv("KONTOR_DATA", str(tmp_path))
    for name in ("DATABASE_URL", "REDIS_URL", "BASE_URL", "SECRET_KEY", "SMTP_URL", "TRUSTED_PROXIES"):
        monkeypatch.delenv(name, raising=False)
    return lambda *args: CliRunner().invoke(main, args)
