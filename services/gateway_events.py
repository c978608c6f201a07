"""What providers tell: stored first, once, then worked on in any order and any number of times (EB-55 to EB-58, S20).

    take_in: signature, rows, commit, 200 --> the bell --> take: the deed of its kind --> done, ignored or failed

An event says where to look, never what is true: the object is read anew at the provider. Only one that cannot be read
tells the state itself (`Traits.reads`). A deed may be done twice; what it books is one by the provider's id.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from billing.errors import KontorError
from extensions import db, queues
from gateways.base import BadEvent, Event, Refused, Unanswered
from models import GatewayEvent
from services import clock, event_deeds, looks, providers
from services.event_deeds import NotYet
from services.gateway_event_rows import LONGEST_TYPE, is_storable, read, written
from services.sql import insert
from services.unit import after_commit, end_reading, write

log = logging.getLogger(__name__)

TAKE_EVENT = "jobs.payments.take_event"
PATIENCE = timedelta(days=3)  # what nobody asked for until then is not ours


@dataclass(frozen=True, slots=True)
class Told:
    """An event in our hands. `is_old`: its patience is over."""

    gateway: str
    event: Event
    is_old: bool


def take_in(gateway: str, headers: Mapping[str, str], body: bytes) -> list[int]:
    """Store the events of one request; gives the ids of those that are new. What they say is done afterwards.

    Raises NotFound("unknown_provider") for one that is not offered, BadEvent for what the provider did not send.
    """
    events = providers.gateway_of(gateway).read_events(headers, body, clock.real())
    if not all(is_storable(event) for event in events):
        raise BadEvent("unreadable")
    with write():
        found = [_stored(gateway, event) for event in events]
        return [each for each in found if each is not None]


def waiting(limit: int) -> list[int]:
    """Events whose next look has come, oldest first; for the sweeper (F6)."""
    due = (GatewayEvent.state == "stored", GatewayEvent.next_look_at <= clock.real())
    query = select(GatewayEvent.id).where(*due).order_by(GatewayEvent.next_look_at, GatewayEvent.id)
    return list(db.session.scalars(query.limit(limit)))


def take(event_id: int, *, at_once: bool = False) -> str:
    """Work on an event; gives its state, empty for an unknown id. `at_once` does not wait for its next look."""
    told = _take(event_id, at_once)
    if told is None:
        return _state_of(event_id)
    try:
        is_ours = event_deeds.done(told.gateway, told.event)
    except (NotYet, Unanswered) as waits:
        _wait(event_id, waits.code, "ignored" if told.is_old and isinstance(waits, NotYet) else "stored")
    except Refused as refused:
        _wait(event_id, refused.code, "failed" if refused.permanent else "stored")
    except KontorError as error:
        log.warning("event %s: %s", event_id, error.code)
        _wait(event_id, error.code, "failed")
    else:
        _end(event_id, "done" if is_ours else "ignored")
    return _state_of(event_id)


def try_again(event_id: int) -> None:
    """A person wants an event that failed to be worked on once more."""
    with write() as session:
        row = session.get(GatewayEvent, event_id, with_for_update=True, populate_existing=True)
        if row is not None and row.state == "failed":
            row.state, row.looks, row.next_look_at = "stored", 0, clock.real()
            row.processed_at = None
            after_commit(partial(_ring, event_id))


def _stored(gateway: str, event: Event) -> int | None:
    """The id of the new row; None for an event that is known, however often it comes (EB-55)."""
    values = {
        "gateway": gateway, "event_id": event.id, "kind": event.kind, "type": event.type[:LONGEST_TYPE],
        "object_id": event.object_id, "data": written(event), "state": "stored", "looks": 0, "error": "",
        "next_look_at": clock.real(), "received_at": clock.instant(),
    }  # fmt: skip
    statement = insert(GatewayEvent).values(**values).on_conflict_do_nothing().returning(GatewayEvent.id)
    found: int | None = db.session.scalar(statement)
    if found is not None:
        after_commit(partial(_ring, found))
    return found


def _ring(event_id: int) -> None:
    queues.ring("money", TAKE_EVENT, event_id)


def _take(event_id: int, at_once: bool) -> Told | None:
    """The event in our hands for a while; None where its work is done, or where somebody else has it."""
    with write() as session:
        row = session.get(GatewayEvent, event_id, with_for_update=True, populate_existing=True)
        if row is None or row.state != "stored" or not (at_once or looks.is_due(row)):
            return None
        looks.take(row)
        return Told(row.gateway, read(row.data), clock.instant() > row.received_at + PATIENCE)


def _wait(event_id: int, code: str, state: str) -> None:
    """Looked at again later, unless it has ended."""
    if state != "stored":
        _end(event_id, state, code)
        return
    with write() as session:
        row = session.get_one(GatewayEvent, event_id, with_for_update=True, populate_existing=True)
        if row.state == "stored":
            row.error = code[:60]
            looks.wait(row)


def _end(event_id: int, state: str, code: str = "") -> None:
    with write() as session:
        row = session.get_one(GatewayEvent, event_id, with_for_update=True, populate_existing=True)
        if row.state == "stored":
            row.state, row.error, row.processed_at = state, code[:60], clock.instant()


def _state_of(event_id: int) -> str:
    end_reading()
    return db.session.scalar(select(GatewayEvent.state).where(GatewayEvent.id == event_id)) or ""
