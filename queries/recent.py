"""The newest deeds of the house, for its first page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, select

from extensions import db
from models import Activity, ActivityDetail, Customer
from queries.lists.names import customer_name

SHOWN = 8
WINDOW = 400  # the newest rows that are looked at: a run of thousands of invoices must not make this a long walk
ROUTINE = ("invoice.issued", "run.started", "message.sent", "staff.logged_in", "staff.logged_out")


@dataclass(frozen=True, slots=True)
class Deed:
    """`actor` is empty where erasure took the details; `customer` where there is none, or the reader may not know."""

    id: int
    at: datetime
    code: str
    actor: str
    actor_kind: str
    object_kind: str
    object_id: int
    customer_id: int | None
    customer: str


def recent_deeds(with_names: bool) -> tuple[Deed, ...]:
    """The newest deeds but for those that every day brings by the hundred. One statement."""
    window = select(Activity.id).order_by(Activity.id.desc()).limit(WINDOW).subquery()
    name = customer_name() if with_names else literal("")
    query = (
        select(Activity, ActivityDetail.details, name)
        .join(window, window.c.id == Activity.id)
        .outerjoin(ActivityDetail, ActivityDetail.activity_id == Activity.id)
        .outerjoin(Customer, Customer.id == Activity.customer_id)
        .where(Activity.code.not_in(ROUTINE))
        .order_by(Activity.id.desc())
        .limit(SHOWN)
    )
    return tuple(_deed(activity, details, customer) for activity, details, customer in db.session.execute(query))


def _deed(activity: Activity, details: str | None, customer: str | None) -> Deed:
    actor = json.loads(details).get("actor", "") if details else ""
    return Deed(
        activity.id, activity.at, activity.code, actor, activity.actor_kind, activity.object_kind, activity.object_id,
        activity.customer_id, customer or "",
    )  # fmt: skip
