"""The pages of the documentation as text, and what they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from config import ROOT

PAGES = tuple(sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]))
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language, without their indentation."""
    found = [match for match in _FENCE.finditer(text) if match[2] == language]
    return [re.sub(f"^{match[1]}", "", match[3], flags=re.MULTILINE) for match in found]


def prose(text: str) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", text)


def spans(text: str) -> list[str]:
    """What stands in backticks outside fenced blocks; a span may go over a line's end."""
    return _SPAN.findall(re.sub(r"(?<=[\w,|-]) *\n *(?=[\w/-])", " ", prose(text)))


def section(text: str, title: str) -> str:
    """What stands under a heading of the second level."""
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(text: str) -> Iterator[list[str]]:
    """The cells of every row of every table."""
    for line in prose(text).splitlines():
        if line.startswith("|") and not line.startswith("|---"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
