"""Settings are read once, completed with defaults, and secrets are made once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from config import Settings, database_url, kept_secret, limiter_storage
from safety import account_key


def test_the_default_is_sqlite_in_the_data_folder(tmp_path: Path) -> None:
    settings = Settings.from_environment({"KONTOR_DATA": str(tmp_path / "data")})
    assert settings.database_url == f"sqlite:///{tmp_path / 'data' / 'kontor.sqlite3'}"
    assert (settings.smtp_url, settings.redis_url, settings.trusted_proxies) == ("", "", 0)
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("given", ["postgresql://u@h/d", "postgres://u@h/d", "postgresql+psycopg://u@h/d"])
def test_a_postgresql_address_is_understood_with_and_without_its_driver(given: str, tmp_path: Path) -> None:
    assert database_url(given, tmp_path) == "postgresql+psycopg://u@h/d"


def test_the_secret_is_made_once_and_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    secret = kept_secret(path)
    assert len(secret) == 64
    assert kept_secret(path) == secret
    assert path.stat().st_mode & 0o777 == 0o600


def test_many_first_calls_at_once_read_one_whole_secret(tmp_path: Path) -> None:
    read: list[str] = []
    threads = [threading.Thread(target=lambda: read.append(kept_secret(tmp_path / "key"))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(read)) == 1
    assert len(read[0]) == 64
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_secure_cookies_follow_the_address(tmp_path: Path) -> None:
    for address, secure in (("https://kontor.example", True), ("http://127.0.0.1:8000", False)):
        settings = Settings.from_environment({"KONTOR_DATA": str(tmp_path), "BASE_URL": address})
        assert settings.flask()["SESSION_COOKIE_SECURE"] is secure


def test_the_limiter_counts_in_the_queue_server_or_in_memory() -> None:
    assert limiter_storage("unix:///x.sock") == "redis+unix:///x.sock"
    assert limiter_storage("") == "memory://"


@pytest.mark.feature("S5")
def test_tries_are_counted_under_no_address_that_could_be_read() -> None:
    """The counters lie on the queue server's disk, where erasing a customer does not reach."""
    key = account_key("portal", " Greta@Example.com ")
    assert key == account_key("portal", "greta@example.com") != account_key("account", "greta@example.com")
    assert "greta" not in key.casefold()
