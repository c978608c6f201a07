"""Every table and column that knows a customer says what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table

import models
from extensions import db
from models.fates import FATES, NOT_OF_A_CUSTOMER, Erase, Export, Merge
from models.record_fates import COLUMNS

assert models.Customer
TABLES = db.metadata.tables


def keys_to_a_customer(tables: Mapping[str, Table]) -> dict[str, set[str]]:
    """table -> its columns that lead to a customer, directly or over rows that do."""
    found: dict[str, set[str]] = {}
    grown = True
    while grown:
        before = sum(map(len, found.values()))
        for name, table in tables.items():
            if keys := {column.name for column in table.columns if leads(name, column, found)}:
                found.setdefault(name, set()).update(keys)
        grown = sum(map(len, found.values())) > before
    return found


def leads(table: str, column: Column[object], found: Mapping[str, set[str]]) -> bool:
    if f"{table}.{column.name}" in NOT_OF_A_CUSTOMER:
        return False
    targets = {key.column.table.name for key in column.foreign_keys}
    return column.name.endswith("customer_id") or "customers" in targets or not targets.isdisjoint(found)


@pytest.mark.feature("DSG-4")
@pytest.mark.feature("X-22")
def test_every_table_that_knows_a_customer_declares_its_fate() -> None:
    assert keys_to_a_customer(TABLES).keys() | {"customers"} == FATES.keys()


def test_a_silent_table_is_found_over_however_many_steps() -> None:
    new = MetaData()
    Table("customers", new, Column("id", Integer, primary_key=True))
    Table("a", new, Column("id", Integer, primary_key=True), Column("who", ForeignKey("customers.id")))
    Table("b", new, Column("id", Integer, primary_key=True), Column("a_id", ForeignKey("a.id")))
    Table("c", new, Column("b_id", ForeignKey("b.id")))
    Table("aside", new, Column("id", Integer, primary_key=True))
    assert keys_to_a_customer(new.tables) == {"a": {"who"}, "b": {"a_id"}, "c": {"b_id"}}


@pytest.mark.parametrize("name", sorted(FATES))
def test_a_fate_names_columns_that_are_there_and_reasons_where_it_keeps_something(name: str) -> None:
    fate, columns = FATES[name], TABLES[name].columns
    assert {fate.key, *fate.secrets, *fate.emptied} <= set(columns.keys())
    assert bool(fate.secrets) == (fate.export is Export.WITHOUT_SECRETS)
    assert bool(fate.why_not_exported) == (fate.export is Export.NONE)
    assert bool(fate.law or fate.why) or fate.erase is Erase.GOES
    assert not fate.emptied or fate.erase is Erase.EMPTIED


@pytest.mark.parametrize("name", sorted(FATES))
def test_only_what_has_the_customers_own_key_can_be_re_pointed(name: str) -> None:
    fate = FATES[name]
    direct = fate.key.endswith("customer_id") or name == "customers"
    assert (fate.merge is Merge.FOLLOWS) == (not direct)


@pytest.mark.parametrize("name", [name for name, fate in FATES.items() if fate.merge is Merge.FOLLOWS])
def test_what_follows_reaches_a_customer_in_the_end(name: str) -> None:
    assert way_to_the_customer(name)[-1] == "customers"


def way_to_the_customer(name: str) -> list[str]:
    way, fate = [name], FATES[name]
    while way[-1] != "customers":
        (target,) = {key.column.table.name for key in TABLES[way[-1]].columns[fate.key].foreign_keys} or {"customers"}
        way.append(target)
        fate = FATES[target]
    return way


@pytest.mark.feature("RET-1")
def test_what_the_law_keeps_is_kept_as_long_as_it_says() -> None:
    years = {name: fate.law.years for name, fate in FATES.items() if fate.law}
    assert (years["invoices"], years["postings"], years["journal_entries"], years["activities"]) == (8, 10, 10, 10)
    assert years["messages"] == 6


def test_every_column_of_the_record_has_a_fate() -> None:
    assert COLUMNS.keys() == set(TABLES["customers"].columns.keys())
