"""An import runs downwards only (docs: architecture, "The floors"). Whoever takes a wrong stair is named here."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from config import ROOT

FLOORS = {
    "billing": 0, "bootstrap": 0,
    "config": 1, "extensions": 1, "safety": 1,
    "models": 2, "gateways": 2, "documents": 2,
    "services": 3, "queries": 3, "migrations": 3,
    "jobs": 4, "admin": 4, "hosted_pages": 4, "api": 4,
    "app": 5, "commands": 5, "benchmarks": 5,
}  # fmt: skip
# Rooms of one floor that know each other, and by which module: looking needs the clock and the reading door,
# what a job keeps of the months is what looking measured, a statement of account prints what looking found, and who
# belongs to a record, and what was taken twice, is one question for both.
NEIGHBOURS = (
    ("safety", "config"), ("queries", "services.clock"), ("queries", "services.unit"), ("services", "queries.measures"),
    ("services", "queries.account"), ("services", "queries.family"), ("services", "queries.taken_twice"),
    ("commands", "app"), ("commands", "benchmarks"), ("benchmarks", "app"),
)  # fmt: skip
STANDARD_LIBRARY_ONLY = frozenset({"billing", "bootstrap"})
# The actor is a parameter: who asks, and by which request, is known on floor 4 alone.
OF_THE_REQUEST = frozenset({"request", "session", "g", "after_this_request", "copy_current_request_context"})
WITHOUT_REQUEST = frozenset({"billing", "config", "models", "gateways", "documents", "services", "queries"})
# billing has no clock and does no I/O: neither the modules nor the calls that would bring them in.
IMPURE_MODULES = frozenset(
    (
        *("asyncio", "glob", "http", "io", "locale", "logging", "multiprocessing", "os", "pathlib", "random"),
        *("secrets", "shutil", "socket", "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib", "uuid"),
        "zoneinfo",
    )
)
# Half a second of imports, which every command, every worker and every test's own process would pay.
DEAR = frozenset({"Adyen", "lxml", "pypdf", "reportlab", "stripe", "xhtml2pdf", "xlsxwriter"})
IMPURE_CALLS = frozenset({"now", "today", "utcnow", "fromtimestamp", "open", "print", "input"})


@dataclass(frozen=True, slots=True)
class Stair:
    """One import as it stands in the source: the module, and the name taken from it ('' for the module itself)."""

    file: Path
    line: int
    module: str
    name: str

    @property
    def room(self) -> str:
        return self.module.partition(".")[0]


def wrong_stairs(root: Path) -> list[str]:
    """Every import under `root` that goes up, to a sibling, or out of what its room may use: "file:line reason"."""
    return [f"{stair.file.relative_to(root)}:{stair.line} {reason}"
            for stair in _stairs(root) if (reason := _objection(root, stair))]  # fmt: skip


def impurities(root: Path) -> list[str]:
    """Clocks and I/O inside billing: "file:line what"."""
    found = []
    for file in _sources(root / "billing"):
        for node in ast.walk(_tree(file)):
            if isinstance(node, ast.Call) and _called(node) in IMPURE_CALLS:
                found.append(f"{file.relative_to(root)}:{node.lineno} calls {_called(node)}()")
    modules = (s for s in _stairs(root) if _room_of(root, s.file) == "billing" and s.room in IMPURE_MODULES)
    return found + [f"{s.file.relative_to(root)}:{s.line} imports {s.module}" for s in modules]


def dear_starts(root: Path) -> list[str]:
    """What draws or writes files and is imported by everybody who imports the app: "file:line library"."""
    waiting, seen, found = ["app"], set[Path](), []
    while waiting:
        place = root / waiting.pop().replace(".", "/")
        file = next((each for each in (place.with_suffix(".py"), place / "__init__.py") if each.is_file()), None)
        if file is None or file in seen:
            continue
        seen.add(file)
        for stair in _imports(root, file, _tree(file).body):
            waiting += [stair.module, f"{stair.module}.{stair.name}"]
            if stair.room in DEAR:
                found.append(f"{stair.file.relative_to(root)}:{stair.line} {stair.room}")
    return found


def _objection(root: Path, stair: Stair) -> str:
    here, there = _room_of(root, stair.file), stair.room
    if there == "flask":
        return f"{here} imports flask.{stair.name}" if here in WITHOUT_REQUEST and stair.name in OF_THE_REQUEST else ""
    if there not in FLOORS:
        outside = here in STANDARD_LIBRARY_ONLY and there not in sys.stdlib_module_names
        return f"{here} may use the standard library only, not {stair.module}" if outside else ""
    if here == there or FLOORS[there] < FLOORS[here] or _neighbours(here, stair):
        return ""
    return f"{here} (floor {FLOORS[here]}) imports {stair.module} (floor {FLOORS[there]})"


def _neighbours(here: str, stair: Stair) -> bool:
    return any(here == room and known in (stair.module, f"{stair.module}.{stair.name}") for room, known in NEIGHBOURS)


def _stairs(root: Path) -> Iterator[Stair]:
    for room in FLOORS:
        for file in _sources(root / room):
            yield from _imports(root, file, ast.walk(_tree(file)))


def _imports(root: Path, file: Path, nodes: Iterable[ast.AST]) -> Iterator[Stair]:
    """The imports among the nodes, of a whole file also those inside functions and for types only; and attributes of a
    whole `flask`."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (Stair(file, node.lineno, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(root, file, node)
            yield from (Stair(file, node.lineno, module or alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "flask":
            yield Stair(file, node.lineno, "flask", node.attr)


def _absolute(root: Path, file: Path, node: ast.ImportFrom) -> str:
    """`from ..x import y` counted from the file's own place; `from . import x` outside a package is nothing."""
    if not node.level:
        return node.module or ""
    package = file.relative_to(root).parent.parts
    return ".".join((*package[: len(package) - node.level + 1], *filter(None, [node.module])))


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def _sources(place: Path) -> Iterator[Path]:
    """A room is a folder or one file; what is not there (yet) has no imports."""
    single = place.with_suffix(".py")
    yield from [single] if single.is_file() else []
    yield from sorted(place.rglob("*.py"))


def _room_of(root: Path, file: Path) -> str:
    return file.relative_to(root).parts[0].removesuffix(".py")


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def test_every_import_runs_downwards() -> None:
    assert wrong_stairs(ROOT) == []


def test_billing_asks_no_clock_and_does_no_input_or_output() -> None:
    assert impurities(ROOT) == []


def test_what_draws_is_imported_by_who_draws_and_not_at_every_start() -> None:
    assert dear_starts(ROOT) == []


def test_a_dear_start_is_named(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import admin")
    (tmp_path / "admin").mkdir()
    (tmp_path / "admin/__init__.py").write_text("from admin import pages")
    (tmp_path / "admin/pages.py").write_text("def draw():\n    import lxml\n\nfrom reportlab.lib import units")
    assert dear_starts(tmp_path) == ["admin/pages.py:4 reportlab"]


def test_every_room_of_the_house_stands_on_a_floor() -> None:
    """A new folder with Python in it has to be given its floor above, or this reading would pass it by."""
    folders = {path.parent.relative_to(ROOT).parts[0] for path in ROOT.glob("*/*.py")}
    files = {path.stem for path in ROOT.glob("*.py")}
    rooms = {name for name in folders | files if not name.startswith(".")}
    assert rooms - {"tests", "var"} <= FLOORS.keys()
    assert len(list(_stairs(ROOT))) > 500  # the reading does read


@pytest.mark.parametrize(
    ("file", "source", "found"),
    [
        ("billing/money.py", "import sqlalchemy", "billing/money.py:1 billing may use the standard library only"),
        ("billing/money.py", "\nfrom models import Invoice", "billing/money.py:2 billing (floor 0) imports models"),
        ("config.py", "import services.clock", "config.py:1 config (floor 1) imports services.clock (floor 3)"),
        ("models/invoices.py", "from gateways import smtp", "models (floor 2) imports gateways (floor 2)"),
        ("documents/invoice.py", "from models import Invoice", "documents (floor 2) imports models (floor 2)"),
        ("services/issue.py", "def f():\n    from jobs import documents", "services/issue.py:2 services (floor 3)"),
        ("services/issue.py", "from queries.invoices import x", "services (floor 3) imports queries.invoices"),
        ("services/issue.py", "from flask import g, current_app", "services/issue.py:1 services imports flask.g"),
        ("queries/lists/a.py", "import flask\nx = flask.request", "queries/lists/a.py:2 queries imports flask.request"),
        ("queries/runs.py", "from services import billing_run", "queries (floor 3) imports services (floor 3)"),
        ("admin/views.py", "from api import registry", "admin (floor 4) imports api (floor 4)"),
        ("api/v1/a.py", "from ...jobs import schedule", "api (floor 4) imports jobs (floor 4)"),
        ("jobs/__init__.py", "if TYPE_CHECKING:\n    from app import create_app", "jobs/__init__.py:2 jobs (floor 4)"),
    ],
)
def test_a_wrong_stair_is_named_with_file_and_line(tmp_path: Path, file: str, source: str, found: str) -> None:
    """The negative control: a made-up house in which one import is wrong."""
    place = tmp_path / file
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(source)
    (wrong,) = wrong_stairs(tmp_path)
    assert found in wrong


@pytest.mark.parametrize("source", ["from datetime import date\nx = date.today()", "import time", "x = open('f')"])
def test_a_clock_or_a_file_in_billing_is_named(tmp_path: Path, source: str) -> None:
    (tmp_path / "billing").mkdir()
    (tmp_path / "billing" / "periods.py").write_text(source)
    (found,) = impurities(tmp_path)
    assert found.startswith("billing/periods.py:")


def test_right_stairs_are_taken_in_silence(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "a.py").write_text(
        "import os\nfrom flask import current_app\nfrom billing.money import Money\nfrom models import Invoice\n"
        "from services import clock\nfrom . import unit\n"
    )
    assert wrong_stairs(tmp_path) == []
