"""The way into the database that the house does not take: for the negative controls of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from extensions import db


@contextmanager
def unlocked_transaction() -> Iterator[Any]:
    """The bare driver in a transaction that takes its lock only when it writes; rolled back on any error."""
    with db.engine.connect().execution_options(door="write") as connection:
        raw: Any = connection.connection.dbapi_connection
        if db.engine.dialect.name == "sqlite":
            raw.execute("PRAGMA query_only=OFF")
            raw.execute("BEGIN DEFERRED")
        try:
            yield raw
            raw.commit()
        except BaseException:
            raw.rollback()
            raise
