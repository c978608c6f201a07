"""The write door. Everything that changes the database goes through `write()`; nothing else commits.

A public service opens it and commits once. Called from another service it joins the transaction that is open, so a
deed made of several deeds is still all or nothing. No provider, mail or PDF call happens inside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from extensions import db

_WRITING = "kontor_writing"
T = TypeVar("T")


@contextmanager
def write() -> Iterator[Session]:
    """Open the write door, or join the one that is open; commit at the outermost end, roll back on any error."""
    session = cast(Session, db.session())
    if _WRITING in session.info:
        yield session
        return
    _leave_reading(session)
    session.info[_WRITING] = []
    try:
        session.connection(execution_options={"door": "write"})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        session.info.pop(_WRITING)
        raise
    for ring in session.info.pop(_WRITING):
        ring()


def insistent(deed: Callable[[], T]) -> T:
    """Do it, and after a deadlock or a lock that timed out the whole transaction again, up to five times (F7)."""
    for attempt in range(4):
        try:
            return deed()
        except OperationalError:
            time.sleep(0.05 * 2**attempt)
    return deed()


def after_commit(ring: Callable[[], None]) -> None:
    """Do this once the open transaction has committed, such as ringing the queue; forgotten on a rollback."""
    session = cast(Session, db.session())
    rings: list[Callable[[], None]] = session.info[_WRITING]
    rings.append(ring)


def end_reading() -> None:
    """Close a read transaction, so that a long loop always looks at the newest state."""
    session = cast(Session, db.session())
    if _WRITING not in session.info:
        _leave_reading(session)


def _leave_reading(session: Session) -> None:
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("changed rows outside the write door")
    session.rollback()
