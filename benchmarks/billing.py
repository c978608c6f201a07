"""How fast a billing run is, beside the raw driver writing the very same rows (aim: at least a quarter of it).

Each case runs in a process of its own, so that its peak of memory is its own. It bills through the same service as
`./kontor bill`, guards and all, proves the books, and then a second copy of the database as it was before the run is
filled by the bare driver, in the same order, in transactions of the same size, with the rows read back from the
first: `executemany` on SQLite, COPY on PostgreSQL, which are each driver's fastest way.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, text

from config import ROOT, Settings

DAY = date(2026, 11, 1)
CASES = (("sqlite", 10_000), ("sqlite", 100_000), ("postgresql", 10_000))
# Written before the clock starts: what the rows point to. Then the rows of the run itself, in its own order.
FRAME = ("letterheads", "text_sets", "runs", "run_chunks")
TIMED = (
    ("claims", "id"), ("invoice_lines", "invoice_id"), ("invoice_tax_lines", "invoice_id"), ("invoices", "id"),
    ("receivables", "invoice_id"), ("postings", "entry_id"), ("journal_entries", "id"), ("activities", "id"),
    ("activity_details", "activity_id"), ("messages", "invoice_id"), ("papers", "invoice_id"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where one case works: a folder, the database to bill and the copy for the raw driver."""

    folder: Path
    url: str
    raw_url: str


def cases(postgres: str) -> Iterator[dict[str, Any]]:
    """Run every case in its own process; gives its figures."""
    for kind, customers in CASES:
        with tempfile.TemporaryDirectory(prefix="kontor-bench-") as folder:
            arguments = [kind, str(customers), folder, postgres]
            command = [sys.executable, "-m", "benchmarks.billing", *arguments]
            done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
            yield json.loads(done.stdout.splitlines()[-1])


def measure(kind: str, customers: int, folder: Path, postgres: str) -> dict[str, Any]:
    """One case: seed, bill, prove, write raw."""
    place = prepare(kind, folder, postgres)
    app = made_app(place)
    with app.app_context():
        seed(customers)
    copy_database(place, postgres)
    with app.app_context():
        figures = bill(customers)
    raw_seconds = write_raw(place)
    rate, raw_rate = customers / figures.pop("seconds"), customers / raw_seconds
    return {
        "db": kind, "customers": customers, "invoices_per_s": round(rate), "raw_per_s": round(raw_rate),
        "ratio": round(rate / raw_rate, 3), **figures,
    }  # fmt: skip


def prepare(kind: str, folder: Path, postgres: str) -> Place:
    if kind == "sqlite":
        return Place(folder, f"sqlite:///{folder / 'billed.sqlite3'}", f"sqlite:///{folder / 'raw.sqlite3'}")
    for name in ("bench_billed", "bench_raw"):
        on_server(postgres, f"DROP DATABASE IF EXISTS {name}")
    on_server(postgres, "CREATE DATABASE bench_billed")
    return Place(folder, database(postgres, "bench_billed"), database(postgres, "bench_raw"))


def made_app(place: Place) -> Any:
    from app import create_app

    return create_app(
        Settings.from_environment({"KONTOR_DATA": str(place.folder), "DATABASE_URL": place.url, "SECRET_KEY": "bench"})
    )


def seed(customers: int) -> None:
    from flask_migrate import upgrade

    from extensions import db
    from services import company, load
    from services.actor import SYSTEM

    upgrade(directory=str(ROOT / "migrations"))
    company.found_company(
        SYSTEM, name="Messwerk GmbH", address="Prüfweg 1", zipcode="20095", city="Hamburg", tax_number="12/345/67890"
    )
    load.seed_load(SYSTEM, customers, DAY)
    db.session.remove()
    db.engine.dispose()


def copy_database(place: Place, postgres: str) -> None:
    """The database as it is before the run; the checkpoint belongs to the seeding, not to the run."""
    if place.url.startswith("sqlite"):
        engine = create_engine(place.url)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        shutil.copy(place.url.removeprefix("sqlite:///"), place.raw_url.removeprefix("sqlite:///"))
    else:
        on_server(postgres, "CREATE DATABASE bench_raw TEMPLATE bench_billed")
        on_server(postgres, "CHECKPOINT")


def bill(customers: int) -> dict[str, Any]:
    from extensions import db
    from services import billing_run, bulk
    from services.actor import SYSTEM
    from services.checks import check_books

    counted = {"statements": 0}

    def count(*_: Any) -> None:
        counted["statements"] += 1

    event.listen(db.engine, "before_cursor_execute", count)
    copies = bulk.COPIES.total
    report = billing_run.bill(DAY, SYSTEM)
    event.remove(db.engine, "before_cursor_execute", count)
    statements = counted["statements"] + bulk.COPIES.total - copies
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    books = check_books()
    if report.counts.issued != customers or not books.ok:
        raise SystemExit(f"issued {report.counts.issued} of {customers}, findings: {books.findings[:3]}")
    db.session.remove()
    return {
        "statements_per_chunk": round(statements / -(-customers // billing_run.CHUNK), 1),
        "peak_mb": round(peak), "peak_mb_with_check": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "check_books_s": books.seconds, "seconds": report.seconds,
    }  # fmt: skip


def write_raw(place: Place) -> float:
    """Seconds that the bare driver needs for the same rows, committed as often as the run commits."""
    from services.billing_run import CHUNK

    source, target = create_engine(place.url), create_engine(place.raw_url)
    seconds = 0.0
    with source.connect() as reading, target.connect() as writing:
        raw: Any = writing.connection.dbapi_connection
        if raw is not None and place.raw_url.startswith("sqlite"):
            settle_sqlite(raw)
        before = writing.execute(text("SELECT max(id) FROM activities")).scalar() or 0
        writing.rollback()
        for table in FRAME:
            put(raw, table, *rows_of(reading, f"SELECT * FROM {table}"))
        for table, key in (("activities", "id"), ("activity_details", "activity_id")):  # of the run itself
            query = f"SELECT * FROM {table} WHERE {key} IN (SELECT id FROM activities WHERE object_kind = 'run')"
            put(raw, table, *rows_of(reading, query))
        raw.commit()
        last = reading.execute(text("SELECT max(id) FROM invoices")).scalar() or 0
        for first in range(1, last + 1, CHUNK):
            parts = [
                (table, *rows_of(reading, chunk_of(table, key, first, min(CHUNK, last - first + 1), before)))
                for table, key in TIMED
            ]
            began = time.perf_counter()
            if place.raw_url.startswith("sqlite"):
                raw.execute("BEGIN IMMEDIATE")
            for table, columns, rows in parts:
                put(raw, table, columns, rows)
            raw.commit()
            seconds += time.perf_counter() - began
        for table, _ in TIMED:
            same = [c.execute(text(f"SELECT count(*) FROM {table}")).scalar() for c in (reading, writing)]
            if same[0] != same[1]:
                raise SystemExit(f"{table}: {same[0]} rows billed, {same[1]} written raw")
    return seconds


def chunk_of(table: str, key: str, first: int, size: int, before: int) -> str:
    """The rows of one chunk's invoices; activities come one an invoice, after those that were there."""
    if table.startswith("activit"):
        first += before + 1  # the run's own beginning took one
    return f"SELECT * FROM {table} WHERE {key} BETWEEN {first} AND {first + size - 1} ORDER BY {key}"


def settle_sqlite(raw: Any) -> None:
    """The same settings as the house's own connections."""
    from extensions import PRAGMAS

    raw.isolation_level = None
    for pragma in PRAGMAS:
        raw.execute(f"PRAGMA {pragma}")


def rows_of(connection: Connection, query: str) -> tuple[list[str], list[Any]]:
    cursor = connection.exec_driver_sql(query)
    return list(cursor.keys()), [tuple(row) for row in cursor]


def put(raw: Any, table: str, columns: list[str], rows: list[Any]) -> None:
    names = ", ".join(columns)
    if hasattr(raw, "pgconn"):
        with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        raw.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", rows)


def database(postgres: str, name: str) -> str:
    head, _, query = postgres.replace("postgresql://", "postgresql+psycopg://", 1).partition("?")
    return head.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")


def on_server(postgres: str, statement: str) -> None:
    engine = create_engine(database(postgres, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


if __name__ == "__main__":
    kind, customers, folder, postgres = sys.argv[1:5]
    sys.stdout.write(json.dumps(measure(kind, int(customers), Path(folder), postgres)) + "\n")
