"""A power cut before the n-th statement of a deed, and the whole database as one digest before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from extensions import db
from services.unit import end_reading

# Made outside the deed's own transaction, and allowed to stay: a frozen state of the letterhead or of the texts is
# found again by its digest, whoever made it.
MAY_STAY = frozenset({"letterheads", "text_sets"})


class PowerCut(BaseException):
    """No `except Exception` of the house may catch it, as none can catch kill -9."""


@contextmanager
def at_statement(nth: int, deed: Callable[[], object]) -> Iterator[None]:
    """Before the n-th statement, once."""
    sent = 0

    def count(*_: object) -> None:
        nonlocal sent
        sent += 1
        if sent == nth:
            deed()

    event.listen(db.engine, "before_cursor_execute", count)
    yield
    event.remove(db.engine, "before_cursor_execute", count)


def cut_before(nth: int, deed: Callable[[], object]) -> bool:
    """Do the deed with the power cut before its nth statement; False where it has fewer and is done."""
    sent = 0

    def cut(*_: object) -> None:
        nonlocal sent
        sent += 1
        if sent == nth:
            raise PowerCut

    event.listen(db.engine, "before_cursor_execute", cut)
    try:
        deed()
    except PowerCut:
        return True
    finally:
        event.remove(db.engine, "before_cursor_execute", cut)
    return False


def cut_before_commit(deed: Callable[[], object]) -> int:
    """Do the deed with the power cut when all is written and nothing committed; gives how many statements that took."""
    sent = 0

    def count(*_: object) -> None:
        nonlocal sent
        sent += 1

    def cut(_: Session) -> None:
        raise PowerCut

    event.listen(db.engine, "before_cursor_execute", count)
    event.listen(Session, "before_commit", cut)
    try:
        deed()
    except PowerCut:
        return sent
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
        event.remove(Session, "before_commit", cut)
    raise AssertionError("the deed committed nothing")


def contents() -> dict[str, str]:
    """A digest of all rows of each table."""
    end_reading()
    found = {}
    for table in db.metadata.sorted_tables:
        if table.name not in MAY_STAY:
            rows = db.session.execute(select(table).order_by(*table.primary_key.columns)).all()
            found[table.name] = sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()
    end_reading()
    return found
