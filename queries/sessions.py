"""Who is at the door: a session's token leads to the person and what they may, in one indexed statement (S6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from extensions import db
from models import Role, RolePermission, Staff, StaffSession

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)


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
    must_change_password: bool
    last_seen_at: datetime
    permissions: frozenset[str]


def find_session(token_digest: str, now: datetime) -> SignedIn | None:
    """The person behind the token, or None: unknown, ended, idle for 12 hours, older than 7 days, or locked out.

    One row per permission; a role without any gives one row with none.
    """
    query = (
        select(StaffSession.id, StaffSession.last_seen_at, Staff.id.label("staff_id"), Staff.name, Staff.email,
               Staff.language_code, Staff.page_size, Staff.must_change_password, Role.name.label("role"),
               RolePermission.permission)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .join(Role, Role.id == Staff.role_id)
        .outerjoin(RolePermission, RolePermission.role_id == Role.id)
        .where(
            StaffSession.token_digest == token_digest, StaffSession.ended_at.is_(None),
            StaffSession.last_seen_at > now - IDLE, StaffSession.created_at > now - LONGEST,
            Staff.is_active, Role.is_enabled,
        )
    )  # fmt: skip
    rows = db.session.execute(query).all()
    if not rows:
        return None
    row = rows[0]
    permissions = frozenset(found.permission for found in rows if found.permission)
    return SignedIn(row.id, row.staff_id, row.name, row.email, row.role, row.language_code, row.page_size,
                    row.must_change_password, row.last_seen_at, permissions)  # fmt: skip
