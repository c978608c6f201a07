"""Why a record is kept from deletion (RET-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from extensions import db
from models import Activity, ActivityDetail
from queries.family import family_of


@dataclass(frozen=True, slots=True)
class Hold:
    """Who set the hold that stands, when and why."""

    at: datetime
    actor: str
    reason: str


def get_hold(customer_id: int) -> Hold | None:
    """The last one that was set on the record or one that was merged into it. One statement."""
    query = (
        select(Activity.at, ActivityDetail)
        .join(ActivityDetail, ActivityDetail.activity_id == Activity.id)
        .where(Activity.customer_id.in_(family_of(customer_id)), Activity.code == "customer.hold_set")
    )
    found = db.session.execute(query.order_by(Activity.id.desc()).limit(1)).first()
    if found is None:
        return None
    told = found[1].read()
    return Hold(found[0], told.get("actor", ""), told.get("reason", ""))
