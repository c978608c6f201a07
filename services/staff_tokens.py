"""The links by which a person of the house chooses a password (services/one_time_links.py)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from billing.errors import NotAllowed
from extensions import db
from models import Staff, StaffToken
from services import activities, passwords, staff, staff_mails
from services.actor import Actor
from services.one_time_links import LASTS, Links, Made
from services.unit import write

__all__ = ["LASTS", "Made", "Ticket", "choose_password", "look", "make", "void"]

LINKS = Links(StaffToken, "staff_id")


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whom a link is for, and what for: invitation or reset."""

    staff_id: int
    purpose: str
    name: str
    email: str


def make(staff_id: int, purpose: str) -> Made:
    """A new link; those that the person had before open nothing any more. Joins an open transaction."""
    return LINKS.make(staff_id, purpose)


def void(staff_id: int) -> None:
    """No open link of this person opens anything any more."""
    LINKS.void(staff_id)


def look(token: str) -> Ticket:
    """Whose link it is; looking uses nothing up, since mail programs look too.

    NotAllowed("link_void") alike for a guessed, used or expired one, and where the person may not log in.
    """
    query = (
        select(Staff.id, StaffToken.purpose, Staff.name, Staff.email)
        .join(Staff, Staff.id == StaffToken.staff_id)
        .where(*LINKS.is_open(token), Staff.is_active)
    )
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
        passwords.check(password)
        LINKS.use(token)
        staff.set_password(actor, ticket.staff_id, password)
        activities.record(actor, f"staff.{ticket.purpose}_used", "staff", ticket.staff_id)
        if ticket.purpose == "reset":
            staff_mails.tell_password(db.session.get_one(Staff, ticket.staff_id))
        return ticket
