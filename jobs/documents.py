"""Papers to draw."""

from __future__ import annotations

from jobs import job
from services import papers, reminder_papers


@job("paper")
def draw(paper_id: int) -> None:
    papers.draw(paper_id)


@job("paper")
def draw_reminder(reminder_id: int) -> None:
    reminder_papers.draw(reminder_id)
