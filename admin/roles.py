"""Roles: the access rights of a group (M2-24 to M2-31), as check boxes."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField

from admin.columns import Column
from admin.fields import Form, text, yes
from admin.forms import FormScreen, stored
from admin.people import actor
from admin.permission_words import SUBJECT_WORDS
from models import Role
from queries.lists.house import ROLES
from services import staff
from services.permissions import PERMISSIONS


class RoleForm(Form):
    name = text(_l("Name"), Role.__table__.c.name, required=True)
    description = text(_l("Description"), longest=300)
    is_enabled = yes(_l("Enabled"), help=_l("Only an enabled role lets anybody in."), default=True)
    permissions = SelectMultipleField(_l("Permissions"), choices=[(name, name) for name in sorted(PERMISSIONS)])

    groups = ((_l("Role"), ("name", "description", "is_enabled")),)


class RoleScreen(FormScreen):
    """A role is the access rights of a group (M2-28); whoever has it may the same (M2-29)."""

    title = _l("Roles")
    new_label = _l("New role")
    edit_title = _l("Edit role")
    empty = _l("There is no role yet.")
    deeds = {"index_view": "staff.read", "create_view": "staff.write", "edit_view": "staff.write"}
    listing = ROLES
    create_template = edit_template = "admin/role.html"
    columns = (
        Column("name", _l("Name"), "link", to="admin_roles.edit_view"),
        Column("description", _l("Description")),
        Column("is_enabled", _l("Enabled"), "yes_no"),
        Column("people", _l("People"), "number"),
        Column("permissions", _l("Permissions"), "number"),
    )
    form_class = RoleForm

    def __init__(self) -> None:
        super().__init__(Role, "roles")

    def form_of(self, row: Role) -> Form:
        permissions = [found.permission for found in row.permissions]
        return self.form_class(data=stored(row) | {"permissions": permissions})

    def create(self, form: Form) -> int:
        return _save_role(None, form)

    def update(self, form: Form, row: Role) -> None:
        _save_role(row.id, form)

    def show_form(
        self, form: Form, title: Any, back_to: str, row: Any = None, version: str = ""
    ) -> ResponseReturnValue:
        self._template_args["subjects"] = SUBJECT_WORDS
        return super().show_form(form, title, back_to, row, version)


def _save_role(role_id: int | None, form: Form) -> int:
    return staff.save_role(
        actor(), role_id, name=form.name.data, description=form.description.data or "",
        is_enabled=form.is_enabled.data, permissions=set(form.permissions.data or ()),
    )  # fmt: skip
