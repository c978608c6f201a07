"""Everything that the house holds about one customer, table by table, as the fates declare it (DSG-1, models/fates.py).

Nothing here names a table: whoever adds one declares its fate, and it is exported, or says why it is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, RowMapping, Select, or_, select
from sqlalchemy.orm import aliased

from extensions import db
from models import Customer, CustomerTag, File, Tag
from models.fates import FATES, Export

BATCH = 500  # rows in memory at a time
NOT_THEIRS = ("profile",)  # kinds of files: exports like this one
_member = aliased(Customer)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as its row tells it; `size` in bytes."""

    id: int
    filename: str
    media_type: str
    kind: str
    size: int
    sha256: str


def family_of(customer_id: int) -> Select[int]:
    """The ids of the surviving record and of all that were merged into it, for an IN."""
    return select(_member.id).where(_member.survivor_id == customer_id)


def belongs(name: str, ids: Any) -> ColumnElement[bool]:
    """Whether a row of this table belongs to one of these customers (a list or a select of ids), over its parents."""
    table, key = db.metadata.tables[name], FATES[name].key
    parent = _parent(table.c[key])
    if name == "customers" or parent is None:
        return table.c[key].in_(ids)
    return table.c[key].in_(select(parent).where(belongs(parent.table.name, ids)))


def exported() -> dict[str, list[Column[Any]]]:
    """The tables that a customer gets and their columns, in the order of the fates."""
    return {name: _columns(name) for name, fate in FATES.items() if fate.export is not Export.NONE}


def rows_of(name: str, customer_id: int) -> Iterator[RowMapping]:
    """The rows of one table that belong to the record and those merged into it, in the order of their keys."""
    table = db.metadata.tables[name]
    query = select(*exported()[name]).where(belongs(name, family_of(customer_id))).order_by(*table.primary_key.columns)
    for part in db.session.execute(query, execution_options={"yield_per": BATCH}).mappings().partitions():
        yield from part


def files_of(customer_id: int) -> list[StoredFile]:
    """Every file of theirs whose bytes are there: their own, and those that a row of theirs points to."""
    family = family_of(customer_id)
    columns = (File.id, File.filename, File.media_type, File.kind, File.size, File.sha256)
    theirs = or_(File.customer_id.in_(family), *(File.id.in_(each) for each in _pointed_to(family)))
    query = select(*columns).where(theirs, File.erased_at.is_(None), File.kind.not_in(NOT_THEIRS)).order_by(File.id)
    return [StoredFile(*row) for row in db.session.execute(query)]


def tag_names(customer_id: int) -> list[str]:
    """The tags of the record in words; in its rows they are numbers."""
    worn = select(Tag.name).join(CustomerTag).where(CustomerTag.customer_id.in_(family_of(customer_id)))
    return list(db.session.scalars(worn.order_by(Tag.word)))


def _pointed_to(family: Any) -> Iterator[Select[Any]]:
    for name, columns in exported().items():
        for column in columns:
            if name != "files" and File.__table__ in {key.column.table for key in column.foreign_keys}:
                yield select(column).where(belongs(name, family), column.is_not(None))


def _columns(name: str) -> list[Column[Any]]:
    return [column for column in db.metadata.tables[name].columns if column.name not in FATES[name].secrets]


def _parent(column: Column[Any]) -> Column[Any] | None:
    """The key that this column points to, unless it is the customer's own."""
    for key in column.foreign_keys:
        if key.column.table.name != "customers":
            return key.column
    return None
