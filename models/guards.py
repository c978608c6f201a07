"""Triggers that keep what was issued as it was, on both databases (GOB-1, X-04).

The application never changes an issued row; these hold when somebody goes past the application. They are declared
once, here. `install` is called after every migration, because a table that Alembic rebuilds on SQLite loses its
triggers; `missing` names those that are not in place, for `check-books`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuse `event` on `table` where `when` holds (empty: always).

    `differs` names columns that may not change; `parent` (key column, parent table, condition) refuses where the
    parent row meets the condition; `taken` lists unique keys whose row must not be there yet. The last is for SQLite's
    INSERT OR REPLACE, which deletes the row that stands there without asking the guard of DELETE.
    """

    table: str
    event: str
    message: str
    when: str = ""
    differs: tuple[str, ...] = ()
    parent: tuple[str, str, str] | None = None
    taken: tuple[tuple[str, ...], ...] = ()

    @property
    def name(self) -> str:
        return f"guard_{self.table}_{self.event.lower()}"


def _append_only(table: str) -> list[Guard]:
    return [Guard(table, event, f"{table}: rows are never changed") for event in ("UPDATE", "DELETE")]


def _part_of_issued(table: str) -> list[Guard]:
    parent = ("invoice_id", "invoices", "issued_at IS NOT NULL")
    events = ("INSERT", "UPDATE", "DELETE")
    return [Guard(table, e, f"{table}: the invoice is issued", parent=parent, taken=_id(e)) for e in events]


def _id(event: str) -> tuple[tuple[str, ...], ...]:
    return (("id",),) if event == "INSERT" else ()


def _never_replaced(table: str, *keys: tuple[str, ...]) -> Guard:
    """Only keys that no statement of ours meets with ON CONFLICT DO NOTHING: a guard cannot tell that from REPLACE."""
    return Guard(table, "INSERT", f"{table}: a row that stands is never replaced", taken=keys or (("id",),))


def _given_back(table: str, *fixed: str) -> list[Guard]:
    """A use of credit: it stays, and only giving it back changes it, once."""
    return [
        Guard(table, "DELETE", f"{table}: rows are never deleted"),
        Guard(table, "UPDATE", f"{table}: only giving it back changes a use", "OLD.released_at IS NOT NULL",
              ("id", *fixed)),
    ]  # fmt: skip


GUARDS: tuple[Guard, ...] = (
    Guard("invoices", "UPDATE", "invoices: the invoice is issued", "OLD.issued_at IS NOT NULL"),
    Guard("invoices", "DELETE", "invoices: the invoice is issued", "OLD.issued_at IS NOT NULL"),
    *_part_of_issued("invoice_lines"),
    *_part_of_issued("invoice_tax_lines"),
    *_append_only("journal_entries"),
    Guard(
        "postings",
        "INSERT",
        "postings: the entry is closed",
        parent=("entry_id", "journal_entries", "TRUE"),
        taken=(("id",),),
    ),
    *_append_only("postings"),
    *_append_only("payments"),
    *_append_only("letterheads"),
    *_append_only("text_sets"),
    *_append_only("vat_checks"),
    *_append_only("location_evidence"),
    *_append_only("activities"),
    Guard("activity_details", "UPDATE", "activity_details: rows are never changed"),
    *_append_only("activity_seals"),
    Guard("note_versions", "UPDATE", "note_versions: a correction is a version of its own"),
    *_append_only("activity_members"),
    *_append_only("deletions"),
    Guard("claims", "DELETE", "claims: a claim is released, never deleted"),
    Guard(
        "claims",
        "UPDATE",
        "claims: only a release changes a claim",
        when="OLD.released_at IS NOT NULL OR OLD.state <> NEW.state AND OLD.state <> 'reserved'",
        differs=("id", "item_id", "kind", "period_start", "period_end"),
    ),
    Guard("usage_records", "DELETE", "usage_records: what was billed stays", "OLD.claim_id IS NOT NULL"),
    Guard(
        "usage_records",
        "UPDATE",
        "usage_records: only billing changes a record",
        differs=("id", "external_id", "subscription_id", "item_id", "product_id", "quantity", "unit_price",
                 "currency_code", "vat_category", "used_on", "recorded_on"),
    ),
    Guard("coupon_redemptions", "DELETE", "coupon_redemptions: rows are never deleted"),
    *_given_back("coupon_uses", "redemption_id", "billing_on", "invoice_id", "cents"),
    Guard("credit_grants", "DELETE", "credit_grants: rows are never deleted"),
    Guard(
        "credit_grants",
        "UPDATE",
        "credit_grants: what was granted stays",
        differs=("id", "currency_code", "amount_cents"),
    ),
    *_given_back("credit_uses", "grant_id", "invoice_id", "cents"),
    Guard("receivables", "DELETE", "receivables: rows are never deleted"),
    Guard(
        "receivables",
        "UPDATE",
        "receivables: what was owed stays",
        differs=("id", "kind", "customer_id", "invoice_id", "currency_code", "amount_cents"),
    ),
    Guard("sequences", "DELETE", "sequences: counters are never deleted"),
    Guard(
        "sequences",
        "UPDATE",
        "sequences: a number is never used again",
        when="NEW.next_value < OLD.next_value",
        differs=("id", "range_id", "year", "first_value"),
    ),
    Guard("files", "UPDATE", "files: stored bytes stay", differs=("id", "storage_key", "sha256", "size")),
    Guard(
        "papers",
        "UPDATE",
        "papers: a drawn paper stays",
        # Its link may still be revoked or replaced. NULL is named: the databases spell a NULL-safe <> differently.
        when="OLD.file_id IS NOT NULL AND (NEW.file_id IS NULL OR NEW.file_id <> OLD.file_id OR NEW.state <> OLD.state "
        "OR NEW.invoice_id <> OLD.invoice_id OR NEW.kind <> OLD.kind OR NEW.drawn_at IS NULL "
        "OR NEW.drawn_at <> OLD.drawn_at)",
    ),
    Guard("papers", "DELETE", "papers: a drawn paper stays", "OLD.file_id IS NOT NULL"),
    Guard("files", "DELETE", "files: a stored file is erased, its row stays"),
    _never_replaced("invoices", ("id",), ("number",), ("range_id", "number_year", "number_value")),
    _never_replaced("journal_entries"),
    _never_replaced("payments", ("id",), ("entry_id",), ("external_key",), ("reverses_id",), ("moved_from_id",)),
    _never_replaced("letterheads", ("id",), ("digest",)),
    _never_replaced("text_sets", ("id",), ("digest",)),
    _never_replaced("vat_checks"),
    _never_replaced("location_evidence", ("invoice_id",)),
    _never_replaced("activities"),
    _never_replaced("activity_details", ("activity_id",)),
    _never_replaced("note_versions", ("id",), ("note_id", "version")),
    _never_replaced("activity_seals", ("id",), ("seal",)),
    _never_replaced("activity_members", ("activity_id",)),
    _never_replaced("deletions"),
    _never_replaced("claims"),
    _never_replaced("receivables", ("id",), ("invoice_id",)),
    _never_replaced("sequences", ("id",), ("range_id", "year")),
    _never_replaced("files", ("id",), ("storage_key",)),
    _never_replaced("papers", ("id",), ("token",), ("invoice_id", "kind")),
)  # fmt: skip


def install(connection: Connection) -> None:
    """Put every guard in place anew; safe to repeat. A table that an earlier revision does not have yet has none."""
    there = set(inspect(connection).get_table_names())
    for statement in statements(connection.dialect.name, [guard for guard in GUARDS if guard.table in there]):
        connection.exec_driver_sql(statement)


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


def _row(guard: Guard) -> str:
    return "NEW" if guard.event == "INSERT" else "OLD"


def _sqlite_statements(wanted: Sequence[Guard]) -> list[str]:
    drops = [f"DROP TRIGGER IF EXISTS {guard.name}" for guard in wanted]
    return drops + [_sqlite_create(guard) for guard in wanted]


def _sqlite_create(guard: Guard) -> str:
    condition = _condition(guard, "IS NOT")
    if guard.parent:
        key, table, holds = guard.parent
        condition = f"EXISTS (SELECT 1 FROM {table} WHERE id = {_row(guard)}.{key} AND {holds})"
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


def _parent_function(guard: Guard) -> str:
    """PostgreSQL allows no query in WHEN, so a guard that looks at its parent has a function of its own."""
    key, table, holds = guard.parent or ("", "", "")
    back = "OLD" if guard.event == "DELETE" else "NEW"
    return f"""
CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM {table} WHERE id = {_row(guard)}.{key} AND {holds}) THEN
    RAISE EXCEPTION '{guard.message}' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN {back};
END $$
"""


def _postgresql_statements(wanted: Sequence[Guard]) -> list[str]:
    result = [_REFUSE]
    for guard in on_postgresql(wanted):
        if guard.parent:
            result.append(_parent_function(guard))
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
    when = f" WHEN ({condition})" if condition and not guard.parent else ""
    function = f"{guard.name}()" if guard.parent else f"kontor_refuse('{guard.message}')"
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
    return [guard for guard in wanted if guard.event != "INSERT" or guard.parent]


def _altered_functions(connection: Connection) -> set[str]:
    """Names of trigger functions that are gone or whose body is not the declared one."""
    bodies = {guard.name: _body(_parent_function(guard)) for guard in GUARDS if guard.parent}
    bodies["kontor_refuse"] = _body(_REFUSE)
    rows = connection.execute(text("SELECT proname, prosrc FROM pg_proc WHERE proname = ANY(:names)"),
                              {"names": list(bodies)})  # fmt: skip
    found = {row.proname: row.prosrc for row in rows}
    return {name for name, body in bodies.items() if found.get(name) != body}


def _body(function: str) -> str:
    return function.split("$$")[1]
