"""The few statements that the two databases spell alike but SQLAlchemy keeps in their dialects."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from extensions import db


def dialect() -> str:
    """`sqlite` or `postgresql`."""
    return db.engine.dialect.name


def insert(table: Any) -> Any:
    """An INSERT that knows ON CONFLICT on the database in use."""
    return sqlite.insert(table) if dialect() == "sqlite" else postgresql.insert(table)
