"""What examining open receivables costs: a dunning run over 10,000 and over 100,000 of them.

Each case runs in a process of its own, so that its peak of memory is its own. All are overdue; of every hundred one has
a step due and is reminded, the others wait for their next level, as on an ordinary morning. Counted are the statements:
they grow with the chunks and with nothing else. The ratio compares the time for one receivable with that of the smaller
case; beside it stands the raw driver reading the same rows once.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from benchmarks.billing import Place, database, made_app, prepare
from benchmarks.billing import seed as seed_customers
from config import ROOT

CASES = (("sqlite", 10_000), ("sqlite", 100_000), ("postgresql", 10_000), ("postgresql", 100_000))
BILLED = date(2026, 11, 1)
DUE = BILLED + timedelta(14)
TODAY = DUE + timedelta(10)  # the first level was taken by all, the second is due for some
ONE_IN = 100
_READ = ("SELECT id, due_on, open_cents, dunning_level, reminded_on FROM receivables "
         "WHERE open_cents <> 0 AND open_cents > 0 AND due_on < :day AND kind = 'invoice'")  # fmt: skip


def cases(postgres: str) -> Iterator[dict[str, Any]]:
    """Run every case in its own process; gives its figures, the larger ones beside the smaller one's."""
    small: dict[str, Any] = {}
    for kind, count in CASES:
        with tempfile.TemporaryDirectory(prefix="kontor-bench-") as folder:
            arguments = [kind, str(count), folder, postgres]
            in_a_process("furnish", *arguments)
            figures = json.loads(in_a_process("measure", *arguments).splitlines()[-1])
        small[kind] = small.get(kind, figures)
        yield figures | {
            "ratio": round(figures["us_each"] / small[kind]["us_each"], 2),
            "cpu_ratio": round(figures["cpu_us_each"] / small[kind]["cpu_us_each"], 2),
            "peak_mb_more": figures["peak_mb"] - small[kind]["peak_mb"],
        }  # fmt: skip


def in_a_process(*arguments: str) -> str:
    command = [sys.executable, "-m", "benchmarks.dunning", *arguments]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def measure(kind: str, count: int, folder: Path, postgres: str) -> dict[str, Any]:
    """One case in a furnished house: run, and read raw."""
    url = f"sqlite:///{folder / 'billed.sqlite3'}" if kind == "sqlite" else database(postgres, "bench_billed")
    with made_app(Place(folder, url, url)).app_context():
        seconds, cpu, statements, chunks, report = run()
        raw = read_raw()
    done = report.done
    if (done.examined, len(done.reminded)) != (count, count // ONE_IN):
        raise SystemExit(f"examined {done.examined} of {count}, reminded {len(done.reminded)}")
    return {
        "db": kind, "receivables": count, "reminded": len(done.reminded), "chunks": chunks, "statements": statements,
        "statements_per_chunk": round(statements / chunks, 1), "examined_per_s": round(count / seconds),
        "us_each": round(seconds * 1e6 / count, 1), "cpu_us_each": round(cpu * 1e6 / count, 1),
        "seconds": round(seconds, 2), "raw_read_s": round(raw, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }  # fmt: skip


def furnish(count: int) -> None:
    """One open invoice a customer, the first level taken; of every hundred one long enough ago for the next."""
    from extensions import db
    from services import billing_run
    from services.actor import SYSTEM

    seed_customers(count)
    billing_run.bill(BILLED, SYSTEM)
    early, late = DUE - timedelta(30), DUE - timedelta(1)
    with db.engine.connect().execution_options(door="write") as connection:
        # All had their first reminder; the second comes 14 days after the due date, which is moved back for some.
        connection.execute(text("UPDATE receivables SET dunning_level = 1, reminded_on = :on, due_on = :due"),
                           {"on": late, "due": late})  # fmt: skip
        connection.execute(text(f"UPDATE receivables SET due_on = :due, reminded_on = :due WHERE id % {ONE_IN} = 0"),
                           {"due": early})  # fmt: skip
        connection.commit()
    if db.engine.dialect.name == "postgresql":  # what autovacuum does within a minute
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT", door="write") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def run() -> tuple[float, float, int, int, Any]:
    """Seconds, those of this process alone, statements, chunks, and what the run reports."""
    from extensions import db
    from services import bulk, clock, dunning_run
    from services.actor import SYSTEM

    counted = {"statements": 0}

    def note(*_: Any) -> None:
        counted["statements"] += 1

    event.listen(db.engine, "before_cursor_execute", note)
    copies = bulk.COPIES.total
    began, used = time.perf_counter(), time.process_time()
    with clock.stand_at(TODAY):
        report = dunning_run.dun(TODAY, SYSTEM)
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    event.remove(db.engine, "before_cursor_execute", note)
    chunks = db.session.execute(text("SELECT count(*) FROM dunning_chunks")).scalar_one()
    db.session.rollback()
    return seconds, cpu, counted["statements"] + bulk.COPIES.total - copies, int(chunks), report


def read_raw() -> float:
    """Seconds in which the driver reads what is examined."""
    from extensions import db

    began = time.perf_counter()
    with db.engine.connect() as connection:
        for _ in connection.execution_options(yield_per=500).execute(text(_READ), {"day": TODAY}):
            pass
    return time.perf_counter() - began


if __name__ == "__main__":
    deed, kind, size, where, server = sys.argv[1:6]
    if deed == "furnish":
        with made_app(prepare(kind, Path(where), server)).app_context():
            furnish(int(size))
    else:
        sys.stdout.write(json.dumps(measure(kind, int(size), Path(where), server)) + "\n")
