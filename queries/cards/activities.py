"""What happened to somebody or something, newest first, with the details as far as they were not erased."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from extensions import db
from models import Activity, ActivityDetail, ActivityMember
from queries.family import family_of
from queries.lists.names import object_name


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """`details` is None where erasure took them; the digest of the row stays and still proves them."""

    id: int
    at: datetime
    code: str
    actor_kind: str
    actor: str
    object_kind: str
    object_id: int
    customer_id: int | None
    details: Mapping[str, Any] | None
    seal_id: int | None = None
    object_name: str = ""

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """(field, old, new) of what was changed."""
        pairs = (self.details or {}).get("changes") or {}
        return [(field, pair[0], pair[1]) for field, pair in sorted(pairs.items())]

    @property
    def facts(self) -> list[tuple[str, Any]]:
        """What else the activity tells."""
        told = self.details or {}
        return [(name, value) for name, value in sorted(told.items()) if name not in ("actor", "changes")]


def of_customer(customer_id: int, limit: int = 20) -> tuple[ActivityRow, ...]:
    """The newest activities about a customer and what belongs to them."""
    return _find(Activity.customer_id.in_(family_of(customer_id)), limit)


def of_contract(customer_id: int, subscription_id: int, limit: int = 20) -> tuple[ActivityRow, ...]:
    """The newest activities about one contract, found among its customer's."""
    about = (Activity.object_kind == "subscription", Activity.object_id == subscription_id)
    return _find(and_(Activity.customer_id.in_(family_of(customer_id)), *about), limit)


def get_activity(activity_id: int) -> ActivityRow | None:
    found = _find(Activity.id == activity_id, 1)
    return found[0] if found else None


def _find(condition: ColumnElement[bool], limit: int) -> tuple[ActivityRow, ...]:
    name = object_name(Activity.object_kind, Activity.object_id)
    query = (
        select(Activity, ActivityDetail.details, ActivityMember.seal_id, name)
        .outerjoin(ActivityDetail, ActivityDetail.activity_id == Activity.id)
        .outerjoin(ActivityMember, ActivityMember.activity_id == Activity.id)
        .where(condition)
        .order_by(Activity.id.desc())
        .limit(limit)
    )
    return tuple(_row(*found) for found in db.session.execute(query))


def _row(activity: Activity, text: str | None, seal_id: int | None, name: str) -> ActivityRow:
    details = json.loads(text) if text else None
    return ActivityRow(
        activity.id, activity.at, activity.code, activity.actor_kind, (details or {}).get("actor", ""),
        activity.object_kind, activity.object_id, activity.customer_id, details, seal_id, name,
    )  # fmt: skip
