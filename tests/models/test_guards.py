"""Issued rows and books stay as they are, even for plain SQL (GOB-1, X-04)."""

from __future__ import annotations

import os
from datetime import date

import pytest
from flask import Flask
from flask_migrate import check
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from config import ROOT
from extensions import db
from models import guards
from services import billing_run
from services.actor import SYSTEM
from services.load import seed_load
from services.unit import write

DECLARED = guards.on_postgresql() if os.environ.get("KONTOR_TEST_POSTGRES") else guards.GUARDS


@pytest.mark.feature("X-04")
def test_every_guard_is_in_place_after_the_migration(context: Flask) -> None:
    with db.engine.connect() as connection:
        assert guards.missing(connection) == []


@pytest.mark.feature("X-04")
@pytest.mark.parametrize("guard", DECLARED, ids=lambda guard: guard.name)
def test_a_guard_that_was_dropped_is_missed_by_name(context: Flask, guard: guards.Guard) -> None:
    on = "" if db.engine.dialect.name == "sqlite" else f" ON {guard.table}"
    with db.engine.connect().execution_options(door="write") as connection:
        connection.exec_driver_sql(f"DROP TRIGGER {guard.name}{on}")
        assert guards.missing(connection) == [guard.name]
        guards.install(connection)
        assert guards.missing(connection) == []


def test_the_migrations_make_exactly_the_declared_tables(context: Flask) -> None:
    check(directory=str(ROOT / "migrations"))


@pytest.mark.feature("X-04")
@pytest.mark.parametrize(
    ("table", "columns", "values"),
    [
        ("sequences", "range_id, year, first_value, next_value", "range_id, year, first_value, 1"),
        ("papers", "invoice_id, kind, state, token, attempts, next_attempt_at, error, created_at",
         "invoice_id, kind, 'pending', 'other', 0, next_attempt_at, '', created_at"),
    ],
)  # fmt: skip
def test_a_row_is_not_replaced_under_its_second_key(context: Flask, table: str, columns: str, values: str) -> None:
    """SQLite's REPLACE takes away whatever stands on any unique key; PostgreSQL knows no such statement."""
    seed_load(SYSTEM, 1, date(2026, 11, 1))
    billing_run.bill(date(2026, 11, 1), SYSTEM)
    verb = "INSERT OR REPLACE" if db.engine.dialect.name == "sqlite" else "INSERT"
    newest = f"SELECT {values} FROM {table} WHERE id = (SELECT max(id) FROM {table})"
    with pytest.raises(IntegrityError), write() as session:
        session.execute(text(f"{verb} INTO {table} ({columns}) {newest}"))


@pytest.mark.feature("X-04")
def test_a_trigger_function_that_was_hollowed_out_is_missed(context: Flask) -> None:
    """PostgreSQL keeps a trigger's deed in a function of its own; SQLite keeps it in the trigger."""
    hollow = {
        "sqlite": "DROP TRIGGER guard_postings_delete",
        "postgresql": "CREATE OR REPLACE FUNCTION kontor_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NEW; END $$",
    }
    with db.engine.connect().execution_options(door="write") as connection:
        connection.exec_driver_sql(hollow[db.engine.dialect.name])
        assert guards.missing(connection) == [
            {"sqlite": "guard_postings_delete", "postgresql": "kontor_refuse"}[db.engine.dialect.name]
        ]
