"""The few statements that the two databases spell alike but SQLAlchemy keeps in their dialects, and plain rows."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select
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


def row_kind(name: str, fields: Sequence[str]) -> Any:
    """Fields are read by the dozen for each customer, and plain tuples are many times faster at that than rows."""
    return namedtuple(name, fields)


def rows_of(session: Session, query: Select[Any], kind: Any) -> list[Any]:
    """What the query finds, as rows of that kind."""
    return list(map(kind._make, session.execute(query)))
