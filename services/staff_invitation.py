"""Letting somebody in: a login without a password, and a mail with the link by which they choose one (M2-31, M2-32)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, case, select

from billing.errors import NotAllowed
from extensions import db
from models import Staff
from services import activities, staff, staff_links, staff_mails, staff_tokens
from services.actor import Actor
from services.mail_writing import leave_the_house
from services.staff_rights import require_reach_of
from services.unit import write


@dataclass(frozen=True, slots=True)
class Invitation:
    """`link` only where no mail server is set: somebody has to hand it over."""

    staff_id: int
    link: str | None


def invite(actor: Actor, email: str, *, name: str, role: str, language: str = "de") -> Invitation:
    """Make a login whose person chooses the password.

    Raises Invalid("email"), Invalid("role"), Conflict("email_taken"), NotAllowed("beyond_own_rights").
    """
    with write():
        staff_id = staff.enrol(actor, email, role=role, name=name, language_code=language)
        return _send(actor, staff_id, "invitation")


def send_link(actor: Actor, staff_id: int) -> Invitation:
    """The invitation again, or for whoever has a password a link to choose a new one. Sessions end when it is used.

    Raises NotAllowed("beyond_own_rights"), NotAllowed("locked_out") for somebody who may not log in.
    """
    with write():
        row = staff.require(staff_id)
        require_reach_of(actor, row)
        if not row.is_active:
            raise NotAllowed("locked_out")
        purpose = "reset" if row.password_hash else "invitation"
        invitation = _send(actor, staff_id, purpose)
        activities.record(actor, f"staff.{purpose}_sent", "staff", staff_id)
        return invitation


def _send(actor: Actor, staff_id: int, purpose: str) -> Invitation:
    row = db.session.get_one(Staff, staff_id)
    made = staff_tokens.make(staff_id, purpose)
    template = "staff_access" if purpose == "invitation" else "staff_reset"
    staff_mails.send_link(template, row, made.token, made.expires_at, by=actor.name)
    return Invitation(staff_id, None if leave_the_house() else staff_links.link(made.token))


class _NobodyThere(Exception):
    """Whoever was asked for has no login."""


def forgot(email: str) -> None:
    """Send whoever has this address a link. Says nothing, and does the same work, whether anybody has (S4).

    For an unknown address the rows are made for somebody else and taken back, so that time tells little.
    """
    is_meant = case((and_(Staff.email == email.strip().lower(), Staff.is_active), 1), else_=0).label("is_meant")
    found = db.session.execute(select(Staff.id, is_meant).order_by(is_meant.desc(), Staff.id).limit(1)).first()
    if found is None:
        return
    try:
        with write() as session:
            _ask(found.id)
            session.flush()
            if not found.is_meant:
                raise _NobodyThere
    except _NobodyThere:
        return


def _ask(staff_id: int) -> None:
    row = staff.require(staff_id)
    made = staff_tokens.make(staff_id, "reset")
    staff_mails.send_link("staff_reset", row, made.token, made.expires_at)
    activities.record(Actor("staff", staff_id, row.name), "staff.reset_asked", "staff", staff_id)
