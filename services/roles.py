"""Roles: the access rights of a group, made freely (M2-27), given to people, and enabled (M2-30)."""

from __future__ import annotations

from sqlalchemy import select

from billing.errors import Conflict, Invalid, NotAllowed, NotFound
from billing.unseen import as_read
from extensions import db
from models import Role, RolePermission, Staff
from services import activities, clock, staff_mails
from services.actor import Actor
from services.permissions import PERMISSIONS
from services.sql import first_come
from services.staff_rights import is_owner_role, keep_an_owner, require_reach, role_rights
from services.unit import write


def save_role(
    actor: Actor, role_id: int | None, *, name: str, description: str, is_enabled: bool, permissions: set[str],
    requires_totp: bool = False,
) -> int:  # fmt: skip
    """Make or change a role; gives its id.

    Raises Invalid for an empty name or an unknown permission, Conflict("name_taken"), NotAllowed("beyond_own_rights")
    where the actor holds less than the role before or after, NotAllowed("last_owner").
    """
    name = as_read(name)
    if not 0 < len(name) <= 60 or not permissions <= PERMISSIONS:
        raise Invalid("permissions" if name else "name")
    with write() as session:
        _require_free(name, role_id)
        role = _role(role_id) if role_id else Role(name=name, is_builtin=False, is_enabled=is_enabled)
        before = role_rights(role)
        _keep_the_owners_role(role, name, is_enabled)
        after = before if is_owner_role(role) else frozenset(permissions)
        require_reach(actor, before | after)
        values = {"name": name, "description": as_read(description), "is_enabled": is_enabled,
                  "requires_totp": requires_totp}  # fmt: skip
        changes = activities.changes_between(role, values) if role_id else {}
        if before != after:
            changes["permissions"] = (sorted(before), sorted(after))
        with first_come(session, Conflict("name_taken", field="name")):
            session.add(role)
            for field, value in values.items():
                setattr(role, field, value)
            if not is_owner_role(role):
                _grant(role, after)
            if role_id and changes:
                role.updated_at, role.version = clock.instant(), role.version + 1
        keep_an_owner()
        if "is_enabled" in changes:
            _tell_the_group(role)
        if changes or not role_id:
            activities.record(actor, "role.saved", "role", role.id, changes=changes, role=name)
        return int(role.id)


def delete_role(actor: Actor, role_id: int) -> None:
    """Delete a role that nobody has. NotAllowed("role_in_use") otherwise, or for the owner's role."""
    with write() as session:
        role = _role(role_id)
        if is_owner_role(role):
            raise NotAllowed("owner_role_stays")
        require_reach(actor, role_rights(role))
        if session.scalar(select(Staff.id).where(Staff.role_id == role_id).limit(1)) is not None:
            raise NotAllowed("role_in_use")
        activities.record(actor, "role.deleted", "role", role_id, role=role.name)
        session.delete(role)


def _role(role_id: int) -> Role:
    role: Role | None = db.session.get(Role, role_id)
    if role is None:
        raise NotFound("role")
    return role


def _require_free(name: str, role_id: int | None) -> None:
    taken = db.session.scalar(select(Role.id).where(Role.name == name))
    if taken is not None and taken != role_id:
        raise Conflict("name_taken", field="name")


def _keep_the_owners_role(role: Role, name: str, is_enabled: bool) -> None:
    """Its name is the rule that gives it everything, and without it nobody could let anybody in."""
    if is_owner_role(role) and name != role.name:
        raise NotAllowed("owner_role_stays", field="name")
    if is_owner_role(role) and not is_enabled:
        raise NotAllowed("owner_role_stays", field="is_enabled")


def _grant(role: Role, permissions: frozenset[str]) -> None:
    """Only what differs is written."""
    role.permissions = [found for found in role.permissions if found.permission in permissions]
    have = {found.permission for found in role.permissions}
    role.permissions.extend(RolePermission(permission=p) for p in sorted(permissions - have))


def _tell_the_group(role: Role) -> None:
    """Whoever has the role may log in from now on, or no longer (M2-32)."""
    for row in db.session.scalars(select(Staff).where(Staff.role_id == role.id, Staff.is_active).order_by(Staff.id)):
        staff_mails.tell_change(row)
