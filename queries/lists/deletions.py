"""The log of deletions."""

from __future__ import annotations

from sqlalchemy import and_, func, select

from extensions import db
from models import Deletion, Staff
from queries.lists.conditions import Rows, equals
from queries.lists.house import ACTORS
from queries.lists.shape import Listing


def _deletions() -> Rows:
    by = and_(Deletion.actor_kind == "staff", Staff.id == Deletion.actor_id)
    return select(
        Deletion.id, Deletion.at, Deletion.customer_id, Deletion.outcome, Deletion.reason, Deletion.gone, Deletion.kept,
        Deletion.retain_until, Deletion.actor_kind, func.coalesce(Staff.name, "").label("staff_name"),
    ).outerjoin(Staff, by)  # fmt: skip


def was_deleted(customer_id: int) -> bool:
    """Whether the log knows that this record was deleted. One statement."""
    return db.session.scalar(select(Deletion.id).where(Deletion.customer_id == customer_id).limit(1)) is not None


DELETIONS = Listing(
    statement=_deletions, key=Deletion.id, narrows={"actor_kind": equals(Deletion.actor_kind, ACTORS)}
)  # fmt: skip
