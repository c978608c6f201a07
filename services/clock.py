"""The only reader of the time.

`today()` is the day in Europe/Berlin, whatever zone the machine is in (EB-11, EB-15, EB-18); `instant()` is UTC. Tests
and the sandbox's test clock set the day with `stand_at`; a live installation refuses it (D-8, X-13).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from config import TIME_ZONE

BERLIN = ZoneInfo(TIME_ZONE)
_standing: ContextVar[datetime | None] = ContextVar("standing", default=None)


def instant() -> datetime:
    """Now, aware, in UTC."""
    return _standing.get() or datetime.now(UTC)


def today() -> date:
    """The day that contracts, invoices and due dates mean."""
    return instant().astimezone(BERLIN).date()


def berlin(moment: datetime) -> datetime:
    """An instant on the wall clock in Berlin."""
    return moment.astimezone(BERLIN)


@contextmanager
def stand_at(moment: date | datetime) -> Iterator[None]:
    """Let the clock stand at a moment; a bare date means noon in Berlin."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(12), tzinfo=BERLIN)
    token = _standing.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _standing.reset(token)
