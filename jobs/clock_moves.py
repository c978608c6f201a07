"""The test clock's way forward, some seconds of it."""

from __future__ import annotations

from jobs import job
from jobs.schedule import TIMETABLE
from services import clock_moves


@job("money")
def live_on(_move_id: int) -> None:
    clock_moves.work(TIMETABLE)
