"""What somebody may do to other people's rights: nobody gives, takes or touches more than they hold (S22)."""

from __future__ import annotations

from sqlalchemy import select

from billing.errors import NotAllowed
from extensions import db
from models import Role, Staff
from services.actor import Actor
from services.permissions import OWNER, PERMISSIONS, held


def rights_of(actor: Actor) -> frozenset[str]:
    """The house itself and whoever sits at its command line hold every right; a person those of their role."""
    if actor.kind == "system":
        return PERMISSIONS
    row = db.session.get(Staff, actor.id) if actor.kind == "staff" else None
    return role_rights(row.role) if row and row.is_active and row.role.is_enabled else frozenset()


def role_rights(role: Role) -> frozenset[str]:
    stored = (found.permission for found in role.permissions)
    return held(stored, is_builtin=role.is_builtin, name=role.name)


def is_owner_role(role: Role) -> bool:
    return role.is_builtin and role.name == OWNER


def require_reach(actor: Actor, permissions: frozenset[str] | set[str]) -> None:
    """NotAllowed("beyond_own_rights") where the actor lacks one of them."""
    if not permissions <= rights_of(actor):
        raise NotAllowed("beyond_own_rights")


def require_reach_of(actor: Actor, row: Staff) -> None:
    """Whether the actor may touch this person's login: whoever holds more is out of reach."""
    require_reach(actor, role_rights(row.role))


def keep_an_owner() -> None:
    """Somebody must be left who holds every right. NotAllowed("last_owner"); called after a change, before its end.

    Behind a lock: two owners who shut each other out in the same moment would otherwise each find the other one left.
    """
    owner_role = select(Role.id).where(Role.is_builtin, Role.name == OWNER)
    db.session.execute(owner_role.with_for_update(key_share=True))
    owners = select(Staff.id).join(Role, Role.id == Staff.role_id)
    can_log_in = (Staff.is_active, Role.is_enabled, Role.is_builtin, Role.name == OWNER)
    if db.session.scalar(owners.where(*can_log_in).limit(1)) is None and db.session.scalar(owners.limit(1)) is not None:
        raise NotAllowed("last_owner")
