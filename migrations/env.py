"""Alembic's road into the database: through the write door, in one transaction, guards installed again at its end."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import inspect
from sqlalchemy.types import TypeDecorator

from extensions import db
from models import guards  # the room fills the metadata as a whole

LAST_GUARDED = "activity_members"  # there as soon as the first migration has run


def run_migrations() -> None:
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect().execution_options(door="write") as connection:
        if connection.dialect.name == "sqlite":
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
            include_object=include_object,
            render_item=render_item,
            transactional_ddl=True,  # SQLite can, Alembic does not assume it: half a migration is none
        )
        with context.begin_transaction():
            # SQLite cannot rename a rebuilt table while a trigger elsewhere names it, and it forgets the table's own.
            if inspect(connection).has_table(LAST_GUARDED):
                guards.remove(connection)
            context.run_migrations()
            if inspect(connection).has_table(LAST_GUARDED):
                guards.install(connection)
        if connection.dialect.name == "sqlite":
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=ON")


def include_object(thing: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """SQLite's own tables are not ours to migrate."""
    return not (kind == "table" and (name or "").startswith("sqlite_"))


def render_item(kind: str, thing: object, context: object) -> str | bool:
    """Write our own column types as the plain ones beneath, so that old migrations do not depend on today's code."""
    if kind == "type" and isinstance(thing, TypeDecorator):
        return f"sa.{thing.impl!r}"
    return False


run_migrations()
