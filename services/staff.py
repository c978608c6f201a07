"""Logins of staff: who has one, their password, and the way in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import select, update

from billing.errors import AlreadyDone, Conflict, Invalid, NotAllowed, NotFound
from billing.unseen import as_read
from extensions import db
from models import Role, Staff
from services import activities, clock, passwords, staff_mails
from services.actor import Actor
from services.sql import first_come
from services.staff_rights import require_reach, role_rights
from services.staff_sessions import SESSIONS, end_all, open_session, renew
from services.unit import write


@dataclass(frozen=True, slots=True)
class Login:
    """Who logged in, the token of the session that the cookie holds, and whether a second factor is still asked for."""

    staff_id: int
    token: str
    waits_for_code: bool = False


def enrol(actor: Actor, email: str, *, role: str, name: str = "", language_code: str = "de") -> int:
    """Make a login that has no password yet; gives its id.

    Raises Invalid("email"), Invalid("role"), Conflict("email_taken"), NotAllowed("beyond_own_rights").
    """
    email = _tidy(email)
    local, at, domain = email.partition("@")
    if not (local and at and domain) or len(email) > 200 or len(email.split()) != 1:
        raise Invalid("email", code="not_an_email")
    with write() as session:
        found = session.scalar(select(Role).where(Role.name == role))
        if found is None:
            raise Invalid("role", code="unknown_role")
        require_reach(actor, role_rights(found))
        if session.scalar(select(Staff.id).where(Staff.email == email)) is not None:
            raise Conflict("email_taken", field="email")
        row = Staff(email=email, name=as_read(name) or local, role_id=found.id, language_code=language_code)
        with first_come(session, Conflict("email_taken", field="email")):
            session.add(row)
        activities.record(actor, "staff.created", "staff", row.id, role=role)
        return int(row.id)


def add_staff(
    actor: Actor, email: str, *, role: str, name: str = "", password: str = "", must_change: bool = False
) -> str:
    """Make a login with a password, for the command line and the demo; gives it in clear, this once.

    A random one where none was given. Raises like `enrol`, and Invalid("password").
    """
    password = password or secrets.token_urlsafe(12)
    password_hash = passwords.hashed(password)
    with write():
        row = require(enrol(actor, email, role=role, name=name))
        row.password_hash, row.must_change_password = password_hash, must_change
    return password


def set_password(actor: Actor, staff_id: int, password: str, *, but: int | None = None) -> None:
    """Set a password and end every session of that person (S6), `but` one perhaps."""
    password_hash = passwords.hashed(password)
    with write():
        row = require(staff_id)
        row.password_hash, row.must_change_password = password_hash, False
        end_all(staff_id, but=but)
        activities.record(actor, "staff.password_set", "staff", staff_id)


def change_own_password(actor: Actor, staff_id: int, old: str, new: str, session_id: int) -> str:
    """A person's own choice, told by mail. Every other session ends; gives this one's new token.

    Raises Invalid for a wrong old or an unfit new password.
    """
    if not passwords.fits(require(staff_id).password_hash, old):
        raise Invalid("old_password", code="wrong_password")
    if old == new:
        raise Invalid("password", code="same_password")
    with write():
        set_password(actor, staff_id, new, but=session_id)
        staff_mails.tell_password(require(staff_id))
        return renew(session_id)


def log_in(email: str, password: str, *, address: str, agent: str) -> Login:
    """Open a session. NotAllowed, always with the same code, for anything that does not fit.

    Where the person has a second factor the session opens nothing until it was shown (services.second_factor).
    """
    row = by_email(email)
    right = passwords.fits(row.password_hash if row else None, password)
    if row is None or not right or not row.is_active or not row.role.is_enabled:
        raise NotAllowed("login_failed")
    staff_id, waits = int(row.id), row.totp_confirmed_at is not None
    actor = Actor("staff", staff_id, row.name)
    with write():
        token = open_session(staff_id, address, agent)
        if not waits:
            note_login(actor)
    return Login(staff_id, token, waits)


def note_login(actor: Actor) -> None:
    """The person is in: the last step of a login."""
    with write() as session:
        session.execute(update(Staff).where(Staff.id == actor.id).values(last_login_at=clock.real()))
        activities.record(actor, "staff.logged_in", "staff", actor.id or 0)


def log_out(actor: Actor, token: str) -> None:
    """End the session on the server, not only in the browser."""
    with write():
        ended = SESSIONS.end(token)
        if ended is None:
            raise AlreadyDone("session_ended")
        activities.record(actor, "staff.logged_out", "staff", int(ended))


def by_email(email: str) -> Staff | None:
    """Who logs in with this address."""
    row: Staff | None = db.session.scalar(select(Staff).where(Staff.email == _tidy(email)))
    return row


def require(staff_id: int) -> Staff:
    """The person's row. NotFound otherwise."""
    row: Staff | None = db.session.get(Staff, staff_id)
    if row is None:
        raise NotFound("staff")
    return row


def _tidy(email: str) -> str:
    return email.strip().lower()
