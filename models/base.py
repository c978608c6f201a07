"""What every table shares: exact column types and the columns that all have."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from sqlalchemy import BigInteger, DateTime, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from extensions import Base, db

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

# SQLite numbers rows by itself only for INTEGER PRIMARY KEY; AUTOINCREMENT never uses an id twice.
BigId = BigInteger().with_variant(Integer, "sqlite")
AUTO = {"sqlite_autoincrement": True}


class ScaledDecimal(TypeDecorator[Decimal]):
    """An exact decimal with a fixed number of places, kept as a whole number.

    SQLite has no exact decimal of its own, and a float would lose the cent (RND-1).
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places
        self._factor = 10**places
        self._unit = Decimal(1).scaleb(-places)

    def process_bind_param(self, value: Decimal | int | None, dialect: Any) -> int | None:
        if value is None:
            return None
        scaled = Decimal(value) * self._factor
        if scaled != int(scaled):
            raise ValueError(f"{value} has more than {self.places} decimal places")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.places)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware and in UTC on the way in and on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


_EMPTY: dict[type, str] = {list: "[]", dict: "{}"}


def canonical_json(value: Any) -> str:
    """One text for one value: sorted keys, no blanks. Digests are taken of this text."""
    if not value and type(value) in _EMPTY:  # these come by the thousand
        return _EMPTY[type(value)]
    return _encode(value)


class JsonText(TypeDecorator[Any]):
    """JSON as canonical text, the same bytes on both databases. Replace the value, never change it in place."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Any) -> Any:
        return None if value is None else json.loads(value)


# A search for a beginning is a range; only the "C" collation lets a B-tree answer it on PostgreSQL. SQLite compares
# bytes anyway.
NUMBER = String(40).with_variant(String(40, collation="C"), "postgresql")

Id = Annotated[int, mapped_column(BigId, primary_key=True, autoincrement=True)]
Cents = Annotated[int, mapped_column(BigInteger)]
Currency = Annotated[str, mapped_column(String(3))]
Price = Annotated[Decimal, mapped_column(ScaledDecimal(8))]
Quantity = Annotated[Decimal, mapped_column(ScaledDecimal(4))]
Percent = Annotated[Decimal, mapped_column(ScaledDecimal(2))]
Instant = Annotated[datetime, mapped_column(UtcDateTime)]
Hash32 = Annotated[str, mapped_column(String(32))]
Sha256 = Annotated[str, mapped_column(String(64))]


def now() -> datetime:
    """Default of `created_at` where no service gave an instant (rows written by tests and migrations)."""
    return datetime.now(UTC)


class Stamped:
    """When the row was made and last changed; `version` catches two people editing at once."""

    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    version: Mapped[int] = mapped_column(Integer, default=1)
