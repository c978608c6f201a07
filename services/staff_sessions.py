"""The stamp on a session that says when its person was last here; 12 hours without one end it (S6)."""

from __future__ import annotations

from sqlalchemy import update

from models import StaffSession
from services import clock
from services.unit import write


def stamp(session_id: int) -> None:
    """The session is in use. Not an activity: it says nothing of what was done."""
    with write() as session:
        seen = update(StaffSession).where(StaffSession.id == session_id).values(last_seen_at=clock.instant())
        session.execute(seen)
