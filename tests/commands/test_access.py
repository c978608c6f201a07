"""Access from the command line: a password and a key are shown once, and open what they should."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from app import create_app
from extensions import db
from services import api_keys, staff
from tests.commands.conftest import Kontor


def test_a_new_person_logs_in_with_the_printed_password(new_kontor: Kontor) -> None:
    done = new_kontor("user", "add", "Anke@Example.com", "--role", "Inhaber")
    assert done.exit_code == 0
    with create_app().app_context():
        assert staff.log_in("anke@example.com", done.output.strip(), address="127.0.0.1", agent="").staff_id
        db.engine.dispose()


def test_a_new_password_replaces_the_old_one(kontor: Kontor) -> None:
    old = kontor("user", "add", "anke@example.com", "--role", "Support").output.strip()
    new = kontor("user", "password", "anke@example.com").output.strip()
    with create_app().app_context():
        assert staff.log_in("anke@example.com", new, address="", agent="").staff_id
        with pytest.raises(Exception, match="login_failed"):
            staff.log_in("anke@example.com", old, address="", agent="")
        db.engine.dispose()


def test_an_unknown_role_is_refused_with_the_roles_there_are(kontor: Kontor) -> None:
    done = kontor("user", "add", "anke@example.com", "--role", "Chefin")
    assert done.exit_code == 2
    assert "Buchhaltung, Inhaber, Support" in done.output


@pytest.mark.parametrize(
    "args",
    [
        ("user", "add", "anke@example.com", "--role", "Support"),
        ("user", "password", "nobody@example.com"),
        ("user", "add", "no address", "--role", "Support"),
        ("api-key", "add", "no address"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_1(kontor: Kontor, args: tuple[str, ...]) -> None:
    kontor("user", "add", "anke@example.com", "--role", "Support")
    done = kontor(*args)
    assert done.exit_code == 1
    assert done.output.startswith("Error: ") and len(done.output.splitlines()) == 1


@pytest.mark.feature("S23")
def test_a_key_is_printed_once_and_kept_as_a_digest(kontor: Kontor, tmp_path: Path) -> None:
    key = kontor("api-key", "add", "it@example.com", "--name", "shop", "--scope", "read").output.strip()
    with create_app().app_context():
        actor = api_keys.authenticate("it@example.com", key)
        assert actor is not None and actor.name == "shop" and not api_keys.may_write(actor)
        assert api_keys.authenticate("other@example.com", key) is None
        db.session.remove()
        db.engine.dispose()
    stored = list(sqlite3.connect(tmp_path / "kontor.sqlite3").execute("SELECT * FROM api_keys"))
    assert key not in str(stored)


def test_who_typed_the_command_stands_in_the_activity(kontor: Kontor, tmp_path: Path) -> None:
    kontor("api-key", "add", "it@example.com")
    told = sqlite3.connect(tmp_path / "kontor.sqlite3").execute("SELECT details FROM activity_details").fetchall()
    assert "kontor (" in told[0][0]


def test_upgrade_is_safe_to_repeat_and_mends_a_missing_guard(new_kontor: Kontor, tmp_path: Path) -> None:
    kontor = new_kontor
    assert kontor("upgrade").exit_code == 0
    connection = sqlite3.connect(tmp_path / "kontor.sqlite3")
    count = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"
    complete = connection.execute(count).fetchone()
    connection.execute("DROP TRIGGER guard_invoices_update")
    assert kontor("upgrade").exit_code == 0
    assert connection.execute(count).fetchone() == complete
