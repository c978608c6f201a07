"""Who is at the door: a session's token leads to the person and what they may, in one indexed statement (S6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from extensions import db
from models import Role, RolePermission, Staff, StaffSession

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
HALF_WAY = timedelta(minutes=10)  # between the password and the second factor


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person with an open session, and what their role allows at this moment."""

    session_id: int
    staff_id: int
    name: str
    email: str
    role: str
    language_code: str
    page_size: int
    theme: str
    must_change_password: bool
    last_seen_at: datetime
    has_second_factor: bool
    second_factor_shown: bool
    role_demands_second_factor: bool
    role_is_builtin: bool
    permissions: frozenset[str]  # as stored; services.permissions.held says what they come to


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One of a person's open logins."""

    id: int
    address: str
    agent: str
    created_at: datetime
    last_seen_at: datetime


def find_session(token_digest: str, now: datetime) -> SignedIn | None:
    """The person behind the token, or None: unknown, ended, idle for 12 hours, older than 7 days, or locked out.

    One row per permission; a role without any gives one row with none. A session whose second factor is still to be
    shown is found for ten minutes.
    """
    query = (
        select(StaffSession.id, StaffSession.last_seen_at, Staff.id.label("staff_id"), Staff.name, Staff.email,
               Staff.language_code, Staff.page_size, Staff.theme, Staff.must_change_password,
               Staff.totp_confirmed_at, StaffSession.second_factor_at, Role.name.label("role"), Role.requires_totp,
               Role.is_builtin, RolePermission.permission)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .join(Role, Role.id == Staff.role_id)
        .outerjoin(RolePermission, RolePermission.role_id == Role.id)
        .where(
            StaffSession.token_digest == token_digest, *still_open(StaffSession, now), Staff.is_active, Role.is_enabled,
            or_(Staff.totp_confirmed_at.is_(None), StaffSession.second_factor_at.isnot(None),
                StaffSession.created_at > now - HALF_WAY),
        )
    )  # fmt: skip
    rows = db.session.execute(query).all()
    if not rows:
        return None
    row = rows[0]
    permissions = frozenset(found.permission for found in rows if found.permission)
    return SignedIn(
        row.id, row.staff_id, row.name, row.email, row.role, row.language_code, row.page_size, row.theme,
        row.must_change_password, row.last_seen_at, row.totp_confirmed_at is not None,
        row.second_factor_at is not None, row.requires_totp, row.is_builtin, permissions,
    )  # fmt: skip


def open_sessions(staff_id: int, now: datetime) -> list[OpenSession]:
    """A person's open logins, the last used first."""
    query = (
        select(StaffSession.id, StaffSession.address, StaffSession.agent, StaffSession.created_at,
               StaffSession.last_seen_at)
        .where(StaffSession.staff_id == staff_id, *still_open(StaffSession, now))
        .order_by(StaffSession.last_seen_at.desc(), StaffSession.id.desc())
    )  # fmt: skip
    return [OpenSession(*row) for row in db.session.execute(query)]


def still_open(
    sessions: Any, now: datetime, idle: timedelta = IDLE, longest: timedelta = LONGEST
) -> tuple[ColumnElement[bool], ...]:
    """Where a session has neither been ended nor left alone for too long, nor lasts too long."""
    return (sessions.ended_at.is_(None), sessions.last_seen_at > now - idle, sessions.created_at > now - longest)
