"""Staff, their roles and their passwords."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update

from billing.errors import AlreadyDone, Conflict, Invalid, NotAllowed, NotFound
from extensions import db
from models import Role, RolePermission, Staff, StaffSession
from services import activities, clock
from services.actor import Actor
from services.permissions import DEFAULT_ROLES, PERMISSIONS
from services.unit import write

_hasher = PasswordHasher()
SHORTEST_PASSWORD = 10


@dataclass(frozen=True, slots=True)
class Login:
    """Who logged in, and the token of the session that the cookie holds."""

    staff_id: int
    token: str


def make_default_roles() -> None:
    """Inhaber, Support and Buchhaltung, as far as they are missing."""
    with write() as session:
        present = set(session.scalars(select(Role.name)))
        for name, (description, permissions) in DEFAULT_ROLES.items():
            if name not in present:
                role = Role(name=name, description=description, is_builtin=True)
                role.permissions = [RolePermission(permission=p) for p in sorted(permissions)]
                session.add(role)


def add_staff(
    actor: Actor, email: str, *, role: str, name: str = "", password: str = "", must_change: bool = False
) -> str:
    """Make a login; gives the password in clear, this once (a random one where none was given)."""
    email = email.strip().lower()
    if "@" not in email or len(email) > 200:
        raise Invalid("email")
    password = password or secrets.token_urlsafe(12)
    check_password(password)
    with write() as session:
        found = session.scalar(select(Role).where(Role.name == role))
        if found is None:
            raise Invalid("role", code="unknown_role")
        if session.scalar(select(Staff.id).where(Staff.email == email)) is not None:
            raise Conflict("email_taken", field="email")
        row = Staff(
            email=email, name=name or email.split("@")[0], role_id=found.id, password_hash=_hasher.hash(password),
            must_change_password=must_change,
        )  # fmt: skip
        session.add(row)
        session.flush()
        activities.record(actor, "staff.created", "staff", row.id, role=role)
    return password


def set_password(actor: Actor, staff_id: int, password: str) -> None:
    """Set a password and end every session of that person (S6)."""
    check_password(password)
    with write() as session:
        row = _staff(staff_id)
        row.password_hash = _hasher.hash(password)
        row.must_change_password = False
        end = update(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None))
        session.execute(end.values(ended_at=clock.instant()))
        activities.record(actor, "staff.password_set", "staff", staff_id)


def change_own_password(actor: Actor, staff_id: int, old: str, new: str) -> None:
    """A person's own choice; every session ends. Raises Invalid for a wrong old or an unfit new password."""
    if not _fits(_staff(staff_id).password_hash, old):
        raise Invalid("old_password", code="wrong_password")
    if old == new:
        raise Invalid("password", code="same_password")
    set_password(actor, staff_id, new)


def reset_password(actor: Actor, staff_id: int) -> str:
    """A random password, given in clear this once; its person has to replace it at the next login."""
    password = secrets.token_urlsafe(12)
    with write():
        set_password(actor, staff_id, password)
        _staff(staff_id).must_change_password = True
    return password


def change_staff(actor: Actor, staff_id: int, *, name: str, role_id: int, is_active: bool, language_code: str) -> None:
    """Change a person's data and role; the last active owner stays one."""
    with write() as session:
        row = _staff(staff_id)
        if session.get(Role, role_id) is None:
            raise Invalid("role_id")
        values = {"name": name, "role_id": role_id, "is_active": is_active, "language_code": language_code}
        changes = activities.changes_between(row, values)
        for field in changes:
            setattr(row, field, values[field])
        session.flush()
        _keep_an_owner()
        if changes:
            activities.record(actor, "staff.changed", "staff", staff_id, changes=changes)


def save_role(
    actor: Actor, role_id: int | None, *, name: str, description: str, is_enabled: bool, permissions: set[str]
) -> int:
    """Make or change a role. Invalid for an empty or taken name or an unknown permission."""
    if not name.strip() or not permissions <= PERMISSIONS:
        raise Invalid("name" if not name.strip() else "permissions")
    with write() as session:
        taken = session.scalar(select(Role.id).where(Role.name == name.strip()))
        if taken is not None and taken != role_id:
            raise Conflict("name_taken", field="name")
        role = session.get(Role, role_id) if role_id else Role(name=name.strip())
        if role is None:
            raise NotFound("role")
        session.add(role)
        old = sorted(p.permission for p in role.permissions)
        role.name, role.description, role.is_enabled = name.strip(), description.strip(), is_enabled
        role.permissions = [RolePermission(permission=p) for p in sorted(permissions)]
        session.flush()
        _keep_an_owner()
        changes = {"permissions": (old, sorted(permissions))}
        activities.record(actor, "role.saved", "role", role.id, changes=changes, enabled=is_enabled)
        return int(role.id)


def log_in(email: str, password: str, *, address: str, agent: str) -> Login:
    """Open a session. NotAllowed, always with the same code, for anything that does not fit."""
    row = db.session.scalar(select(Staff).where(Staff.email == email.strip().lower()))
    fits = _fits(row.password_hash if row else None, password)
    if row is None or not fits or not row.is_active or not row.role.is_enabled:
        raise NotAllowed("login_failed")
    token = secrets.token_urlsafe(32)
    with write() as session:
        now = clock.instant()
        session.add(
            StaffSession(token_digest=digest(token), staff_id=row.id, address=address[:60], agent=agent[:200],
                         created_at=now, last_seen_at=now)
        )  # fmt: skip
        session.execute(update(Staff).where(Staff.id == row.id).values(last_login_at=now))
        actor = Actor("staff", int(row.id), row.name)
        activities.record(actor, "staff.logged_in", "staff", int(row.id))
        return Login(int(row.id), token)


def log_out(actor: Actor, token: str) -> None:
    """End the session on the server, not only in the browser."""
    with write() as session:
        ended = session.scalar(
            update(StaffSession)
            .where(StaffSession.token_digest == digest(token), StaffSession.ended_at.is_(None))
            .values(ended_at=clock.instant())
            .returning(StaffSession.staff_id)
        )
        if ended is None:
            raise AlreadyDone("session_ended")
        activities.record(actor, "staff.logged_out", "staff", int(ended))


def digest(token: str) -> str:
    """What the database keeps of a session's token."""
    return sha256(token.encode()).hexdigest()


def check_password(password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= 200:
        raise Invalid("password", code="password_length", shortest=SHORTEST_PASSWORD)


def _fits(password_hash: str | None, password: str) -> bool:
    try:
        fits = _hasher.verify(password_hash or _nobody(), password[:200])
    except (VerificationError, InvalidHashError):
        return False
    return fits and password_hash is not None


@cache
def _nobody() -> str:
    """An unknown address costs the same time as a wrong password (S4)."""
    return _hasher.hash("nobody")


def _staff(staff_id: int) -> Staff:
    row: Staff | None = db.session.get(Staff, staff_id)
    if row is None:
        raise NotFound("staff")
    return row


def _keep_an_owner() -> None:
    """Somebody must be left who can let others in."""
    query = (
        select(Staff.id)
        .join(Role, Role.id == Staff.role_id)
        .join(RolePermission, RolePermission.role_id == Role.id)
        .where(Staff.is_active, Role.is_enabled, RolePermission.permission == "staff.write")
        .limit(1)
    )
    if db.session.scalar(query) is None and db.session.scalar(select(Staff.id).limit(1)) is not None:
        raise NotAllowed("last_owner")
