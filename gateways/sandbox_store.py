"""Where the sandbox's provider keeps its own truth: a SQLite file of its own, for it is "the outside".

It knows keys, survives kill -9 between any two calls, and several processes at once: every deed is one transaction that
takes the write lock first. Nothing in the house but gateways/sandbox.py opens it.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE setups (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, reference TEXT NOT NULL, return_url TEXT NOT NULL, customer TEXT NOT NULL,
    holder TEXT NOT NULL, token TEXT NOT NULL DEFAULT '');
CREATE TABLE methods (
    token TEXT PRIMARY KEY, card TEXT NOT NULL, customer TEXT NOT NULL, holder TEXT NOT NULL, expires_on TEXT NOT NULL,
    declined_on TEXT NOT NULL DEFAULT '', forgotten INTEGER NOT NULL DEFAULT 0);
CREATE TABLE charges (
    id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, body TEXT NOT NULL, token TEXT NOT NULL REFERENCES methods,
    status TEXT NOT NULL, cents INTEGER NOT NULL CHECK (cents > 0), currency TEXT NOT NULL, tries INTEGER NOT NULL
    DEFAULT 0, decline_kind TEXT NOT NULL DEFAULT '', decline_code TEXT NOT NULL DEFAULT '', later TEXT NOT NULL
    DEFAULT '', due_at TEXT NOT NULL DEFAULT '', refunded_cents INTEGER NOT NULL DEFAULT 0,
    charged_back_cents INTEGER NOT NULL DEFAULT 0, CHECK (refunded_cents <= cents));
CREATE INDEX due_charges ON charges (due_at) WHERE due_at <> '';
CREATE TABLE refunds (
    id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, body TEXT NOT NULL, charge_id TEXT NOT NULL REFERENCES charges,
    cents INTEGER NOT NULL CHECK (cents > 0), currency TEXT NOT NULL);
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, delivered INTEGER NOT NULL DEFAULT 0);
CREATE INDEX waiting_events ON events (number) WHERE delivered = 0;
"""


class Store:
    """The file. `open` gives a transaction; what is raised inside undoes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            _make(path)

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def secret(self) -> bytes:
        with closing(self._connect()) as connection:
            found: str = connection.execute("SELECT value FROM secrets WHERE name = 'signing'").fetchone()[0]
        return found.encode()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection


def _make(path: Path) -> None:
    """Made whole aside and then named: of two first calls at once neither opens half a file."""
    aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(aside, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")  # kept in the file
        connection.executescript(TABLES)
        connection.execute("INSERT INTO secrets VALUES ('signing', ?)", (secrets.token_hex(32),))
    with suppress(FileExistsError):
        os.link(aside, path)
    aside.unlink()


def read(db: sqlite3.Connection, table: str, column: str, value: str) -> sqlite3.Row | None:
    """One row; table and column are this module's own words, never somebody's input."""
    found: sqlite3.Row | None = db.execute(f"SELECT * FROM {table} WHERE {column} = ?", (value,)).fetchone()
    return found


def change(db: sqlite3.Connection, table: str, key: tuple[str, str], **values: Any) -> None:
    """Set columns of one row, as `read`."""
    names = ", ".join(f"{name} = ?" for name in values)
    db.execute(f"UPDATE {table} SET {names} WHERE {key[0]} = ?", (*values.values(), key[1]))


def insert(db: sqlite3.Connection, table: str, **values: Any) -> None:
    marks = ", ".join("?" for _ in values)
    db.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", tuple(values.values()))


def tell(db: sqlite3.Connection, kind: str, type_: str, object_id: str, now: datetime, **facts: Any) -> None:
    """An event, written in the deed's own transaction and delivered later."""
    number = db.execute("INSERT INTO events (body) VALUES ('')").lastrowid
    body = {"id": f"sbx_evt_{number}", "kind": kind, "type": type_, "object_id": object_id,
            "occurred_at": now.astimezone(UTC).isoformat(), **facts}  # fmt: skip
    db.execute("UPDATE events SET body = ? WHERE number = ?", (json.dumps(body, separators=(",", ":")), number))


def digest(*parts: object) -> str:
    """What a key stands for: the same key with another body is refused."""
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()


def new_id(kind: str) -> str:
    return f"sbx_{kind}_{secrets.token_hex(12)}"
