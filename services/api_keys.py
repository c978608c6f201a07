"""Keys of machines. 256 random bits, shown once, kept as a digest; HTTP Basic is e-mail and key (S23)."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select

from billing.errors import AlreadyDone, Invalid, NotFound
from billing.unseen import as_read
from extensions import db
from models import ApiKey
from services import activities, clock
from services.actor import Actor
from services.permissions import KEY_SCOPES
from services.staff_rights import require_reach
from services.unit import write

STAMP_EVERY = timedelta(minutes=1)  # a stamp per call would make every read a write


def add_api_key(actor: Actor, email: str, *, name: str = "", scope: str = "full") -> str:
    """Make a key for this user and give it in clear, this once.

    Invalid on a bad e-mail or scope, NotAllowed("beyond_own_rights") where the key would open more than the actor may.
    """
    email = email.strip().lower()
    if "@" not in email or len(email) > 200 or ":" in email:
        raise Invalid("email")
    if scope not in KEY_SCOPES:
        raise Invalid("scope")
    require_reach(actor, KEY_SCOPES[scope])
    key = secrets.token_urlsafe(32)
    with write() as session:
        row = ApiKey(email=email, name=as_read(name)[:100], key_digest=_digest(key), scope=scope)
        session.add(row)
        session.flush()
        activities.record(actor, "api_key.created", "api_key", row.id, scope=scope)
    return key


def revoke_api_key(actor: Actor, key_id: int) -> None:
    """From now on the key opens nothing."""
    with write() as session:
        row = session.get(ApiKey, key_id)
        if row is None:
            raise NotFound("api_key")
        if row.revoked_at is not None:
            raise AlreadyDone("api_key_revoked")
        row.revoked_at = clock.real()
        activities.record(actor, "api_key.revoked", "api_key", key_id)


def authenticate(email: str, key: str) -> Actor | None:
    """Who knocks, or None. The digest is looked up, so the time tells nothing of the key."""
    query = select(ApiKey).where(ApiKey.key_digest == _digest(key), ApiKey.revoked_at.is_(None))
    row = db.session.scalar(query)
    if row is None or not secrets.compare_digest(row.email.encode(), email.strip().lower().encode()):
        return None
    actor = Actor("api", int(row.id), row.name or row.email)
    if row.last_used_at is None or clock.real() - row.last_used_at > STAMP_EVERY:
        _stamp(actor.id)
    return actor


def may_write(actor: Actor) -> bool:
    """Whether the key's scope lets it change anything."""
    row = db.session.get(ApiKey, actor.id)
    return row is not None and row.scope == "full"


def _stamp(key_id: int | None) -> None:
    with write() as session:
        row = session.get(ApiKey, key_id)
        if row is not None:
            row.last_used_at = clock.real()


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()
