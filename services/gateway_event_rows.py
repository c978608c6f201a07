"""A provider's message as a row, and back: `gateways.base.Event` as JSON, which holds ids and sums only."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from gateways.base import Charge, Event, Refund

LONGEST_ID, LONGEST_TYPE = 200, 80


def written(event: Event) -> str:
    """The event as text."""
    return json.dumps(asdict(event), default=_day, separators=(",", ":"))


def read(text: str) -> Event:
    """The event that `written` wrote."""
    told: dict[str, Any] = json.loads(text)
    told["occurred_at"] = datetime.fromisoformat(told["occurred_at"])
    told["charge"] = Charge(**told["charge"]) if told["charge"] else None
    told["refund"] = Refund(**told["refund"]) if told["refund"] else None
    return Event(**told)


def is_storable(event: Event) -> bool:
    """A provider's ids are short; a longer one would be cut, and two would become one."""
    return 0 < len(event.id) <= LONGEST_ID and len(event.object_id) <= LONGEST_ID


def _day(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
