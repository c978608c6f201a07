"""What payment providers told and could not be worked on, or not yet; ids and times only (S20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select, text

from extensions import db
from models import GatewayEvent, PaymentAttempt

PAGE = 50
STATES = ("failed", "waiting", "all")
# Literals, not parameters: an index of some rows only serves what is known to be among them.
_FAILED = text("gateway_events.state = 'failed'")
_WAITING = and_(text("gateway_events.state = 'stored'"), GatewayEvent.error != "")


@dataclass(frozen=True, slots=True)
class ToldRow:
    """`error` is a code. `object_id` is the provider's number of what it is about; `invoice_id` is the document where
    that is a charge of ours. `next_look_at` counts while it waits."""

    id: int
    gateway: str
    kind: str
    type: str
    object_id: str
    state: str
    error: str
    looks: int
    received_at: datetime
    next_look_at: datetime
    invoice_id: int | None


def find_events(state: str, before: int | None) -> tuple[tuple[ToldRow, ...], int | None]:
    """A page, the newest first, and where the next begins. `state`: one of STATES. One statement."""
    event, ours = GatewayEvent, PaymentAttempt
    query = (
        select(event.id, event.gateway, event.kind, event.type, event.object_id, event.state, event.error, event.looks,
               event.received_at, event.next_look_at, ours.invoice_id)
        .outerjoin(ours, and_(ours.gateway == event.gateway, ours.provider_id == event.object_id))
        .where(_meaning(state)).order_by(event.id.desc()).limit(PAGE + 1)
    )  # fmt: skip
    if before:
        query = query.where(event.id < before)
    found = tuple(ToldRow(*row) for row in db.session.execute(query))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def failed_events() -> ScalarSelect[Any]:
    """How many could not be worked on, as a part of another statement; over an index that holds nothing else."""
    return select(func.count()).select_from(GatewayEvent).where(_FAILED).scalar_subquery()


def _meaning(state: str) -> ColumnElement[bool]:
    if state == "waiting":
        return _WAITING
    return and_(_FAILED) if state == "failed" else or_(_FAILED, _WAITING)
