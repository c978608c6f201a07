"""The plan and its decisions are told as they are built."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config import ROOT
from jobs.schedule import TIMETABLE
from services.timetable import Daily, Every, When
from tests.docs.pages import rows, section

ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
DECISIONS = tuple(sorted((ROOT / "docs" / "adr").glob("0*.md")))
MINUTES = {1: "every minute", 10: "every ten minutes", 30: "every half hour"}


def test_the_timetable_is_the_one_that_ticks() -> None:
    table = [cells for cells in rows(section(ARCHITECTURE, "What the database holds is true")) if cells[0] != "entry"]
    assert {cells[0].strip("`"): cells[1] for cells in table} == {
        entry.name: in_words(entry.when) for entry in TIMETABLE
    }


def test_every_room_is_told_of() -> None:
    told = {cells[0].strip("`/") for cells in rows(section(ARCHITECTURE, "Rooms")) if cells[0] != "room"}
    beside = {"migrations", "benchmarks", "bootstrap", "tests"}
    rooms = {path.parent.name for path in ROOT.glob("*/*.py") if not path.parent.name.startswith(".")}
    assert rooms - beside <= told and all((ROOT / room).is_dir() for room in told)


def test_the_decisions_are_numbered_and_listed() -> None:
    assert [path.name[:4] for path in DECISIONS] == [f"{n:04d}" for n in range(1, len(DECISIONS) + 1)]
    index = (ROOT / "docs" / "adr" / "README.md").read_text()
    for path in DECISIONS:
        title = path.read_text().splitlines()[0].removeprefix(f"# {path.name[:4]} ")
        assert f"| [{path.name[:4]}]({path.name}) | {title} |" in index


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_why_what_and_what_follows(path: Path) -> None:
    headings = re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences"]


def in_words(when: When) -> str:
    if isinstance(when, Daily):
        return f"{when.at:%H:%M}"
    assert isinstance(when, Every)
    return MINUTES[when.minutes]
