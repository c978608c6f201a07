"""Whatever a page points to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config import ROOT
from tests.docs.pages import PAGES, name_of, prose, spans

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# A path as people write it: a room, a slash, a file, perhaps a star.
PATH = re.compile(
    r"(?<![\w./])(?:admin|api|benchmarks|billing|bootstrap|commands|docs|documents|gateways|hosted_pages|jobs|migrations|models"
    r"|queries|services|static|templates|tests|translations|\.ci)/[\w./*-]*"
)
OUTSIDE = ("http://", "https://", "mailto:")
# What the pages must not lean on: folders that only somebody's own machine has.
ELSEWHERE = re.compile(r"(?<![\w.])/(?:home|mnt|opt|root|tmp|usr|work)/")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = [target for target in LINK.findall(prose(page.read_text())) if not leads_somewhere(page, target)]
    assert not broken, f"{name_of(page)}: {broken}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    named = [path for span in spans(page.read_text()) for path in PATH.findall(span.partition("::")[0])]
    missing = [path for path in named if not list(ROOT.glob(path.rstrip("/")))]
    assert not missing, f"{name_of(page)}: {missing}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_page_leans_on_somebodys_own_machine(page: Path) -> None:
    assert not ELSEWHERE.findall(page.read_text())


def test_every_page_is_reached_from_the_first_one() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        targets = (target.partition("#")[0] for target in LINK.findall(page.read_text()))
        waiting += [(page.parent / target).resolve() for target in targets if target and not target.startswith(OUTSIDE)]
    assert reached == set(PAGES)


def test_every_guide_stands_on_the_first_page() -> None:
    first = LINK.findall((ROOT / "README.md").read_text())
    assert {f"docs/guides/{guide.name}" for guide in (ROOT / "docs" / "guides").glob("*.md")} <= set(first)


def test_a_broken_link_would_be_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One heading\n")
    assert leads_somewhere(page, "#one-heading") and leads_somewhere(page, "page.md#one-heading")
    assert not leads_somewhere(page, "#another") and not leads_somewhere(page, "other.md")


def leads_somewhere(page: Path, target: str) -> bool:
    if target.startswith(OUTSIDE):
        return True
    name, _, anchor = target.partition("#")
    there = page.parent / name if name else page
    return there.exists() and (not anchor or anchor in anchors(there.read_text()))


def anchors(text: str) -> set[str]:
    """The names that headings get: lower case, blanks as hyphens, no punctuation."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(prose(text))}
