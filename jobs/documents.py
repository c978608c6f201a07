"""Papers to draw."""

from __future__ import annotations

from jobs import job
from services import papers


@job("paper")
def draw(paper_id: int) -> None:
    papers.draw(paper_id)
