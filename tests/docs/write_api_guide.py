"""Writes the services into docs/guides/api.md: `.venv/bin/python -m tests.docs.write_api_guide`."""

from __future__ import annotations

import re

from api.reference import markdown
from config import ROOT

GUIDE = ROOT / "docs" / "guides" / "api.md"
BEGIN, END = "<!-- services: begin -->", "<!-- services: end -->"


def renewed(guide: str) -> str:
    """The guide's text with the part between the marks made anew from the declarations."""
    head, _, rest = guide.partition(BEGIN)
    tail = rest.partition(END)[2]
    return f"{head}{BEGIN}\n\n{services()}\n{END}{tail}"


def services() -> str:
    """The reference, one level deeper: its services are sections of the guide."""
    return re.sub("^##", "###", markdown().rstrip(), flags=re.MULTILINE) + "\n"


if __name__ == "__main__":
    GUIDE.write_text(renewed(GUIDE.read_text()))
