"""Many rows at once, close to the driver: what a billing run writes by the hundred.

Values pass through the same column types as everywhere else, column by column, and go to the driver as tuples:
`executemany` on SQLite, COPY on PostgreSQL. One statement a table, however many rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import Connection, Date, DateTime, Table, text
from sqlalchemy.exc import DBAPIError

from models.base import ScaledDecimal, UtcDateTime

Row = tuple[Any, ...]


class Copies:
    """How many COPY statements went past SQLAlchemy's own events; tests and benchmarks count statements."""

    total = 0


COPIES = Copies()


class Bulk:
    """The rows of one table on their way in. `columns` fixes the order of each tuple."""

    def __init__(self, model: Any, columns: Sequence[str]) -> None:
        self.model = model
        self.columns = tuple(columns)
        self.rows: list[Row] = []
        self.add = self.rows.append

    def insert(self, connection: Connection) -> None:
        """Write all rows in one statement and forget them."""
        if self.rows:
            insert_rows(connection, self.model, self.columns, bound(connection, self.model, self.columns, self.rows))
            self.rows.clear()


def bound(connection: Connection, model: Any, columns: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    """The rows as the driver takes them, converted by each column's own type."""
    if not rows:
        return []
    converters = _converters(model.__table__, tuple(columns), connection.dialect)
    turned = zip(*rows, strict=True)
    parts = [map(convert, values) if convert else values for convert, values in zip(converters, turned, strict=True)]
    return list(zip(*parts, strict=True))


def insert_rows(connection: Connection, model: Any, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Write rows that are already in the driver's own form."""
    if not rows:
        return
    table: Table = model.__table__
    names = ", ".join(columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", list(rows))
        return
    COPIES.total += 1
    _copy(connection, f"COPY {table.name} ({names}) FROM STDIN", rows)


def _copy(connection: Connection, statement: str, rows: Sequence[Row]) -> None:
    """COPY goes past SQLAlchemy; what fails in it fails as everything else, so that a deadlock is tried again (F7)."""
    cursor = connection.connection.cursor()
    try:
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise DBAPIError.instance(
            statement, None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        ) from error
    finally:
        cursor.close()


def draw_keys(connection: Connection, counts: dict[str, int]) -> dict[str, Iterable[int]]:
    """Take primary keys in blocks from the database's own generators: table -> that many new ids, ascending."""
    draw = _draw_sqlite if connection.dialect.name == "sqlite" else _draw_postgresql
    return {table: draw(connection, table, count) for table, count in counts.items() if count}


def _draw_sqlite(connection: Connection, table: str, count: int) -> Iterable[int]:
    """AUTOINCREMENT keeps its counter in a table of its own; inside the write door nobody else draws."""
    last = connection.execute(
        text("UPDATE sqlite_sequence SET seq = seq + :n WHERE name = :t RETURNING seq"), {"n": count, "t": table}
    ).scalar()
    if last is None:
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:t, :n)"), {"t": table, "n": count})
        last = count
    return range(last - count + 1, last + 1)


def _draw_postgresql(connection: Connection, table: str, count: int) -> Iterable[int]:
    query = text("SELECT nextval(pg_get_serial_sequence(:t, 'id')) FROM generate_series(1, :n)")
    return sorted(connection.scalars(query, {"t": table, "n": count}))


@lru_cache(maxsize=128)
def _converters(table: Table, columns: tuple[str, ...], dialect: Any) -> list[Callable[[Any], Any] | None]:
    return [_converter(table.c[name].type, dialect) for name in columns]


def _converter(type_: Any, dialect: Any) -> Callable[[Any], Any] | None:
    convert: Callable[[Any], Any] | None = type_._cached_bind_processor(dialect)
    if convert is None:
        return None
    # Days, instants, prices and rates repeat by the thousand in one run; each is turned once.
    repeats = isinstance(type_, (Date, DateTime, UtcDateTime, ScaledDecimal))
    return lru_cache(maxsize=4096)(convert) if repeats else convert
