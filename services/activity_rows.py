"""Activities of many deeds at once: two statements, however many (services/activities.py writes one)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from models import Activity, ActivityDetail
from services import activities, clock
from services.actor import Actor
from services.bulk import Bulk, draw_keys
from services.issue_rows import ACTIVITY_COLUMNS, DETAIL_COLUMNS


@dataclass(frozen=True, slots=True)
class Told:
    """One deed, as `activities.record` is told it."""

    code: str
    object_kind: str
    object_id: int
    customer_id: int | None
    facts: Mapping[str, Any] = field(default_factory=dict)


def record_all(session: Session, actor: Actor, deeds: Sequence[Told]) -> None:
    """Write them in their order, inside the open transaction."""
    if not deeds:
        return
    keys = iter(draw_keys(session.connection(), {"activities": len(deeds)})["activities"])
    rows, details, now = Bulk(Activity, ACTIVITY_COLUMNS), Bulk(ActivityDetail, DETAIL_COLUMNS), clock.instant()
    for key, told in zip(keys, deeds, strict=True):
        salt, text, digest = activities.seal_details({"actor": actor.name, **told.facts})
        rows.add((key, now, actor.kind, actor.id, told.code, told.customer_id, told.object_kind, told.object_id,
                  digest))  # fmt: skip
        details.add((key, salt, text))
    for bulk in (rows, details):
        bulk.insert(session.connection())
