"""The roles that a house begins with (M2-25): made with its company, which needs nothing else of roles."""

from __future__ import annotations

from sqlalchemy import select

from models import Role, RolePermission
from services.permissions import DEFAULT_ROLES, OWNER
from services.unit import write


def make_default_roles() -> None:
    """Inhaber, Support and Buchhaltung at the first start; later only Inhaber, should it be missing.

    A default role that somebody deleted or changed stays so.
    """
    with write() as session:
        present = set(session.scalars(select(Role.name)))
        for name, (description, permissions) in DEFAULT_ROLES.items():
            if name not in present and (not present or name == OWNER):
                role = Role(name=name, description=description, is_builtin=True)
                role.permissions = [RolePermission(permission=p) for p in sorted(permissions)]
                session.add(role)
