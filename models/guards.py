"""Triggers that keep what was issued as it was, on both databases (GOB-1, X-04).

The application never changes an issued row; these hold when somebody goes past the application. They are declared
once, in models/guarded.py. `install` is called after every migration, because a table that Alembic rebuilds on SQLite
loses its triggers; `missing` names those that are not in place, for `check-books`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, inspect, text

from extensions import db
from models.guarded import GUARDS, Guard, Opening


def install(connection: Connection) -> None:
    """Put every guard in place anew; safe to repeat. What an earlier revision does not have yet, a table or a column of
    one, has none."""
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    columns = {table: {each["name"] for each in inspector.get_columns(table)}
               for table in sorted({guard.table for guard in GUARDS} & there)}  # fmt: skip
    wanted = [_as_far_as_there(guard, columns[guard.table]) for guard in GUARDS if guard.table in there]
    if "purges" not in there:  # an earlier revision, in which nothing is purged
        wanted = [replace(guard, opening=None) for guard in wanted]
    for statement in statements(connection.dialect.name, wanted):
        connection.exec_driver_sql(statement)


def _as_far_as_there(guard: Guard, columns: set[str]) -> Guard:
    """The guard over the columns that the table has in this revision."""
    differs = tuple(name for name in guard.differs if name in columns)
    return replace(guard, differs=differs, taken=tuple(key for key in guard.taken if columns.issuperset(key)))


def remove(connection: Connection) -> None:
    """Take the guards away before a migration rebuilds guarded tables."""
    for guard in GUARDS:
        on = "" if connection.dialect.name == "sqlite" else f" ON {guard.table}"
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {guard.name}{on}")


def statements(dialect: str, wanted: Sequence[Guard] = GUARDS) -> list[str]:
    """The SQL that installs the guards on `sqlite` or `postgresql`."""
    return _sqlite_statements(wanted) if dialect == "sqlite" else _postgresql_statements(wanted)


def missing(connection: Connection) -> list[str]:
    """Names of guards (and, on PostgreSQL, of their functions) that are not in place, were altered or are off."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        found = {row.name: row.sql for row in rows}
        wanted = dict(zip((g.name for g in GUARDS), (_sqlite_create(g) for g in GUARDS), strict=True))
        return [name for name, sql in wanted.items() if found.get(name) != sql]
    return _missing_postgresql(connection)


def _condition(guard: Guard, distinct: str) -> str:
    """The guard's own condition and the changes of fixed columns, joined by OR."""
    changed = [f"OLD.{column} {distinct} NEW.{column}" for column in guard.differs]
    return " OR ".join(([f"({guard.when})"] if guard.when else []) + changed)


def _opened(opening: Opening, table: str, distinct: str) -> str:
    """The change is a purge: written down, emptying what it may, and leaving every other column as it was."""
    blank = dict(opening.blank)
    columns = [column.name for column in db.metadata.tables[table].columns]
    same = [f"NOT (NEW.{name} {distinct} {blank.get(name, 'OLD.' + name)})" for name in columns]
    there = f"EXISTS (SELECT 1 FROM purges WHERE subject = '{opening.subject}' AND row_id = OLD.{opening.key})"
    return " AND ".join([there, *same])


def _refusal(guard: Guard, distinct: str) -> str:
    """All that the guard refuses, as one condition; empty where that is everything."""
    condition = guard.looks or _condition(guard, distinct)
    if guard.parent:
        key, table, holds = guard.parent
        condition = f"EXISTS (SELECT 1 FROM {table} WHERE id = {_row(guard)}.{key} AND {holds})"
    if guard.opening:
        condition = f"({condition or 'TRUE'}) AND NOT ({_opened(guard.opening, guard.table, distinct)})"
    return condition


def _row(guard: Guard) -> str:
    return "NEW" if guard.event == "INSERT" else "OLD"


def _sqlite_statements(wanted: Sequence[Guard]) -> list[str]:
    drops = [f"DROP TRIGGER IF EXISTS {guard.name}" for guard in wanted]
    return drops + [_sqlite_create(guard) for guard in wanted]


def _sqlite_create(guard: Guard) -> str:
    condition = _refusal(guard, "IS NOT")
    for keys in guard.taken:
        same = " AND ".join(f"{column} = NEW.{column}" for column in keys)
        exists = f"EXISTS (SELECT 1 FROM {guard.table} WHERE {same})"
        condition = f"{condition} OR {exists}" if condition else exists
    when = f" WHEN {condition}" if condition else ""
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW{when} "
        f"BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
    )


_REFUSE = """
CREATE OR REPLACE FUNCTION kontor_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'restrict_violation'; END $$
"""


def _has_function(guard: Guard) -> bool:
    return bool(guard.parent or guard.opening or guard.looks)


def _function(guard: Guard) -> str:
    """PostgreSQL allows no query in WHEN, so a guard that looks at other tables has a function of its own."""
    back = "OLD" if guard.event == "DELETE" else "NEW"
    return f"""
CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {_refusal(guard, "IS DISTINCT FROM")} THEN
    RAISE EXCEPTION '{guard.message}' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN {back};
END $$
"""


def _postgresql_statements(wanted: Sequence[Guard]) -> list[str]:
    result = [_REFUSE]
    for guard in on_postgresql(wanted):
        if _has_function(guard):
            result.append(_function(guard))
        result.append(f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}")
        result.append(_postgresql_create(guard))
    for table in sorted({guard.table for guard in wanted}):
        result.append(f"DROP TRIGGER IF EXISTS guard_{table}_truncate ON {table}")
        result.append(
            f"CREATE TRIGGER guard_{table}_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION kontor_refuse('{table}: rows are never deleted')"
        )
    return result


def _postgresql_create(guard: Guard) -> str:
    condition = _condition(guard, "IS DISTINCT FROM")
    when = f" WHEN ({condition})" if condition and not _has_function(guard) else ""
    function = f"{guard.name}()" if _has_function(guard) else f"kontor_refuse('{guard.message}')"
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} "
        f"FOR EACH ROW{when} EXECUTE FUNCTION {function}"
    )


def _missing_postgresql(connection: Connection) -> list[str]:
    found = set(
        connection.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"))
    )
    names = [guard.name for guard in on_postgresql()]
    names += [f"guard_{t}_truncate" for t in sorted({g.table for g in GUARDS})]
    altered = _altered_functions(connection)
    return [name for name in names if name not in found or name in altered] + sorted(altered - set(names))


def on_postgresql(wanted: Sequence[Guard] = GUARDS) -> list[Guard]:
    """PostgreSQL has no REPLACE: ON CONFLICT DO UPDATE meets the guard of UPDATE."""
    return [guard for guard in wanted if guard.event != "INSERT" or guard.parent or guard.looks]


def _altered_functions(connection: Connection) -> set[str]:
    """Names of trigger functions that are gone or whose body is not the declared one."""
    bodies = {guard.name: _body(_function(guard)) for guard in on_postgresql() if _has_function(guard)}
    bodies["kontor_refuse"] = _body(_REFUSE)
    rows = connection.execute(text("SELECT proname, prosrc FROM pg_proc WHERE proname = ANY(:names)"),
                              {"names": list(bodies)})  # fmt: skip
    found = {row.proname: row.prosrc for row in rows}
    return {name for name, body in bodies.items() if found.get(name) != body}


def _body(function: str) -> str:
    return function.split("$$")[1]
