"""Open logins: a session's row, the stamp that says when somebody was last here, a new id, and the end (S6)."""

from __future__ import annotations

import secrets
from hashlib import sha256

from sqlalchemy import update

from billing.errors import AlreadyDone, NotFound
from extensions import db
from models import Staff, StaffSession
from services import activities, clock
from services.actor import Actor
from services.staff_rights import require_reach_of
from services.unit import write


def digest(token: str) -> str:
    """What the database keeps of a session's or a link's token."""
    return sha256(token.encode()).hexdigest()


def open_session(staff_id: int, address: str, agent: str) -> str:
    """A new session's token; only the cookie holds it. Joins an open transaction."""
    token, now = secrets.token_urlsafe(32), clock.real()
    with write() as session:
        session.add(
            StaffSession(token_digest=digest(token), staff_id=staff_id, address=address[:60], agent=agent[:200],
                         created_at=now, last_seen_at=now)
        )  # fmt: skip
    return token


def renew(session_id: int, *, second_factor: bool = False) -> str:
    """A new token for a session whose rights grow; the old one opens nothing any more (fixation)."""
    token = secrets.token_urlsafe(32)
    shown = {"second_factor_at": clock.real()} if second_factor else {}
    mine = (StaffSession.id == session_id, StaffSession.ended_at.is_(None))
    with write() as session:
        statement = update(StaffSession).where(*mine).values(token_digest=digest(token), **shown)
        if session.scalar(statement.returning(StaffSession.id)) is None:
            raise NotFound("session")
    return token


def stamp(session_id: int) -> None:
    """The session is in use. Not an activity: it says nothing of what was done."""
    with write() as session:
        seen = update(StaffSession).where(StaffSession.id == session_id).values(last_seen_at=clock.real())
        session.execute(seen)


def end_all(staff_id: int, *, but: int | None = None) -> int:
    """End a person's open sessions, one perhaps excepted; gives how many. Joins an open transaction."""
    theirs = (StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None), StaffSession.id != (but or 0))
    with write() as session:
        ended = session.scalars(
            update(StaffSession).where(*theirs).values(ended_at=clock.real()).returning(StaffSession.id)
        )
        return len(ended.all())


def end_one(actor: Actor, staff_id: int, session_id: int) -> None:
    """One session of this person ends: one's own, or of somebody within the actor's reach.

    Raises NotFound for another person's session, AlreadyDone, NotAllowed("beyond_own_rights").
    """
    with write() as session:
        row = session.get(StaffSession, session_id)
        if row is None or row.staff_id != staff_id:
            raise NotFound("session")
        _require_reach(actor, staff_id)
        if row.ended_at is not None:
            raise AlreadyDone("session_ended")
        row.ended_at = clock.real()
        activities.record(actor, "staff.session_ended", "staff", staff_id, count=1)


def end_others(actor: Actor, staff_id: int, *, but: int | None = None) -> int:
    """All sessions of a person, for oneself all but the present one; gives how many ended."""
    with write():
        _require_reach(actor, staff_id)
        count = end_all(staff_id, but=but)
        if count:
            activities.record(actor, "staff.session_ended", "staff", staff_id, count=count)
        return count


def _require_reach(actor: Actor, staff_id: int) -> None:
    if (actor.kind, actor.id) != ("staff", staff_id):
        require_reach_of(actor, db.session.get_one(Staff, staff_id))
