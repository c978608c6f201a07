"""The timetable as a process of its own."""

from __future__ import annotations

import logging
import signal
import threading
from typing import TYPE_CHECKING

import click

from commands.supervisor.logs import log_to_standard_error

if TYPE_CHECKING:
    from flask import Flask

EVERY = 5.0  # seconds

logger = logging.getLogger("kontor.tick")


@click.command()
def command() -> None:
    """Look at the timetable every few seconds. Any number may run: each slot is taken once, in the database."""
    from app import create_app

    log_to_standard_error()
    tick_on(create_app())


def tick_on(app: Flask) -> None:
    """Tick until SIGTERM or Ctrl-C. A failed tick is logged, and the next one tries again."""
    from jobs import schedule

    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ending.set())
    while not ending.is_set():
        with app.app_context():
            try:
                schedule.tick(app)
            except Exception:
                logger.exception("the timetable's tick failed")  # safety.py keeps the values out of it
        ending.wait(EVERY)
