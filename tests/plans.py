"""How a database would find what it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from extensions import db


@contextmanager
def explained() -> Iterator[list[tuple[str, str]]]:
    """Each reading statement from here on, with the database's plan of it."""
    engine, found = db.engine, list[tuple[str, str]]()
    asking = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "

    def note(connection: object, cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        if not statement.startswith(("EXPLAIN", "SET")) and statement.lstrip().startswith("SELECT"):
            with engine.connect() as other:
                if engine.dialect.name != "sqlite":  # which reads a small table whole, whatever index there is
                    other.exec_driver_sql("SET LOCAL enable_seqscan = off")
                rows = other.exec_driver_sql(asking + statement, parameters).all()
            found.append((statement, "\n".join(str(row[-1]) for row in rows)))

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)
