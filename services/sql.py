"""The few statements that the two databases spell alike but SQLAlchemy keeps in their dialects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from billing.errors import KontorError
from extensions import db


def dialect() -> str:
    """`sqlite` or `postgresql`."""
    return db.engine.dialect.name


def insert(table: Any) -> Any:
    """An INSERT that knows ON CONFLICT on the database in use."""
    return sqlite.insert(table) if dialect() == "sqlite" else postgresql.insert(table)


@contextmanager
def first_come(session: Session, refusal: KontorError) -> Iterator[None]:
    """What is changed inside is written at the end; who took a unique value in the same moment is met at its index.

    Raises `refusal` then; nothing of the inside is kept.
    """
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as error:
        if "unique constraint" in str(error.orig).lower():
            raise refusal from None
        raise
