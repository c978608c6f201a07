"""Triggers that keep what was issued as it was, on both databases (GOB-1, X-04).

The application never changes an issued row; these hold when somebody goes past the application. They are declared
once, here. `install` is called after every migration, because a table that Alembic rebuilds on SQLite loses its
triggers; `missing` names those that are not in place, for `check-books`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, inspect, text

from extensions import db


@dataclass(frozen=True, slots=True)
class Opening:
    """What a purge may do to a row that is otherwise frozen: empty the `blank` columns (name, value as SQL) once
    `purges` holds (subject, the row's `key`), and nothing else. Whether its time is over, `purges` itself is asked."""

    subject: str
    key: str
    blank: tuple[tuple[str, str], ...]


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
    opening: Opening | None = None
    looks: str = ""  # a condition that asks other tables: PostgreSQL wants a function for it

    @property
    def name(self) -> str:
        return f"guard_{self.table}_{self.event.lower()}"


def _append_only(table: str, opening: Opening | None = None) -> list[Guard]:
    said = f"{table}: rows are never changed"
    return [Guard(table, "UPDATE", said, opening=opening), Guard(table, "DELETE", said)]


def _part_of_issued(table: str, opening: Opening | None = None) -> list[Guard]:
    parent, said = ("invoice_id", "invoices", "issued_at IS NOT NULL"), f"{table}: the invoice is issued"
    return [
        Guard(table, "INSERT", said, parent=parent, taken=_id("INSERT")),
        Guard(table, "UPDATE", said, parent=parent, opening=opening),
        Guard(table, "DELETE", said, parent=parent),
    ]


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


def _year(column: str) -> str:
    """The year of a day or an instant, spelled alike for both databases."""
    return f"CAST(substr(CAST({column} AS TEXT), 1, 4) AS INTEGER)"


def _over(subject: str, day: str) -> str:
    """The row's eight years from the end of its calendar year are over, its record is erased and not held (RET-1)."""
    return (
        f"(NEW.subject = '{subject}' AND EXISTS (SELECT 1 FROM {subject} r JOIN customers m ON m.id = r.customer_id "
        "JOIN customers c ON c.id = m.survivor_id WHERE r.id = NEW.row_id AND c.erased_at IS NOT NULL "
        f"AND NOT c.legal_hold AND {_year('NEW.purged_on')} > {_year('r.' + day)} + 8))"
    )


# A live house cannot write a day that has not come; a sandbox may have moved its clock.
_NOT_YET = "NEW.purged_on > CURRENT_DATE AND NOT EXISTS (SELECT 1 FROM company WHERE mode = 'sandbox')"
PURGEABLE = {"invoices": "issued_on", "payments": "received_on", "vat_checks": "checked_at"}
_TIME_IS_OVER = " OR ".join(_over(subject, day) for subject, day in PURGEABLE.items())
_OF_INVOICE = Opening("invoices", "id", (("buyer", "'{}'"), ("buyer_name", "''"), ("customer_number", "''"),
                                         ("introtext", "''"), ("title", "''"), ("ext_uid", "NULL"),
                                         ("delivery_text", "''")))  # fmt: skip
_OF_LINE = Opening("invoices", "invoice_id", (("title", "''"), ("description", "''"), ("chosen", "NULL")))
_OF_PAYMENT = Opening("payments", "id", (("reference", "''"), ("note", "''"), ("external_key", "NULL")))
_OF_CHECK = Opening("vat_checks", "id", (("vat_id", "''"), ("reason", "''"), ("request_id", "''")))
OPENINGS = {"invoices": _OF_INVOICE, "invoice_lines": _OF_LINE, "payments": _OF_PAYMENT, "vat_checks": _OF_CHECK}

GUARDS: tuple[Guard, ...] = (
    Guard("invoices", "UPDATE", "invoices: the invoice is issued", "OLD.issued_at IS NOT NULL", opening=_OF_INVOICE),
    Guard("invoices", "DELETE", "invoices: the invoice is issued", "OLD.issued_at IS NOT NULL"),
    *_part_of_issued("invoice_lines", _OF_LINE),
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
    *_append_only("payments", _OF_PAYMENT),
    *_append_only("letterheads"),
    *_append_only("text_sets"),
    *_append_only("vat_checks", _OF_CHECK),
    *_append_only("location_evidence"),
    *_append_only("activities"),
    Guard("activity_details", "UPDATE", "activity_details: rows are never changed"),
    *_append_only("activity_seals"),
    Guard("note_versions", "UPDATE", "note_versions: a correction is a version of its own"),
    *_append_only("activity_members"),
    *_append_only("deletions"),
    *_append_only("purges"),
    Guard("purges", "INSERT", "purges: its time is not over", looks=f"({_NOT_YET}) OR NOT ({_TIME_IS_OVER})",
          taken=(("subject", "row_id"),)),
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
    wanted = [guard for guard in GUARDS if guard.table in there]
    if "purges" not in there:  # an earlier revision, in which nothing is purged
        wanted = [replace(guard, opening=None) for guard in wanted]
    for statement in statements(connection.dialect.name, wanted):
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
