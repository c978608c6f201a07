"""A world in which each text column of each row of a customer holds a word of its own, found again wherever it goes.

Nothing here names the tables: they are those that declare a fate (models/fates.py), with their parents. A new table is
filled by its types and constraints; what these cannot say stands in GIVEN.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    String,
    Table,
    Time,
    insert,
    update,
)
from sqlalchemy.orm import Session

from extensions import db
from models import Invoice
from models.base import JsonText, ScaledDecimal, UtcDateTime
from models.fates import FATES
from services import files
from services.unit import write

DAY, LATER = date(2026, 1, 1), date(2026, 2, 1)
SHORT = {"currency_code": "EUR", "country_code": "DE", "language_code": "de", "interval_unit": "month",
         "vat_category": "S", "delivery_country_code": "DE", "unit": "C62"}  # fmt: skip
GIVEN: dict[str, dict[str, Any]] = {
    "customers": {"allowed_payment_types": "1,2,4,6", "retain_until": None, "erased_at": None},
    "coupons": {"amount_cents": None, "lasts": "ever"},
    "invoices": {"status": "draft", "number": None, "issued_at": None, "gross_cents": 2, "collection": "invoice_first"},
    "invoice_lines": {"gross_cents": 2},
    "invoice_tax_lines": {"gross_cents": 2},
    "messages": {"state": "sent"},
    "payment_methods": {"state": "active"},
    "papers": {"state": "drawn", "token_revoked_at": None},
    "note_versions": {"file_id": None},
    "receivables": {"open_cents": 0},
    "subscriptions": {"status": "closed", "next_billing_on": None, "planned_on": None},
    "postings": {"account": "bank"},
    "claims": {"released_at": None},
    "customer_exports": {"state": "done", "file_id": None},
    "collections": {"state": "done"},
    "payment_attempts": {"state": "accepted"},
    "refunds": {"state": "succeeded"},
    "debits": {"state": "paid"},
}


@dataclass
class World:
    """What was written for one customer: `words` maps (table, column) to the word that stands there."""

    who: str
    number: int
    words: dict[tuple[str, str], str] = field(default_factory=dict)
    contents: str = ""
    file: int = 0

    def word(self, table: str, column: str) -> str:
        """Six characters that no digest and no other column has."""
        made = f"Ä{self.who}{len(self.words):03d}Ö"
        return self.words.setdefault((table, column), made)


def fill(who: str, number: int) -> World:
    """A customer with one row in every table that may hold one of theirs, all with this id."""
    world = World(who, number)
    with write() as session:
        for name in in_order():
            if name != "files":
                _row(session, world, db.metadata.tables[name])
            if name == "customers":
                _file(session, world)
        _issue(session, world)
    return world


def in_order() -> list[str]:
    """Parents first, but for those that close what belongs to them."""
    names = [each.name for each in db.metadata.sorted_tables if each.name in FATES and each.name != "postings"]
    place = names.index("journal_entries")
    return [*names[:place], "postings", *names[place:]]


def _file(session: Session, world: World) -> None:
    world.contents = f"Ä{world.who}FILEÖ"
    world.file = files.store(world.contents.encode(), world.word("files", "filename"), "text/plain", "paper",
                                       world.number)  # fmt: skip


def _issue(session: Session, world: World) -> None:
    values = {
        "status": "issued",
        "number": world.word("invoices", "number"),
        "issued_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    session.execute(update(Invoice).where(Invoice.id == world.number).values(**values))


def _row(session: Session, world: World, table: Table) -> None:
    values = {column.name: _value(session, world, table, column) for column in table.columns}
    session.execute(insert(table).values(**values))


def _value(session: Session, world: World, table: Table, column: Column[Any]) -> Any:
    given = GIVEN.get(table.name, {})
    if column.name in given:
        return given[column.name]
    if column.foreign_keys:
        return _key(session, world, table, column)
    if column.primary_key and not isinstance(column.type, String | Date) or column.name.endswith("customer_id"):
        return world.number
    return _plain(world, table, column)


def _key(session: Session, world: World, table: Table, column: Column[Any]) -> Any:
    (target,) = {key.column.table.name for key in column.foreign_keys}
    if target == table.name:
        return world.number if column.name == "survivor_id" else None
    if target == "files":
        return world.file or _of_the_house(column)
    if target in FATES:
        return world.number
    return None if column.nullable else _shared(session, db.metadata.tables[target])


def _of_the_house(column: Column[Any]) -> int | None:
    """A file that is no customer's: of rows which many share."""
    return None if column.nullable else files.store(b"-", "house.txt", "text/plain", "paper", None)


def _shared(session: Session, table: Table) -> int:
    """A row of the house that both worlds point to."""
    key = next(iter(table.primary_key.columns))
    if session.scalar(table.select().where(key == 900)) is None:
        _row(session, World("Z", 900), table)
    return 900


def _plain(world: World, table: Table, column: Column[Any]) -> Any:
    kind = column.type
    if choices := _choices(table, column.name):
        return choices[0]
    if isinstance(kind, JsonText):
        return [world.word(table.name, column.name)]
    if isinstance(kind, String):
        return _text(world, table, column, kind.length)
    if isinstance(kind, UtcDateTime | DateTime):
        return datetime(2026, 1, 1, 12, tzinfo=UTC)
    if isinstance(kind, Date):
        return LATER if column.name.endswith(("ends_on", "_end", "_to")) else DAY
    simple: tuple[tuple[type, Any], ...] = ((Time, time()), (Boolean, False), (ScaledDecimal, Decimal(1)))
    return next((value for of, value in simple if isinstance(kind, of)), 1)


def _text(world: World, table: Table, column: Column[Any], length: int | None) -> Any:
    if column.name in SHORT:
        return SHORT[column.name]
    if length is not None and length < 6:
        return None if column.nullable else ""
    return world.word(table.name, column.name)


def _choices(table: Table, column: str) -> list[str]:
    """The values of "column IN ('a', 'b')"."""
    for each in table.constraints:
        if isinstance(each, CheckConstraint):
            found = re.match(rf"{column} IN \(('.*?)\)", str(each.sqltext))
            if found:
                return re.findall(r"'([^']*)'", found[1])
    return []
