"""The list of features, each row with the tests that hold to it."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\|\s*([A-Z][A-Z0-9]*-?[0-9][A-Za-z0-9.]*)\s*\|\s*([^|]*)\|")


@click.command()
@click.option("--json", "as_json", is_flag=True)
def command(as_json: bool) -> None:
    """Rows of docs/features.md with the tests behind them; exit 1 where a test names a row that is not there."""
    rows = dict(feature_rows(ROOT / "docs" / "features.md"))
    tests = tests_by_feature(ROOT / "tests")
    if as_json:
        report = [{"id": key, "feature": text, "tests": tests.get(key, [])} for key, text in rows.items()]
        click.echo(json.dumps({"features": report, "unknown": unknown(rows, tests)}, ensure_ascii=False, indent=1))
    else:
        _print(rows, tests)
    sys.exit(int(bool(unknown(rows, tests))))


def feature_rows(path: Path) -> Iterator[tuple[str, str]]:
    """(id, text) of each table row whose first cell is an id."""
    for line in path.read_text().splitlines() if path.exists() else ():
        match = ROW.match(line)
        if match:
            yield match.group(1), match.group(2).strip()


def tests_by_feature(folder: Path) -> dict[str, list[str]]:
    """Feature id -> tests marked with it, read from the source: nothing is imported or run."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("test_*.py")):
        for feature, test in _marks(ast.parse(path.read_text())):
            found[feature].append(f"{path.relative_to(folder.parent)}::{test}")
    return dict(found)


def unknown(rows: dict[str, str], tests: dict[str, list[str]]) -> list[str]:
    """Ids that tests name and the list does not have."""
    return sorted(set(tests) - set(rows))


def _marks(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for mark in node.decorator_list:
                yield from ((feature, node.name) for feature in _features(mark))
        elif isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "pytestmark" for t in node.targets):
            for mark in ast.walk(node.value):
                yield from ((feature, "*") for feature in _features(mark))


def _features(mark: ast.AST) -> list[str]:
    """The ids of `pytest.mark.feature("A-1", "B-2")`."""
    if not isinstance(mark, ast.Call) or not isinstance(mark.func, ast.Attribute) or mark.func.attr != "feature":
        return []
    return [str(argument.value) for argument in mark.args if isinstance(argument, ast.Constant)]


def _print(rows: dict[str, str], tests: dict[str, list[str]]) -> None:
    for key, text in rows.items():
        click.echo(f"{key:<8} {len(tests.get(key, [])):>3}  {text}")
        for test in tests.get(key, []):
            click.echo(f"              {test}")
    covered = sum(1 for key in rows if tests.get(key))
    click.echo(f"{covered} of {len(rows)} rows have a test.")
    for key in unknown(rows, tests):
        click.echo(f"unknown id {key}: {', '.join(tests[key])}", err=True)
