"""No file needs a file that needs it: whoever is imported first, the house comes up."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from config import ROOT
from tests.test_floors import FLOORS


def circle(root: Path) -> list[str]:
    """One circle of imports, from file to file; empty where there is none."""
    try:
        TopologicalSorter(_needs(root)).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _needs(root: Path) -> Mapping[str, set[str]]:
    """Each file's name as a module, and those it imports as it is read itself."""
    files = {_module(root, path): path for room in FLOORS for path in _files(root / room)}
    return {name: {found for found in _imported(path) if found in files} - {name} for name, path in files.items()}


def _imported(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text()).body:  # inside functions it is imported when all of it is there
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files(place: Path) -> Iterator[Path]:
    single = place.with_suffix(".py")
    yield from [single] if single.is_file() else []
    yield from (path for path in sorted(place.rglob("*.py")) if path.name != "__init__.py")


def _module(root: Path, path: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts)


def test_no_file_needs_a_file_that_needs_it() -> None:
    assert circle(ROOT) == []
    assert len(_needs(ROOT)) > 400  # the reading does read


def test_a_circle_is_found(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    for name, needs in (("letters", "outbox"), ("outbox", "facts"), ("facts", "letters")):
        (tmp_path / "services" / f"{name}.py").write_text(f"from services import {needs}\n")
    assert set(circle(tmp_path)) == {"services.letters", "services.outbox", "services.facts"}
