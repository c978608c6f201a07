"""The only reader of the time, and there are two of them (docs/adr/0022).

`today()` and `instant()` are the house's time: the day in Berlin, whatever zone the machine is in (EB-11, EB-15,
EB-18), which a sandbox's test clock may have moved forward (X-13). `real()` is the time of the world outside: for
whatever protects an access (sessions, links, codes) or is shared with machines (leases, next attempts, slots).

How far the test clock was moved stands in the database. Each request, job and command looks at most once, when it
first asks for the day, and a live installation never asks again. Tests and the demo's past set both with `stand_at`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import current_app, has_app_context
from sqlalchemy import select

from config import TIME_ZONE
from extensions import db
from models import ClockMove, Company

BERLIN = ZoneInfo(TIME_ZONE)
UNMOVED = timedelta()
_IS_LIVE = "kontor_clock_is_real"  # whether a house is live is set once, when it is founded
_standing: ContextVar[datetime | None] = ContextVar("standing", default=None)
_moved: ContextVar[timedelta | None] = ContextVar("moved", default=UNMOVED)  # None: nobody has looked yet


def instant() -> datetime:
    """Now in this house, aware, in UTC."""
    return real() + moved_by()


def today() -> date:
    """The day that contracts, invoices and due dates mean."""
    return instant().astimezone(BERLIN).date()


def real() -> datetime:
    """Now in the world outside, aware, in UTC: no test clock lets a session, a link, a code or a lease grow old."""
    return _standing.get() or datetime.now(UTC)


def moved_by() -> timedelta:
    """How far the test clock is ahead of the world."""
    found = _moved.get()
    if found is None:
        found = _look()
        _moved.set(found)
    return found


def berlin(moment: datetime) -> datetime:
    """An instant on the wall clock in Berlin."""
    return moment.astimezone(BERLIN)


@contextmanager
def adopted() -> Iterator[None]:
    """Whatever happens in here asks the database once how far the test clock was moved."""
    token = _moved.set(None)
    try:
        yield
    finally:
        _moved.reset(token)


def arrive() -> None:
    """The same for a request, whose end is told by `leave`."""
    _moved.set(None)


def leave() -> None:
    _moved.set(UNMOVED)


def adopt(moved: timedelta) -> None:
    """From now on in this context, as the database says since this moment: for who moves the clock."""
    _moved.set(moved)


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


def _look() -> timedelta:
    """One statement, which writes nothing along: somebody may be in the middle of a deed."""
    if not has_app_context() or _IS_LIVE in current_app.extensions:
        return UNMOVED
    moved = select(ClockMove.offset_seconds).order_by(ClockMove.id.desc()).limit(1).scalar_subquery()
    with db.session.no_autoflush:
        row = db.session.execute(select(Company.mode, moved)).one_or_none()
    if row is None:
        return UNMOVED
    if row[0] == "live":
        current_app.extensions[_IS_LIVE] = True
    return timedelta(seconds=row[1] or 0)
