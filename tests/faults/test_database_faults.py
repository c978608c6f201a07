"""A database that interrupts, is locked or has no room left: all of it again, or nothing at all (F7, F8)."""

from __future__ import annotations

import random
import resource
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from extensions import db
from services import billing_run, providers
from services.actor import SYSTEM
from services.checks import check_books
from services.load import seed_load
from tests.conftest import POSTGRES
from tests.faults.crash_sweep import NEVER
from tests.faults.killing import lives_until
from tests.faults.power import at_statement, contents
from tests.faults.test_crash_points import DAY, written
from tests.sweeps import SEED, some

ROOM = (4_000, 40_000, 80_000, 160_000)  # bytes that a file may grow to


@pytest.fixture
def chunk(context: Flask) -> int:
    """The one chunk of a run with three customers."""
    seed_load(SYSTEM, 3, DAY)
    providers.offered()  # the sandbox's lays a file of its own when it is first asked for
    (chunk_id,) = billing_run.pending_chunks(billing_run.start(DAY, SYSTEM, ring=False))
    return chunk_id


# --- interrupted ---


def refuse(error: Exception) -> None:
    raise OperationalError("", {}, error)


def end_connection() -> None:
    """As a restart of the server would."""
    raw = db.session.connection().connection.dbapi_connection
    assert isinstance(raw, psycopg.Connection)
    with psycopg.connect(POSTGRES, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [raw.info.backend_pid])


INTERRUPTIONS: dict[str, Callable[[], object]] = {
    "deadlock": partial(refuse, psycopg.errors.DeadlockDetected()),
    "serialization failure": partial(refuse, psycopg.errors.SerializationFailure()),
    "connection lost": end_connection if POSTGRES else partial(refuse, sqlite3.OperationalError("disk I/O error")),
}


@pytest.mark.feature("F7")
@pytest.mark.parametrize("name", INTERRUPTIONS)
def test_a_chunk_that_the_database_interrupts_is_done_again_whole(chunk: int, name: str) -> None:
    (nth,) = random.Random(SEED + name).sample(range(2, 30), 1)
    with at_statement(nth, INTERRUPTIONS[name]):
        assert billing_run.run_chunk(chunk).issued == 3
    assert written()[:3] == [3, 3, 3]
    assert check_books().ok


# --- locked ---


@contextmanager
def somebody_writes() -> Iterator[Callable[[], object]]:
    """And does not come to an end until the deed that is given here; nobody waits half a minute for it in a test."""
    db.session.remove()
    db.engine.dispose()
    if POSTGRES:
        with psycopg.connect(db.engine.url.set(drivername="postgresql").render_as_string(False)) as other:
            other.execute("LOCK TABLE run_chunks")
            event.listen(db.engine, "connect", _be_impatient)
            yield other.rollback
    else:
        other_file = sqlite3.connect(str(db.engine.url.database), isolation_level=None)
        other_file.execute("BEGIN IMMEDIATE")
        event.listen(db.engine, "connect", _be_impatient)
        yield lambda: other_file.in_transaction and other_file.execute("ROLLBACK")
        other_file.close()
    event.remove(db.engine, "connect", _be_impatient)


def _be_impatient(raw: Any, _record: object) -> None:
    raw.execute("SET lock_timeout = 20" if POSTGRES else "PRAGMA busy_timeout = 20")
    if POSTGRES:
        raw.commit()


@pytest.mark.feature("F7", "F8")
def test_who_finds_the_database_locked_asks_again(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with somebody_writes() as comes_to_an_end:
        monkeypatch.setattr(time, "sleep", lambda _: comes_to_an_end())
        assert billing_run.run_chunk(chunk).issued == 3
    assert written()[:3] == [3, 3, 3] and check_books().ok


@pytest.mark.feature("F8")
def test_who_finds_it_locked_for_ever_changes_nothing_and_says_so(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents()
    with somebody_writes() as comes_to_an_end:
        monkeypatch.setattr(time, "sleep", lambda _: None)
        with pytest.raises(OperationalError):
            billing_run.run_chunk(chunk)
        comes_to_an_end()
        assert contents() == before
    assert billing_run.run_chunk(chunk).issued == 3


# --- no room ---


@pytest.mark.feature("F8")
def test_without_room_on_the_disk_nothing_is_half_done_and_with_room_again_all_of_it(chunk: int) -> None:
    """The process may write no file beyond so many bytes; on PostgreSQL its server says that it has none left."""
    before = contents()
    for room in some(ROOM, 2):
        assert lives_until(NEVER, partial(bills_within, room, chunk), None) is not None
        assert contents() == before
    assert billing_run.run_chunk(chunk).issued == 3
    assert check_books().ok


def bills_within(room: int, chunk_id: int) -> None:
    if POSTGRES:
        event.listen(db.engine, "before_cursor_execute", no_room_to_insert)
    else:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    with pytest.raises(OperationalError):
        billing_run.run_chunk(chunk_id)


def no_room_to_insert(_connection: object, _cursor: object, statement: str, *_: object) -> None:
    if statement.lstrip().startswith("INSERT"):
        refuse(psycopg.errors.DiskFull())
