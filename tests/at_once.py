"""Many deeds begun in the same moment, each in a thread of its own, as two people's clicks are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from flask import Flask

from billing.errors import KontorError
from extensions import db
from services.unit import end_reading

PATIENCE = 60  # seconds; only a hang takes them


def at_once(app: Flask, deeds: Sequence[Callable[[], object]]) -> list[str]:
    """What became of them, sorted: the text that a deed gave, else "done", or the code of its refusal."""
    start, outcomes = threading.Barrier(len(deeds)), list[str]()

    def run(deed: Callable[[], object]) -> None:
        with app.app_context():
            end_reading()
            start.wait(PATIENCE)
            try:
                given = deed()
                outcomes.append(given if isinstance(given, str) else "done")
            except KontorError as error:
                outcomes.append(error.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return sorted(outcomes)
