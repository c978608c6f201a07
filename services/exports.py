"""Large lists as files: an order in a table, worked off by a job in slices, fetched by the one who ordered it.

What a list is and how its rows are spelled belongs to the screens, which lend it here as a `Source` when the house is
joined. A slice reads its rows, appends them to a file of its own, and commits how far it came; whoever is interrupted
goes on from there (docs/architecture.md).
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from flask import current_app
from sqlalchemy import delete, select, update

from billing.errors import Conflict, Invalid, KontorError, NotFound
from documents import sheets
from extensions import db, queues
from models import Export
from services import activities, clock, files
from services.actor import Actor
from services.unit import after_commit, end_reading, write

KINDS = ("csv", "xlsx", "json")
SLICE = 1000  # rows between two commits
WORK = 5.0  # seconds; then the job ends and rings for its own continuation
LEASE = timedelta(minutes=2)  # longer than the queue lets a job live
PAUSE = timedelta(minutes=1)
MOST_FAILURES = 5  # in a row
KEPT = timedelta(days=7)
MOST_WAITING = 5  # orders of one person that are not done yet

logger = logging.getLogger("kontor.exports")


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a list, ready for `documents.sheets`, and the token of the place after them (None: the end)."""

    rows: Sequence[Any]
    after: str | None


class Source(Protocol):
    """A list that can be written to a file. `wish` is what the person asked of it."""

    def heads(self, wish: Mapping[str, Any]) -> list[str]: ...

    def part(self, wish: Mapping[str, Any], kind: str, after: str, size: int) -> Part: ...


SOURCES: dict[str, Source] = {}  # by subject; filled where the house is joined


@dataclass(frozen=True, slots=True)
class Claimed:
    """An order in this worker's hands until `lease`."""

    id: int
    subject: str
    kind: str
    wish: Mapping[str, Any]
    after: str
    written: int
    rows: int
    lease: datetime


def order(actor: Actor, subject: str, kind: str, wish: Mapping[str, Any]) -> int:
    """Order a file of a list; gives the order's id. Invalid for an unknown list or format, Conflict("too_many_exports")
    while five orders of this person wait."""
    if subject not in SOURCES or kind not in KINDS:
        raise Invalid("format", "not_a_choice")
    with write() as session:
        mine = select(Export.id).where(Export.staff_id == actor.id, Export.state.in_(("pending", "running")))
        if len(session.scalars(mine.limit(MOST_WAITING)).all()) == MOST_WAITING:
            raise Conflict("too_many_exports")
        row = Export(staff_id=actor.id, subject=subject, format=kind, wish=dict(wish), created_at=clock.real(),
                     next_attempt_at=clock.real())  # fmt: skip
        session.add(row)
        session.flush()
        activities.record(actor, "export.made", "export", row.id, list_name=subject, format=kind)
        after_commit(partial(_ring, row.id))
        return int(row.id)


def note_taken(actor: Actor, subject: str, kind: str, rows: int) -> None:
    """Somebody took a short list along at once: that, too, is known afterwards."""
    with write():
        activities.record(actor, "export.made", "export", 0, list_name=subject, format=kind, rows=rows)


def work(export_id: int) -> None:
    """Write the next slices if the order's turn has come. What fails stands in the row and is tried again."""
    claimed = _claim(export_id)
    if claimed is None:
        return
    try:
        _write_on(claimed, time.monotonic() + WORK)
    except Exception as error:
        code = error.code if isinstance(error, KontorError) else type(error).__name__
        logger.warning("export %s failed (%s)", export_id, code)
        _note_failure(claimed.id, code)


def waiting(limit: int) -> list[int]:
    """Ids of orders whose turn it is."""
    query = select(Export.id).where(Export.state.in_(("pending", "running")), Export.next_attempt_at <= clock.real())
    return list(db.session.scalars(query.order_by(Export.next_attempt_at).limit(limit)))


def forget_old() -> None:
    """After a week the file is thrown away, and the order with it."""
    query = select(Export.id, Export.file_id).where(Export.created_at < clock.real() - KEPT)
    for row in db.session.execute(query.order_by(Export.id).limit(1000)).all():
        with write() as session:
            session.execute(delete(Export).where(Export.id == row.id))
            if row.file_id is not None:
                files.erase(row.file_id)
        path_of(row.id).unlink(missing_ok=True)


def path_of(export_id: int) -> Path:
    """Where the unfinished file lies."""
    data_dir: Path = current_app.config["KONTOR"].data_dir
    return data_dir / "exports" / f"{export_id}.part"


def _claim(export_id: int) -> Claimed | None:
    now = clock.real()
    with write() as session:
        row = session.execute(
            update(Export)
            .where(Export.id == export_id, Export.state.in_(("pending", "running")), Export.next_attempt_at <= now)
            .values(state="running", attempts=Export.attempts + 1, next_attempt_at=now + LEASE)
            .returning(Export.id, Export.subject, Export.format, Export.wish, Export.position, Export.rows_done)
            .execution_options(synchronize_session=False)
        ).one_or_none()
    if row is None:
        return None
    position = row.position or {"after": "", "bytes": 0}
    return Claimed(row.id, row.subject, row.format, row.wish, position["after"], position["bytes"], row.rows_done,
                   now + LEASE)  # fmt: skip


def _write_on(claimed: Claimed, until: float) -> None:
    """Slice by slice; each is on the disk before the row says so."""
    source = SOURCES[claimed.subject]
    after, written, rows = claimed.after, claimed.written, claimed.rows
    if not written:
        written = _append(claimed.id, 0, sheets.head(claimed.kind, source.heads(claimed.wish)))
    while True:
        end_reading()
        part = source.part(claimed.wish, claimed.kind, after, SLICE)
        end_reading()
        written = _append(claimed.id, written, sheets.rows(claimed.kind, part.rows, rows))
        rows += len(part.rows)
        if claimed.kind == "xlsx" and rows > sheets.MOST_EXCEL_ROWS:
            raise Invalid("format", "too_many_rows")
        if part.after is None:
            return _finish(claimed, rows)
        after = part.after
        rests = time.monotonic() > until
        if not _update(claimed, rests, rows_done=rows, attempts=0, position={"after": after, "bytes": written}):
            return None  # it took so long that somebody else has it now
        if rests:
            return None


def _append(export_id: int, at: int, content: bytes) -> int:
    """Put the bytes behind those that count; whatever an interrupted slice left there is cut off. Gives the length."""
    path = path_of(export_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        if file.seek(0, os.SEEK_END) < at:
            raise Conflict("file_missing")
        file.truncate(at)
        file.seek(at)
        file.write(content)
    return at + len(content)


def _finish(claimed: Claimed, rows: int) -> None:
    path = path_of(claimed.id)
    content = sheets.whole(claimed.kind, path.read_bytes())
    name = f"{claimed.subject}-{clock.today().isoformat()}.{claimed.kind}"
    with write():
        file_id = files.store(content, name, sheets.MEDIA_TYPES[claimed.kind], "export")
        done = {"state": "done", "file_id": file_id, "rows_done": rows, "rows_all": rows, "error": "",
                "finished_at": clock.real()}  # fmt: skip
        if not _update(claimed, False, **done):
            raise Conflict("taken")
    path.unlink(missing_ok=True)


def _update(claimed: Claimed, rings: bool, **values: Any) -> bool:
    """Change the row if it is still ours. `rings` gives it back, to be gone on with at once."""
    with write() as session:
        if rings:
            values["next_attempt_at"] = clock.real()
        mine = (Export.id == claimed.id, Export.state == "running", Export.next_attempt_at == claimed.lease)
        changed: Any = session.execute(update(Export).where(*mine).values(**values))
        if rings:
            after_commit(partial(_ring, claimed.id))
        return bool(changed.rowcount)


def _note_failure(export_id: int, code: str) -> None:
    """Again after a pause; after five failures in a row, or where trying again cannot help, a person has to look."""
    with write() as session:
        row = session.get(Export, export_id, populate_existing=True)
        if row is None or row.state != "running":
            return
        row.error, row.next_attempt_at = code[:60], clock.real() + PAUSE
        if code == "file_missing":
            row.position, row.rows_done = None, 0
        if row.attempts >= MOST_FAILURES or code == "too_many_rows":
            row.state, row.finished_at = "failed", clock.real()


def _ring(export_id: int) -> None:
    queues.ring("paper", "jobs.exports.write_on", export_id)


def find(export_id: int, staff_id: int) -> Export:
    """The person's own order; NotFound for every other (nobody learns whether there is one)."""
    row = db.session.scalar(select(Export).where(Export.id == export_id, Export.staff_id == staff_id))
    if row is None:
        raise NotFound("export")
    return row
