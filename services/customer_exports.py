"""Everything about a customer as a file: ordered by one person, made by a job, fetched by that person (DSG-1, R-24).

The order is a row; a job works on it for a few seconds at a time and goes on where it stopped. Who takes an order moves
its next attempt into the future and has it for that long; whoever lost it to somebody else changes nothing any more.
"""

from __future__ import annotations

import logging
import shutil
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import delete, select, update

from billing.errors import Conflict, KontorError, NotAllowed, NotFound
from extensions import db, queues
from models import Customer, CustomerExport
from services import activities, clock, files, profile_archive, profiles
from services.actor import Actor
from services.customers import find_survivor, lock_survivor
from services.unit import after_commit, end_reading, write

KIND = "profile"
WORK = 5.0  # seconds; then the job ends and rings for its own continuation
LEASE = timedelta(minutes=2)  # longer than the queue lets a job live
PAUSE = timedelta(minutes=1)
MOST_FAILURES = 5  # in a row
KEPT = timedelta(days=7)
UNFINISHED = ("pending", "running")

logger = logging.getLogger("kontor.customer_exports")


@dataclass(frozen=True, slots=True)
class Claimed:
    """An order in this worker's hands until `lease`."""

    id: int
    customer_id: int
    lease: datetime


def order(actor: Actor, customer_id: int) -> int:
    """Order the file; gives the order's id. Raises NotFound, NotAllowed("erased"), Conflict("export_under_way") while
    this person's last one about this customer is not done."""
    with write() as session:
        customer = lock_survivor(session, customer_id)
        mine = (CustomerExport.staff_id == actor.id, CustomerExport.customer_id == customer.id)
        waits = select(CustomerExport.id).where(*mine, CustomerExport.state.in_(UNFINISHED))
        if session.scalar(waits.limit(1)) is not None:
            raise Conflict("export_under_way")
        row = CustomerExport(customer_id=customer.id, staff_id=actor.id, created_at=clock.real(),
                             next_attempt_at=clock.real())  # fmt: skip
        session.add(row)
        session.flush()
        activities.record(actor, "customer.exported", "customer", customer.id, customer_id=customer.id)
        after_commit(partial(_ring, row.id))
        return int(row.id)


def work(export_id: int) -> None:
    """Go on with the order if its turn has come. What fails stands in the row and is tried again."""
    claimed = _claim(export_id)
    if claimed is None:
        return
    try:
        _work_on(claimed, time.monotonic() + WORK)
    except Exception as error:
        code = error.code if isinstance(error, KontorError) else type(error).__name__
        logger.warning("customer export %s failed (%s)", export_id, code)
        _note_failure(claimed, code)


def waiting(limit: int) -> list[int]:
    """Ids of orders whose turn it is."""
    due = (CustomerExport.state.in_(UNFINISHED), CustomerExport.next_attempt_at <= clock.real())
    query = select(CustomerExport.id).where(*due).order_by(CustomerExport.next_attempt_at)
    return list(db.session.scalars(query.limit(limit)))


def find(export_id: int, staff_id: int) -> CustomerExport:
    """The person's own order; NotFound for every other (nobody learns whether there is one)."""
    mine = (CustomerExport.id == export_id, CustomerExport.staff_id == staff_id)
    row = db.session.scalar(select(CustomerExport).where(*mine))
    if row is None:
        raise NotFound("export")
    return row


def forget_old() -> None:
    """After a week the file is thrown away, and the order with it."""
    query = select(CustomerExport.id).where(CustomerExport.created_at < clock.real() - KEPT)
    for export_id in db.session.scalars(query.order_by(CustomerExport.id).limit(1000)).all():
        with write():
            forget([export_id])


def forget_of(customer_ids: list[int]) -> None:
    """Throw away what was made about these customers. Joins an open transaction."""
    with write() as session:
        query = select(CustomerExport.id).where(CustomerExport.customer_id.in_(customer_ids))
        forget(list(session.scalars(query)))


def forget(export_ids: list[int]) -> None:
    """The orders, their files, and whatever lies unfinished. Joins an open transaction."""
    with write() as session:
        found = select(CustomerExport.file_id).where(CustomerExport.id.in_(export_ids))
        file_ids = [file_id for file_id in session.scalars(found) if file_id is not None]
        session.execute(delete(CustomerExport).where(CustomerExport.id.in_(export_ids)))
        for file_id in file_ids:
            files.erase(file_id)
        for folder in map(folder_of, export_ids):
            after_commit(partial(shutil.rmtree, folder, ignore_errors=True))


def folder_of(export_id: int) -> Path:
    """Where the unfinished archive lies."""
    data_dir: Path = current_app.config["KONTOR"].data_dir
    return data_dir / "exports" / f"customer-{export_id}"


def _claim(export_id: int) -> Claimed | None:
    now = clock.real()
    with write() as session:
        row = session.execute(
            update(CustomerExport)
            .where(CustomerExport.id == export_id, CustomerExport.state.in_(UNFINISHED),
                   CustomerExport.next_attempt_at <= now)
            .values(state="running", attempts=CustomerExport.attempts + 1, next_attempt_at=now + LEASE)
            .returning(CustomerExport.id, CustomerExport.customer_id)
            .execution_options(synchronize_session=False)
        ).one_or_none()  # fmt: skip
    return None if row is None else Claimed(row.id, row.customer_id, now + LEASE)


def _work_on(claimed: Claimed, until: float) -> None:
    end_reading()
    customer = find_survivor(db.session(), claimed.customer_id)
    customer_id, number = customer.id, customer.number
    if customer.erased_at is not None:
        raise NotAllowed("erased")
    wanted = profiles.files_of(customer_id)
    folder = folder_of(claimed.id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A name of this attempt's own: whoever has the order by then writes beside us, never into our copy.
    archive, aside = folder / "whole.zip", folder / f"{claimed.lease.timestamp():.6f}.zip"
    done = profile_archive.add_files(archive, aside, wanted, lambda: time.monotonic() > until)
    end_reading()
    rests = done < len(wanted)
    if not _update(claimed, rests, files_done=done, files_all=len(wanted), attempts=0) or rests:
        return
    profile_archive.finish(archive, aside, customer_id, number, wanted)
    end_reading()
    _finish(claimed, customer_id, archive, f"kundendaten-{number}-{clock.today().isoformat()}.zip")


def _finish(claimed: Claimed, customer_id: int, archive: Path, name: str) -> None:
    """The file belongs to the customer, so that it goes with the record. Refused if that went meanwhile."""
    with write() as session:
        row = session.get(Customer, customer_id, with_for_update=True, populate_existing=True)
        if row is None or row.erased_at is not None:
            raise NotAllowed("erased")
        file_id = files.store_from(archive, name, "application/zip", KIND, customer_id)
        done = {"state": "done", "file_id": file_id, "error": "", "finished_at": clock.real()}
        if not _update(claimed, False, **done):
            raise Conflict("taken")
        after_commit(partial(shutil.rmtree, archive.parent, ignore_errors=True))


def _update(claimed: Claimed, rings: bool, **values: Any) -> bool:
    """Change the row if it is still ours. `rings` gives it back, to be gone on with at once."""
    with write() as session:
        if rings:
            values["next_attempt_at"] = clock.real()
        changed: Any = session.execute(update(CustomerExport).where(*_ours(claimed)).values(**values))
        if rings:
            after_commit(partial(_ring, claimed.id))
        return bool(changed.rowcount)


def _note_failure(claimed: Claimed, code: str) -> None:
    """Again after a pause; after five failures in a row, or where trying again cannot help, a person has to look."""
    with write() as session:
        row = session.scalar(select(CustomerExport).where(*_ours(claimed)))
        if row is None:
            return
        row.error, row.next_attempt_at = code[:60], clock.real() + PAUSE
        if row.attempts >= MOST_FAILURES or code == "erased":
            row.state, row.finished_at = "failed", clock.real()
            after_commit(partial(shutil.rmtree, folder_of(claimed.id), ignore_errors=True))


def _ours(claimed: Claimed) -> tuple[Any, ...]:
    return (CustomerExport.id == claimed.id, CustomerExport.state == "running",
            CustomerExport.next_attempt_at == claimed.lease)  # fmt: skip


def _ring(export_id: int) -> None:
    queues.ring("paper", "jobs.exports.write_profile", export_id)
