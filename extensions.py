"""The extensions, made without an app; `init_app` joins them to one.

The database has two doors (docs/architecture.md). Every transaction begins read-only unless the connection was opened
with the execution option `door="write"`, which only `services.unit.write` does. On SQLite the write door is
`BEGIN IMMEDIATE`: without it two read-modify-writes lose updates or fail at once in spite of the busy timeout.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
import time
from collections.abc import Iterable
from typing import Any

import redis
from flask import Flask
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import BigInteger, Connection, Engine, MetaData, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, registry

QUEUE_NAMES = ("now", "money", "paper")
JOB_SECONDS = 60  # a job takes seconds; one that hangs is ended, and the sweeper rings again
FAILURES_KEPT = 24 * 3600
SILENT_SECONDS = 5.0  # after a failed ring nobody else waits for the dead server meanwhile

logger = logging.getLogger("kontor.queues")

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # a number that went out must survive a power cut
    "foreign_keys=ON",
    "secure_delete=ON",  # erased is erased: freed places in the file are overwritten (DSG-5)
    "busy_timeout=30000",
    "cache_size=-48000",
    "wal_autocheckpoint=8000",  # 32 MB: a run touches the same index pages again and again between two checkpoints
    "temp_store=MEMORY",
    "journal_size_limit=67108864",
)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The root of all tables; names of constraints are the same on both databases."""

    registry = registry(metadata=MetaData(naming_convention=NAMES), type_annotation_map={int: BigInteger()})


class Queues:
    """RQ's queues on the configured server. A doorbell: the database decides what is due."""

    def __init__(self) -> None:
        self.url = ""
        self._connection: redis.Redis | None = None
        self._silent_until = 0.0

    def init_app(self, app: Flask) -> None:
        self.url = app.config["KONTOR"].redis_url
        self._connection = None
        self._silent_until = 0.0

    @property
    def connection(self) -> redis.Redis:
        """One connection pool a process; short timeouts, so that a dead server never holds a person up."""
        if self._connection is None:
            self._connection = redis.Redis.from_url(self.url, socket_connect_timeout=2, health_check_interval=30)
        return self._connection

    def get(self, name: str) -> Queue:
        return Queue(name, connection=self.connection, serializer=JSONSerializer)

    def ring(self, name: str, function: str, *ids: int | str, seconds: int = JOB_SECONDS) -> bool:
        """Ask the queue's worker to look at something: `ring("paper", "jobs.documents.draw", paper_id)`.

        Only a doorbell: False where no server heard it, never an error, for the sweeper rings again (F6).
        """
        return self._enqueue(name, [_bell(function, ids, seconds)])

    def ring_many(self, name: str, function: str, ids: Iterable[int]) -> bool:
        """Ring once for each id, in one round trip."""
        return self._enqueue(name, [_bell(function, (each,), JOB_SECONDS) for each in ids])

    def unheard(self, name: str, function: str) -> set[int]:
        """For which ids a bell of `ring_many` for that function still waits; none where the server is away."""
        begin = f"{_words_of(function)}-"
        try:
            bells = self.get(name).job_ids if self.url else []
        except redis.RedisError:
            return set()
        return {int(bell.split("-")[1]) for bell in bells if bell.startswith(begin) and bell.split("-")[1].isdigit()}

    def _enqueue(self, name: str, bells: list[Any]) -> bool:
        if not bells:
            return True
        if not self.url or time.monotonic() < self._silent_until:
            return False
        try:
            self.get(name).enqueue_many(bells)
        except redis.RedisError as failure:
            self._silent_until = time.monotonic() + SILENT_SECONDS
            logger.warning("the queue does not answer (%s); the sweeper rings again", type(failure).__name__)
            return False
        return True

    def length(self, name: str) -> int:
        """How many bells of a queue nobody has answered yet; 0 where the server is away."""
        try:
            return self.get(name).count if self.url else 0
        except redis.RedisError:
            return 0


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"expire_on_commit": True})
migrate = Migrate(render_as_batch=True)
babel = Babel()
csrf = CSRFProtect()
login = LoginManager()
limiter = Limiter(key_func=get_remote_address, swallow_errors=False)
queues = Queues()


def init_app(app: Flask) -> None:
    """Join the extensions to the app and hang the doors into the database engine."""
    db.init_app(app)
    migrate.init_app(app, db)
    csrf.init_app(app)
    login.init_app(app)
    limiter.init_app(app)
    queues.init_app(app)
    with app.app_context():
        hang_doors(db.engine)


def _bell(function: str, ids: tuple[int | str, ...], seconds: int) -> Any:
    """A job that leaves nothing behind when it is done."""
    # What it rings for stands in its id, so that the sweeper sees it; the token keeps two bells apart.
    subject = ids[0] if ids and isinstance(ids[0], int) else "x"
    return Queue.prepare_data(
        function,
        job_id=f"{_words_of(function)}-{subject}-{secrets.token_hex(6)}",
        args=ids,
        timeout=seconds,
        result_ttl=0,
        failure_ttl=FAILURES_KEPT,
        description=function,
    )


def _words_of(function: str) -> str:
    """RQ takes letters, digits, dashes and underscores in an id; the dash parts it."""
    return function.replace(".", "_")


def hang_doors(engine: Engine) -> None:
    """Make read-only the default of every transaction on this engine."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgresql)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # pysqlite must not begin transactions by itself
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def shrink() -> None:
    """SQLite's journal still holds the pages as they were before an erasure: move it into the file and cut it off.

    Where somebody reads at this moment the nightly run does it (jobs/schedule.py). PostgreSQL's vacuum clears up by
    itself (docs/guides/data-protection.md)."""
    if db.engine.dialect.name != "sqlite":
        return
    raw = db.engine.raw_connection()
    try:
        raw.execute("PRAGMA busy_timeout=200")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        raw.execute("PRAGMA busy_timeout=30000")
    finally:
        raw.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("door") == "write"
    raw = connection.connection.dbapi_connection
    if raw is None:
        return
    begin = "BEGIN IMMEDIATE" if writing else "BEGIN"
    try:
        raw.execute("PRAGMA query_only=" + ("OFF" if writing else "ON"))
        raw.execute(begin)
    except sqlite3.OperationalError as error:  # in an event the driver's errors stay its own, and nobody knows them
        raise OperationalError(begin, None, error) from error


def _begin_postgresql(connection: Connection) -> None:
    raw = connection.connection.dbapi_connection
    if raw is not None:
        raw.read_only = connection.get_execution_options().get("door") != "write"
