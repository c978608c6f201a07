"""Many deeds begun in the same moment, each in a thread of its own, as two people's clicks are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextvars import copy_context

from flask import Flask
from sqlalchemy import text

from billing.errors import KontorError
from extensions import db
from services.sql import dialect
from services.unit import end_reading, write

PATIENCE = 60  # seconds; only a hang takes them
SOMEBODY_WAITS = text("SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)) LIMIT 1")

Deed = Callable[[], object]


def at_once(app: Flask, deeds: Sequence[Deed]) -> list[str]:
    """What became of them, sorted: the text that a deed gave, else "done", or the code of its refusal."""
    start, outcomes = threading.Barrier(len(deeds)), list[str]()
    threads = [_begun(app, deed, outcomes, lambda: start.wait(PATIENCE)) for deed in deeds]
    for thread in threads:
        thread.join(PATIENCE)
    return sorted(outcomes)


def one_waits(app: Flask, first: Deed, second: Deed) -> str:
    """The first deed is done and not yet committed when the second one begins; what became of the second, which waits
    for the first or does not need to."""
    begun, outcomes = threading.Event(), list[str]()
    with write() as session:
        first()
        session.flush()
        thread = _begun(app, second, outcomes, begun.set)
        begun.wait(PATIENCE)
        while dialect() == "postgresql" and thread.is_alive() and not _somebody_waits():
            thread.join(0.01)
    thread.join(PATIENCE)
    return outcomes[0]


def _begun(app: Flask, deed: Deed, outcomes: list[str], ready: Deed) -> threading.Thread:
    """A thread with a connection of its own, at the time at which the clock of this one stands."""

    def run() -> None:
        with app.app_context():
            end_reading()
            ready()
            try:
                given = deed()
                outcomes.append(given if isinstance(given, str) else "done")
            except KontorError as error:
                outcomes.append(error.code)
            finally:
                db.session.remove()

    thread = threading.Thread(target=copy_context().run, args=(run,))
    thread.start()
    return thread


def _somebody_waits() -> bool:
    """For the transaction that is open here."""
    db.session.execute(text("SELECT pg_stat_clear_snapshot()"))
    return db.session.scalar(SOMEBODY_WAITS) is not None
