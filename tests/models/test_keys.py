"""A foreign key that is checked at commit is looked up from its parent: without an index a run slows with the books."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table, UniqueConstraint

from models.base import Model  # the room fills the metadata as a whole

DEFERRED = sorted(
    (table.name, key.parent.name)
    for table in Model.metadata.sorted_tables
    for key in table.foreign_keys
    if key.deferrable
)


@pytest.mark.feature("EB-65")
@pytest.mark.parametrize(("table", "column"), DEFERRED)
def test_every_deferred_foreign_key_is_indexed(table: str, column: str) -> None:
    assert column in leading_columns(Model.metadata.tables[table])


def leading_columns(table: Table) -> set[str]:
    """The first column of each index, unique or not, over the whole table."""
    whole = [i for i in table.indexes if i.dialect_options["sqlite"]["where"] is None]
    keys = [c for c in table.constraints if isinstance(c, UniqueConstraint | PrimaryKeyConstraint)]
    return {first(thing) for thing in (*whole, *keys)}


def first(thing: Index | UniqueConstraint | PrimaryKeyConstraint) -> str:
    columns: list[Column[object]] = list(thing.columns)
    return columns[0].name
