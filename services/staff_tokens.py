"""Links by which one person chooses a password: random, for a while, once, and only their digest lies here (S5)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from billing.errors import NotAllowed
from extensions import db
from models import Staff, StaffToken
from services import activities, clock, staff, staff_mails
from services.actor import Actor
from services.staff_sessions import digest
from services.unit import write

LASTS = {"invitation": timedelta(days=7), "reset": timedelta(minutes=30)}


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whom a link is for, and what for: invitation or reset."""

    staff_id: int
    purpose: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Made:
    token: str
    expires_at: datetime


def make(staff_id: int, purpose: str) -> Made:
    """A new link; those that the person had before open nothing any more. Joins an open transaction."""
    token, now = secrets.token_urlsafe(32), clock.real()
    with write() as session:
        void(staff_id)
        made = StaffToken(staff_id=staff_id, purpose=purpose, token_digest=digest(token), created_at=now,
                          expires_at=now + LASTS[purpose])  # fmt: skip
        session.add(made)
        session.flush()
        return Made(token, made.expires_at)


def void(staff_id: int) -> None:
    """No open link of this person opens anything any more."""
    with write() as session:
        unused = (StaffToken.staff_id == staff_id, StaffToken.used_at.is_(None))
        session.execute(update(StaffToken).where(*unused).values(used_at=clock.real()))


def look(token: str) -> Ticket:
    """Whose link it is; looking uses nothing up, since mail programs look too.

    NotAllowed("link_void") alike for a guessed, used or expired one, and where the person may not log in.
    """
    query = (
        select(Staff.id, StaffToken.purpose, Staff.name, Staff.email)
        .join(Staff, Staff.id == StaffToken.staff_id)
        .where(StaffToken.token_digest == digest(token), StaffToken.used_at.is_(None),
               StaffToken.expires_at > clock.real(), Staff.is_active)
    )  # fmt: skip
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotAllowed("link_void")
    return Ticket(*row)


def choose_password(token: str, password: str) -> Ticket:
    """The link's person has chosen: it is used up, all their sessions end, and a reset is told by mail.

    Raises NotAllowed("link_void"), Invalid("password") (the link then still holds).
    """
    with write():
        ticket = look(token)
        actor = Actor("staff", ticket.staff_id, ticket.name)
        staff.check_password(password)
        _use(token)
        staff.set_password(actor, ticket.staff_id, password)
        activities.record(actor, f"staff.{ticket.purpose}_used", "staff", ticket.staff_id)
        if ticket.purpose == "reset":
            staff_mails.tell_password(db.session.get_one(Staff, ticket.staff_id))
        return ticket


def _use(token: str) -> None:
    """Two at once: one of them."""
    mine = (StaffToken.token_digest == digest(token), StaffToken.used_at.is_(None))
    with write() as session:
        used = update(StaffToken).where(*mine).values(used_at=clock.real()).returning(StaffToken.id)
        if session.scalar(used) is None:
            raise NotAllowed("link_void")
