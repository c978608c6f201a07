"""The world of the tests: a fresh database for each test, copied from one that was migrated once."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask_migrate import upgrade
from hypothesis import settings

import extensions
import jobs
from app import create_app
from commands.test import BY_BROWSER, WITHOUT_DATABASE
from config import ROOT, Settings
from extensions import db
from services import company, passwords
from services.actor import SYSTEM
from tests.standing import StandingHouse
from tests.sweeps import FULL
from tests.warm import kept_warm

if TYPE_CHECKING:
    from tests.admin.furniture import House

POSTGRES = os.environ.get("KONTOR_TEST_POSTGRES", "")  # a server's address; empty: SQLite

# Properties are judged by what they say, never by how long a busy machine took to say it.
settings.register_profile("untimed", deadline=None, max_examples=100 if FULL else 40)
settings.load_profile("untimed")

COMPANY = {
    "name": "Radwerk Musterstadt GmbH", "legal_form": "GmbH", "address": "Werkstattweg 3", "zipcode": "20095",
    "city": "Hamburg", "phone": "+49 40 123456", "email": "post@radwerk.example", "tax_number": "12/345/67890",
    "vat_id": "DE136695976", "iban": "DE02120300000000202051", "bic": "BYLADEM1001", "bank_name": "DKB",
    "bank_owner": "Radwerk Musterstadt GmbH", "seat": "Hamburg", "register_court": "Amtsgericht Hamburg",
    "register_number": "HRB 12345", "managing_directors": "Anke Beispiel",
}  # fmt: skip


# In the ordinary run a test runs on one of both databases, an eighth of them on PostgreSQL, of what only asks (queries,
# the checker's single rules) every third. What holds in each database in a way of its own runs on both: tables, guards,
# locks, claims, numbers, the checker, what a death leaves behind. Another seed shares them out in another way; `--all`
# runs everything on both.
ASKING = ("tests/queries/", "tests/services/test_checks_")
BOTH = ("tests/models/", "tests/faults/", *(f"tests/services/test_{name}" for name in (
    "at_once", "bank_at_once", "billing_run", "charge_at_once", "checks.py", "dunning_at_once", "issue_at_once",
    "merge_at_once", "number", "sealing", "unit")))  # fmt: skip
# Dear on PostgreSQL, where a database is copied for each death: a third of it there.
SWEPT = ("tests/faults/test_crash_sweep.py", "tests/faults/test_deeds_cut.py")
# Deeds in the same moment: on SQLite one writer comes after the other anyway, on PostgreSQL the locks see to it:
# all of them there, a third of them on SQLite.
RACES = "at_once.py::"
# Files that furnish a dear world of their own, which would be built on both: all their tests run on one of them.
WORLDS = ("tests/services/test_demo.py", "tests/admin/test_hostile_house.py", "tests/admin/test_activity_words.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("KONTOR_SHARE") != "yes":
        return
    left_out = [item for item in items if not _is_my_share(item.nodeid)]
    config.hook.pytest_deselected(items=left_out)
    gone = set(map(id, left_out))
    items[:] = [item for item in items if id(item) not in gone]


def _is_my_share(name: str) -> bool:
    if name.startswith(BY_BROWSER + WITHOUT_DATABASE):
        return not POSTGRES  # which does not open these rooms
    if name.startswith(WORLDS):
        return _falls_to_postgresql(name.partition("::")[0]) == bool(POSTGRES)
    if RACES in name:
        return bool(POSTGRES) or _falls_to_postgresql(name)
    if name.startswith(BOTH):
        return not POSTGRES or not name.startswith(SWEPT) or _falls_to_postgresql(name)
    return _falls_to_postgresql(name) == bool(POSTGRES)


def _falls_to_postgresql(name: str) -> bool:
    one_in = 3 if name.startswith(ASKING + SWEPT) else 8
    return crc32((os.environ.get("KONTOR_SEED", "9") + name).encode()) % one_in == 0


def settings_for(folder: Path, database_url: str, **changes: str) -> Settings:
    """Settings of a test installation; no queue server, no mail server unless given."""
    environ = {"KONTOR_DATA": str(folder), "DATABASE_URL": database_url, "SECRET_KEY": "test", **changes}
    return Settings.from_environment(environ)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated database with its company, once for the whole session: a file or a PostgreSQL template."""
    folder = tmp_path_factory.mktemp("template")
    url = f"sqlite:///{folder / 'template.sqlite3'}"
    name = f"template_{uuid.uuid4().hex}"
    if POSTGRES:
        url = _create_database(name)
    app = create_app(settings_for(folder, url))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        company.found_company(SYSTEM, **COMPANY)
        db.session.remove()
        db.engine.dispose()
    yield url
    if POSTGRES:
        _drop_database(name)


@contextmanager
def fresh_database(template: str, folder: Path) -> Iterator[str]:
    """A copy of the template with the company in it, gone when the test or the file of tests is over."""
    if not POSTGRES:
        shutil.copy(template.removeprefix("sqlite:///"), folder / "kontor.sqlite3")
        yield f"sqlite:///{folder / 'kontor.sqlite3'}"
        return
    name = f"test_{uuid.uuid4().hex}"
    yield _create_database(name, template=_name_of(template))
    _drop_database(name)


@contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """A database without a table, for tests of a first start; gone when the test is over."""
    if not POSTGRES:
        yield f"sqlite:///{folder / 'kontor.sqlite3'}"
        return
    name = f"test_{uuid.uuid4().hex}"
    yield _create_database(name)
    _drop_database(name)


def copy_database(source: str, target: str) -> None:
    """On PostgreSQL the database at one address as it stands, at another, whatever stood there; a file is copied by
    its folder."""
    if POSTGRES:
        _drop_database(_name_of(target))
        _create_database(_name_of(target), template=_name_of(source))


def drop_database(url: str) -> None:
    if POSTGRES:
        _drop_database(_name_of(url))


@pytest.fixture(scope="session")
def furnished(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, House]]:
    """The furnished house that the screens are tested in, built once; its rooms override `database_url` with a copy."""
    from tests.admin.furniture import furnished_house  # which stands on this file

    with furnished_house(template, tmp_path_factory.mktemp("furnished")) as made:
        yield made


@pytest.fixture
def house(furnished: tuple[str, House]) -> House:
    return furnished[1]


@pytest.fixture
def database_url(template: str, tmp_path: Path) -> Iterator[str]:
    """A database of the test's own."""
    with fresh_database(template, tmp_path) as url:
        yield url


@pytest.fixture(scope="session")
def standing_house() -> StandingHouse:
    return StandingHouse()


@pytest.fixture
def app(standing_house: StandingHouse, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on the test's own database."""
    with standing_house.lived_in(settings_for(tmp_path, database_url)) as made:
        yield made


@pytest.fixture
def ground(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The floors below the rooms that show: all that services and queries may use, at a tenth of the house's price."""
    made = Flask("app", root_path=str(ROOT))
    made.config.from_mapping(settings_for(tmp_path, database_url).flask(), TESTING=True)
    extensions.init_app(made)
    jobs.init_app(made)
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def context(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The ground with its context pushed, for tests of services and queries; the whole house where a test asks for it
    too (`app`)."""
    made: Flask = request.getfixturevalue("app" if "app" in request.fixturenames else "ground")
    with made.app_context():
        yield made
        db.session.remove()


@pytest.fixture(scope="session", autouse=True)
def warm() -> Iterator[None]:
    with kept_warm():
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[PasswordHasher]:
    """Argon2 costs a third of a second on purpose. Tests take the same algorithm with the least work; gives the real
    one."""
    real, passwords._hasher = passwords._hasher, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield real
    passwords._hasher = real


def _create_database(name: str, template: str = "template1") -> str:
    # Files are copied as they are: the other strategy writes every page to the log, which takes three times as long.
    _server().execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    head, _, query = POSTGRES.partition("?")
    return head.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")


def _drop_database(name: str) -> None:
    _server().execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _name_of(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


@cache
def _server() -> psycopg.Connection:
    """One connection a process for making and dropping databases."""
    return psycopg.connect(POSTGRES, autocommit=True)
