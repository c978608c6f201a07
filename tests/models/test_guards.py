"""Issued rows and books stay as they are, even for plain SQL (GOB-1, X-04)."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_migrate import check

from config import ROOT
from extensions import db
from models import guards


@pytest.mark.feature("X-04")
def test_every_guard_is_in_place_after_the_migration(context: Flask) -> None:
    with db.engine.connect() as connection:
        assert guards.missing(connection) == []


@pytest.mark.feature("X-04")
@pytest.mark.parametrize("guard", guards.GUARDS, ids=lambda guard: guard.name)
def test_a_guard_that_was_dropped_is_missed_by_name(context: Flask, guard: guards.Guard) -> None:
    on = "" if db.engine.dialect.name == "sqlite" else f" ON {guard.table}"
    with db.engine.connect().execution_options(door="write") as connection:
        connection.exec_driver_sql(f"DROP TRIGGER {guard.name}{on}")
        assert guards.missing(connection) == [guard.name]
        guards.install(connection)
        assert guards.missing(connection) == []


def test_the_migrations_make_exactly_the_declared_tables(context: Flask) -> None:
    check(directory=str(ROOT / "migrations"))
