"""A person's access: name, language, role, and whether they may log in (M2-30, M2-31)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from billing.errors import Invalid, NotAllowed
from config import LANGUAGES
from extensions import db
from models import Role, Staff
from services import activities, clock, staff, staff_mails, staff_sessions, staff_tokens
from services.actor import Actor
from services.staff_rights import keep_an_owner, require_reach, require_reach_of, role_rights
from services.unit import write

THEMES = ("auto", "light", "dark")
LARGEST_PAGE = 200

# What each field of one's own may be.
OF_ONESELF: Mapping[str, Callable[[Any], bool]] = {
    "name": lambda value: isinstance(value, str) and 0 < len(value.strip()) <= 200,
    "language_code": lambda value: value in LANGUAGES,
    "theme": lambda value: value in THEMES,
    "page_size": lambda value: isinstance(value, int) and 0 < value <= LARGEST_PAGE,
}


def change_staff(actor: Actor, staff_id: int, *, name: str, role_id: int, is_active: bool, language_code: str) -> None:
    """Change a person's data and role.

    Another role or no access any more ends their sessions and is told by mail. Raises NotAllowed:
    "beyond_own_rights" where person or role holds more than the actor, "last_owner", "not_yourself" for shutting
    oneself out; Invalid("role_id").
    """
    with write() as session:
        row = staff.require(staff_id)
        role = session.get(Role, role_id)
        if role is None:
            raise Invalid("role_id", code="unknown_role")
        require_reach_of(actor, row)
        require_reach(actor, role_rights(role))
        _refuse_own_end(actor, staff_id, is_active)
        values = {"name": name, "role_id": role_id, "is_active": is_active, "language_code": language_code}
        changes = activities.changes_between(row, values)
        was = row.role.name
        for field in changes:
            setattr(row, field, values[field])
        if changes:
            row.updated_at, row.version = clock.instant(), row.version + 1
        session.flush()
        session.refresh(row, ["role"])
        keep_an_owner()
        if "role_id" in changes:
            changes["role"] = (was, role.name)
            del changes["role_id"]
        if changes:
            activities.record(actor, "staff.changed", "staff", staff_id, changes=changes)
        if changes.keys() & {"role", "is_active"}:
            _begin_anew(row)


def change_own(actor: Actor, staff_id: int, **values: str | int) -> None:
    """What people may change about themselves: name, language_code, theme, page_size. Invalid for any other value."""
    for field, value in values.items():
        if field not in OF_ONESELF or not OF_ONESELF[field](value):
            raise Invalid(field, "not_a_choice")
    with write():
        row = staff.require(staff_id)
        changes = activities.changes_between(row, values)
        for field in changes:
            setattr(row, field, values[field])
        if changes:
            activities.record(actor, "staff.changed", "staff", staff_id, changes=changes)


def _refuse_own_end(actor: Actor, staff_id: int, is_active: bool) -> None:
    if (actor.kind, actor.id) == ("staff", staff_id) and not is_active:
        raise NotAllowed("not_yourself", field="is_active")


def _begin_anew(row: Staff) -> None:
    """Rights changed: the sessions of before end (S6), open links too if the person is out, and the mail says so."""
    staff_sessions.end_all(int(row.id))
    if not row.is_active:
        staff_tokens.void(int(row.id))
    staff_mails.tell_change(row)
    db.session.flush()
