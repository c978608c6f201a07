"""TICK. RQ: ids in, one service call, nothing decided here. The database is the truth, a job only looks at a row.

Every job may run twice, late or never: the services are safe to repeat, and the sweeper rings again (EB-64).
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, has_app_context
from rq import get_current_job

from billing.errors import KontorError
from safety import trace_of
from services import clock

logger = logging.getLogger("kontor.jobs")
_apps: list[Flask] = []  # the latest made: for a worker that was not started inside an application's context


class JobFailed(Exception):
    """What a failed job leaves in the queue's server: the kind of failure, nothing of its values (S19)."""


def init_app(app: Flask) -> None:
    """Joined by app.py."""
    _apps[:] = [app]


def job(queue: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A job of that queue: runs in an application context of its own and logs ids and durations only.

    An expected failure (KontorError) stands in the row that the service left, so the job is done with it.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def run(*ids: int | str) -> None:
            with _app().app_context(), clock.adopted():
                _run(function, ids)

        vars(run)["queue"] = queue
        return run

    return decorate


def _run(function: Callable[..., None], ids: tuple[int | str, ...]) -> None:
    began = time.monotonic()
    name = f"{function.__module__}.{function.__name__}{ids}"
    current = get_current_job()
    told = f"{name} [{current.id if current else 'by hand'}]"
    try:
        function(*ids)
    except KontorError as error:
        logger.warning("%s: %s", told, error)
    except Exception as error:
        logger.error("%s failed: %s", told, trace_of(error))
        raise JobFailed(type(error).__name__) from None
    else:
        logger.info("%s done in %.2f s", told, time.monotonic() - began)


def _app() -> Any:
    if has_app_context():
        return current_app._get_current_object()
    return _apps[0]
