"""The nightly check of the books. It reads everything, so it has a longer time than other jobs."""

from __future__ import annotations

from datetime import datetime

from jobs import job
from services import checks, clock, reports, timetable

SECONDS = 3600


@job("paper")
def check_books(slot: str) -> None:
    """`slot` is the timetable's time in ISO form; it is done when the report is ordered."""
    books = checks.check_books()
    reports.report_books(clock.today(), len(books.findings) + books.more, books.findings, books.notes)
    timetable.note_done("check_books", datetime.fromisoformat(slot))
