"""Who did what: one activity a deed, with its details beside it (P-09, GOB-2)."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Any

from models import Activity, ActivityDetail
from models.base import canonical_json
from services import clock
from services.actor import Actor
from services.unit import write

NOT_SHOWN = "•••"
SECRET_FIELDS = frozenset({"password_hash", "totp_secret", "key_digest", "payment_token", "hash"})


def record(
    actor: Actor,
    code: str,
    object_kind: str,
    object_id: int,
    *,
    customer_id: int | None = None,
    changes: dict[str, tuple[Any, Any]] | None = None,
    **facts: Any,
) -> int:
    """Write an activity inside the open transaction; gives its id.

    `code` is dotted, subject.deed_in_the_past; `changes` maps a field to (old, new); `facts` are further plain values.
    Secret fields are told as changed, never shown.
    """
    details: dict[str, Any] = {"actor": actor.name, **facts}
    if changes:
        details["changes"] = {field: _shown(field, pair) for field, pair in changes.items()}
    salt, text, digest = seal_details(details)
    with write() as session:
        activity = Activity(
            at=clock.instant(), actor_kind=actor.kind, actor_id=actor.id, code=code, customer_id=customer_id,
            object_kind=object_kind, object_id=object_id, digest=digest,
        )  # fmt: skip
        session.add(activity)
        session.flush()
        session.add(ActivityDetail(activity_id=activity.id, salt=salt, details=text))
        return activity.id


def seal_details(details: dict[str, Any]) -> tuple[str, str, str]:
    """(salt, canonical text, digest) of an activity's details."""
    salt = secrets.token_hex(16)
    text = canonical_json(details)
    return salt, text, sha256((salt + text).encode()).hexdigest()


def changes_between(row: Any, values: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What an update would change on a row: field -> (old, new), as plain JSON values."""
    pairs = {field: (getattr(row, field), new) for field, new in values.items()}
    return {field: (plain(old), plain(new)) for field, (old, new) in pairs.items() if old != new}


def plain(value: Any) -> Any:
    """A value as JSON can hold it; decimals and dates as text."""
    return value if value is None or isinstance(value, (bool, int, str, list, dict)) else str(value)


def _shown(field: str, pair: tuple[Any, Any]) -> list[Any]:
    if field in SECRET_FIELDS:
        return [NOT_SHOWN if value else value for value in pair]
    return [_masked_iban(value) if field.endswith("iban") else plain(value) for value in pair]


def _masked_iban(value: Any) -> Any:
    return f"{value[:4]} •••• {value[-4:]}" if isinstance(value, str) and len(value) > 8 else value
