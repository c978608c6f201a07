"""How the sandbox's events travel: signed over the raw bytes with their time, read as anybody's (S20)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast, get_args

from gateways.base import TOLERANCE, BadEvent, Event, EventKind
from gateways.reading import posted

SIGNATURE: Final = "Kontor-Sandbox-Signature"
NUMBER: Final = "Kontor-Sandbox-Delivery"


def signed(body: bytes, number: int, secret: bytes, now: datetime) -> dict[str, str]:
    """The headers of one delivery. `number` names it to `delivered`."""
    stamp = int(now.timestamp())
    return {SIGNATURE: f"t={stamp},v1={_mac(secret, stamp, body)}", NUMBER: str(number)}


def number_of(headers: Mapping[str, str]) -> int:
    return int(headers[NUMBER])


def read_signed(headers: Mapping[str, str], body: bytes, secret: bytes, now: datetime) -> Event:
    """Raises BadEvent for what this house's sandbox did not sign, within the last five minutes."""
    named = {name.lower(): value for name, value in headers.items()}
    stamp, mac = _parts(named.get(SIGNATURE.lower(), ""))
    if not hmac.compare_digest(_mac(secret, stamp, body).encode(), mac.encode()):
        raise BadEvent("signature")
    if abs(now.timestamp() - stamp) > TOLERANCE.total_seconds():
        raise BadEvent("too_old")
    try:
        return _event(posted(body))
    except (ValueError, KeyError, TypeError):
        raise BadEvent("unreadable") from None


def _parts(header: str) -> tuple[int, str]:
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    stamp = parts.get("t", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 15 and parts.get("v1")):
        raise BadEvent("signature")
    return int(stamp), parts["v1"]


def _mac(secret: bytes, stamp: int, body: bytes) -> str:
    return hmac.new(secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def _event(told: Mapping[str, Any]) -> Event:
    if told["kind"] not in get_args(EventKind):
        raise ValueError(told["kind"])
    if not all(isinstance(told[name], str) for name in ("id", "type", "object_id")):
        raise ValueError("not a text")
    return Event(
        id=told["id"],
        kind=cast(EventKind, told["kind"]),
        type=told["type"],
        object_id=told["object_id"],
        occurred_at=datetime.fromisoformat(told["occurred_at"]),
        key=told.get("key", ""),
        cents=told.get("cents", 0),
        currency=told.get("currency", ""),
        fee_cents=told.get("fee_cents", 0),
        reason=told.get("reason", ""),
        facts=told.get("facts", {}),
    )
