"""The audit trail is sealed after it was written: seal n holds seal n-1 (GOB-2).

Activities are not chained as they are written, because that would make every deed of the house wait for every other.
One job takes what is committed and unsealed and binds it: a leaf over each row, a root over the leaves, a seal over
the root and the seal before. A changed row differs from its leaf, a removed or added one from the root, and a removed
seal breaks the chain. The details may be erased (DSG-5): their digest stands in the row and stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select
from sqlalchemy.orm import Session

from extensions import db
from models import Activity, ActivityDetail, ActivityMember, ActivitySeal, Company
from models.base import canonical_json
from services import clock
from services.findings import Finding, stream
from services.unit import end_reading, write

BATCH = 1000  # rows under one seal: verified at once, so memory stays flat
LATE = timedelta(hours=1)
FIRST = "0" * 64  # what the first seal holds in place of one before

_ROW = (
    Activity.id, Activity.at, Activity.actor_kind, Activity.actor_id, Activity.code, Activity.customer_id,
    Activity.object_kind, Activity.object_id, Activity.digest,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LastSeal:
    """Where the chain ends: written down outside the house it proves that no tail was cut off."""

    id: int
    seal: str
    activities: int  # under all seals


def seal() -> int:
    """Seal every committed activity that is not; gives how many. Safe to call twice at once."""
    sealed = 0
    after = _first_unsealed() - 1
    while True:
        with write() as session:
            rows = _lock_and_read(session, after)
            if not rows:
                return sealed
            _write_seal(session, rows)
        sealed += len(rows)
        after = rows[-1].id


def last_seal() -> LastSeal | None:
    """The newest seal; None before there is one."""
    end_reading()
    row = db.session.execute(_newest()).one_or_none()
    if row is None:
        return None
    return LastSeal(row.id, row.seal, db.session.scalar(select(func.sum(ActivitySeal.count))) or 0)


def verify(connection: Connection) -> Iterator[Finding]:
    """GOB-2: every activity is as it was sealed, the chain is whole, and nothing has waited for its seal too long."""
    before = FIRST
    seals = select(ActivitySeal.id, ActivitySeal.previous, ActivitySeal.root, ActivitySeal.seal,
                   ActivitySeal.count.label("size"), ActivitySeal.sealed_at)  # fmt: skip
    row: Any
    for row in stream(connection, seals.order_by(ActivitySeal.id)):
        if row.previous != before or row.seal != _seal_of(row.previous, row.root, row.size, row.sealed_at):
            yield Finding("GOB-2", "activity_seals", row.id, "seal_broken")
        before = row.seal
        yield from _verify_members(connection, row)
    yield from _verify_promptness(connection)


def _first_unsealed() -> int:
    """Found before the write door is opened, so that nobody waits for a look along the whole trail."""
    end_reading()
    found = db.session.scalar(_unsealed(Activity.id).order_by(Activity.id).limit(1))
    end_reading()
    return found or 0


def _unsealed(*columns: Any) -> Select[Any]:
    query = select(*columns).outerjoin(ActivityMember, ActivityMember.activity_id == Activity.id)
    return query.where(ActivityMember.activity_id.is_(None))


def _lock_and_read(session: Session, after: int) -> list[Row[Any]]:
    """One sealer at a time: two would fork the chain. The company's row is the lock, the only row sure to exist."""
    session.execute(select(Company.id).with_for_update())
    query = _unsealed(*_ROW).where(Activity.id > after).order_by(Activity.id).limit(BATCH)
    return list(session.execute(query))


def _write_seal(session: Session, rows: list[Row[Any]]) -> None:
    last = session.execute(_newest()).one_or_none()
    previous = last.seal if last else FIRST
    leaves = [leaf(row) for row in rows]
    root, now = root_of(leaves), clock.instant()
    made = ActivitySeal(previous=previous, root=root, count=len(rows), sealed_at=now,
                        seal=_seal_of(previous, root, len(rows), now))  # fmt: skip
    session.add(made)
    session.flush()
    members = [
        {"activity_id": row.id, "seal_id": made.id, "leaf": own} for row, own in zip(rows, leaves, strict=True)
    ]  # fmt: skip
    session.execute(insert(ActivityMember), members)


def leaf(row: Any) -> str:
    """The hash of one activity, all columns."""
    values = [row.id, row.at.isoformat(), *row[2 : len(_ROW)]]
    return sha256(canonical_json(values).encode()).hexdigest()


def root_of(leaves: list[str]) -> str:
    return sha256("\n".join(leaves).encode()).hexdigest()


def _seal_of(previous: str, root: str, count: int, sealed_at: Any) -> str:
    return sha256(f"{previous}\n{root}\n{count}\n{sealed_at.isoformat()}".encode()).hexdigest()


def _newest() -> Select[int, str]:
    return select(ActivitySeal.id, ActivitySeal.seal).order_by(ActivitySeal.id.desc()).limit(1)


def _verify_members(connection: Connection, seal_row: Any) -> Iterator[Finding]:
    """The activities under one seal, with their details as far as they are still there."""
    query = (
        select(*_ROW, ActivityMember.leaf, ActivityMember.activity_id, ActivityDetail.salt, ActivityDetail.details)
        .select_from(ActivityMember)
        .outerjoin(Activity, Activity.id == ActivityMember.activity_id)
        .outerjoin(ActivityDetail, ActivityDetail.activity_id == ActivityMember.activity_id)
        .where(ActivityMember.seal_id == seal_row.id)
        .order_by(ActivityMember.activity_id)
    )
    rows: list[Any] = list(connection.execute(query))
    for row in rows:
        yield from _verify_member(row)
    if len(rows) != seal_row.size or root_of([row.leaf for row in rows]) != seal_row.root:
        yield Finding("GOB-2", "activity_seals", seal_row.id, "members_changed",
                      {"sealed": seal_row.size, "found": len(rows)})  # fmt: skip


def _verify_member(row: Any) -> Iterator[Finding]:
    if row.id is None:
        yield Finding("GOB-2", "activities", row.activity_id, "activity_missing")
        return
    if leaf(row) != row.leaf:
        yield Finding("GOB-2", "activities", row.id, "activity_changed")
    if row.details is not None and sha256((row.salt + row.details).encode()).hexdigest() != row.digest:
        yield Finding("GOB-2", "activities", row.id, "details_changed")


def _verify_promptness(connection: Connection) -> Iterator[Finding]:
    """Only where sealing stands still: a run dated in the past writes activities that are old from the start."""
    long_ago = clock.instant() - LATE
    newest = connection.scalar(select(func.max(ActivitySeal.sealed_at)))
    if newest is not None and newest > long_ago:
        return
    late = _unsealed(func.min(Activity.id).label("first"), func.count().label("size")).where(Activity.at < long_ago)
    row: Any = connection.execute(late).one()
    if row.size:
        yield Finding("GOB-2", "activities", row.first, "unsealed_for_too_long", {"count": row.size})
