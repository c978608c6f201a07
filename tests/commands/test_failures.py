"""What can be foreseen to go wrong is told in one sentence that says what to do, and to machines as JSON."""

from __future__ import annotations

import json
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result

from app import create_app
from extensions import db
from models import Company
from services import clock
from services.actor import SYSTEM
from services.company import found_company
from services.unit import write
from tests.commands.conftest import Kontor
from tests.conftest import COMPANY

PASSWORD = "geheim4711"


def found(kontor: Kontor, mode: str = "sandbox", **changes: str) -> None:
    assert kontor("upgrade").exit_code == 0
    with create_app().app_context():
        found_company(SYSTEM, mode=mode, **COMPANY)
        with write() as session:
            for name, value in changes.items():
                setattr(session.get_one(Company, 1), name, value)
        db.session.remove()
        db.engine.dispose()


def sentence(done: Result) -> str:
    """The one line on standard error; nothing else was said."""
    assert (done.exit_code, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("Error: ")
    return done.stderr


def facts(done: Result) -> dict[str, object]:
    assert done.exit_code == 1
    told: dict[str, object] = json.loads(done.stdout)
    assert told.pop("ok") is False
    return told


@pytest.mark.parametrize("command", ["bill", "bill --dry-run", "check-books"])
def test_without_a_company_the_first_step_is_named(kontor: Kontor, command: str) -> None:
    assert "./kontor start or ./kontor seed" in sentence(kontor(*command.split()))
    assert facts(kontor(*command.split(), "--json")) == {"error": "no_company"}


@pytest.mark.feature("INV-1")
def test_missing_data_of_the_company_are_named_with_where_to_enter_them(kontor: Kontor) -> None:
    found(kontor, city="", tax_number="", vat_id="")
    told = sentence(kontor("bill"))
    assert "city, tax_number" in told and "/admin/company/" in told
    assert facts(kontor("bill", "--json")) == {"error": "company_incomplete", "fields": ["city", "tax_number"]}


def test_a_live_company_cannot_bill_tomorrow(kontor: Kontor) -> None:
    found(kontor, mode="live")
    day = (clock.today() + timedelta(days=1)).isoformat()
    assert f"cannot bill for {day}" in sentence(kontor("bill", "--on", day))
    assert facts(kontor("bill", "--on", day, "--json")) == {"error": "run_in_the_future", "on": day}


def test_a_mistyped_year_is_too_far(kontor: Kontor) -> None:
    found(kontor)
    assert "9999-12-31 is too far away" in sentence(kontor("bill", "--on", "9999-12-31"))
    assert facts(kontor("bill", "--on", "9999-12-31", "--json"))["error"] == "run_too_far"


@pytest.mark.parametrize("args", [("user", "add", "nobody", "--role", "Support"), ("api-key", "add", "nobody")])
def test_a_bad_address_is_told_how_to_write_it(kontor: Kontor, args: tuple[str, ...]) -> None:
    assert "name@example.com" in sentence(kontor(*args))


@pytest.mark.parametrize("command", ["start", "web", "bill", "upgrade", "tick"])
def test_a_data_folder_that_cannot_be_made_is_named(
    kontor: Kontor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("KONTOR_DATA", str(tmp_path / "file" / "data"))
    told = sentence(kontor(command))
    assert str(tmp_path / "file" / "data") in told and "set KONTOR_DATA" in told


@pytest.mark.feature("S19")
@pytest.mark.parametrize("command", ["start", "web", "bill", "upgrade"])
@pytest.mark.parametrize(
    "address",
    [PASSWORD, f"postgresql://u:{PASSWORD}@h:port/d", f"mysql://u:{PASSWORD}@h/d", f"postgresql+x://u:{PASSWORD}@h/d"],
)
def test_a_database_address_that_is_none_is_not_repeated(
    kontor: Kontor, monkeypatch: pytest.MonkeyPatch, command: str, address: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    port = ("--port", "0") if command in ("start", "web") else ()  # 8000 may be somebody else's on this machine
    told = sentence(kontor(command, *port))
    assert "DATABASE_URL is not an address" in told and PASSWORD not in told


@pytest.mark.feature("S19")
def test_a_database_that_does_not_answer_is_told_without_its_password(
    kontor: Kontor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    monkeypatch.setenv("DATABASE_URL", f"postgresql://kontor:{PASSWORD}@127.0.0.1:{port}/kontor")
    for command in ("upgrade", "bill", "start"):
        told = sentence(kontor(command, *(["--port", "0"] if command == "start" else [])))
        assert "check that it runs" in told and PASSWORD not in told
    assert facts(kontor("bill", "--json")) == {"error": "database_unreachable"}


def test_a_number_of_proxies_that_is_none_is_told(kontor: Kontor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "one")
    assert "TRUSTED_PROXIES has to be a whole number" in sentence(kontor("bill"))
    monkeypatch.setenv("TRUSTED_PROXIES", "0")
    monkeypatch.setenv("VIES_URL", "ftp://example.com")
    assert "VIES_URL has to be a web address" in sentence(kontor("bill"))
