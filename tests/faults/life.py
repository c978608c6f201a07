"""A house without its queue's server: bells are answered here, in order, and whoever lives on hears of all that waits.

Papers are stored with nothing on them: what is drawn takes a second each and is no matter here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from flask import current_app
from werkzeug.utils import import_string

from extensions import queues
from jobs import schedule
from services import clock, paper_drawing, reminder_papers, sweep
from services.timetable import Entry
from services.unit import end_reading

Deed = Callable[[], object]
Bells = list[tuple[str, tuple[Any, ...]]]
MOST = 500  # bells in one go; more is a circle
BY_NAME = {entry.name: entry for entry in schedule.TIMETABLE}


@contextmanager
def empty_papers() -> Iterator[None]:
    drawn, letters = paper_drawing._pdf, reminder_papers._drawn
    paper_drawing._pdf = lambda paper, _xml: f"%PDF {paper.number}".encode()
    reminder_papers._drawn = lambda reminder_id, _attempts: (f"%PDF {reminder_id}".encode(), "letter.pdf")
    try:
        yield
    finally:
        paper_drawing._pdf, reminder_papers._drawn = drawn, letters


@contextmanager
def bells() -> Iterator[Bells]:
    """Who is rung for, as the queue's server would hear it."""
    rung: Bells = []

    def hear(name: str, waiting: Sequence[Any]) -> bool:
        rung.extend((bell.func, bell.args) for bell in waiting)
        return True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queues, "_enqueue", hear)
        yield rung


def answer(rung: Bells) -> None:
    """The workers: the job of each bell, and of those that ring meanwhile."""
    for _ in range(MOST):
        if not rung:
            return
        function, ids = rung.pop(0)
        import_string(function)(*ids)
    raise AssertionError(f"it rings and rings: {rung[0]}")


def begin(at: datetime, deed: Deed | None, entries: Sequence[Entry], tell: Deed) -> None:
    """Somebody's deed or the timetable's, and all that follows from it at once."""
    with clock.stand_at(at), bells() as rung:
        if deed is not None:
            deed()
        schedule.tick(current_app, tuple(entries))
        end_reading()  # else a connection stays taken while others work
        answer(rung)
        tell()
        answer(rung)


def live_on(at: datetime, entries: Sequence[Entry], tell: Deed) -> None:
    """The timetable, the provider's news and the sweeper, at that time."""
    with clock.stand_at(at), bells() as rung:
        schedule.tick(current_app, tuple(entries))
        end_reading()  # else a connection stays taken while others work
        answer(rung)
        tell()
        sweep.sweep()
        answer(rung)
