"""Open logins of the people of the house (services/open_sessions.py), and who may end them (S6)."""

from __future__ import annotations

from billing.errors import AlreadyDone, NotFound
from extensions import db
from models import Staff, StaffSession
from services import activities, clock
from services.actor import Actor
from services.open_sessions import Sessions, digest
from services.staff_rights import require_reach_of
from services.unit import write

__all__ = ["SESSIONS", "digest", "end_all", "end_one", "end_others", "open_session", "renew", "stamp"]

SESSIONS = Sessions(StaffSession, "staff_id")
open_session, stamp, end_all = SESSIONS.open, SESSIONS.stamp, SESSIONS.end_all


def renew(session_id: int, *, second_factor: bool = False) -> str:
    """A new token for a session whose rights grow; with `second_factor` it was shown now."""
    shown = {"second_factor_at": clock.real()} if second_factor else {}
    return SESSIONS.renew(session_id, **shown)


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
