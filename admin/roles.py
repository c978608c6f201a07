"""Roles: the access rights of a group (M2-24 to M2-31), as check boxes by subject and deed."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField

from admin.columns import Column
from admin.fields import Form, text, yes
from admin.forms import FormScreen, stored
from admin.lists import row_id
from admin.people import actor, may, person
from admin.permission_words import grid
from extensions import db
from models import Role
from queries.lists.house import ROLES
from services import roles
from services.permissions import PERMISSIONS, with_reading
from services.staff_rights import is_owner_role, role_rights


class RoleForm(Form):
    name = text(_l("Name"), Role.__table__.c.name, required=True)
    description = text(_l("Description"), longest=300)
    is_enabled = yes(_l("Enabled"), help=_l("Only an enabled role lets anybody in."), default=True)
    requires_totp = yes(
        _l("Demands a second factor"),
        help=_l("Whoever has none yet is led to set it up at the next click, before anything else opens."),
    )
    permissions = SelectMultipleField(_l("Permissions"), choices=[(name, name) for name in sorted(PERMISSIONS)])

    groups = ((_l("Role"), ("name", "description", "is_enabled", "requires_totp")),)


class RoleScreen(FormScreen):
    """A role is the access rights of a group (M2-28); whoever has it may the same (M2-29)."""

    title = _l("Roles")
    new_label = _l("New role")
    edit_title = _l("Edit role")
    empty = _l("There is no role yet.")
    deeds = {
        "index_view": "staff.read", "create_view": "staff.write", "edit_view": "staff.write",
        "delete_view": "staff.write", "confirm_delete": "staff.write",
    }  # fmt: skip
    listing = ROLES
    create_template = edit_template = "admin/role.html"
    columns = (
        Column("name", _l("Name"), "link", to="admin_roles.edit_view"),
        Column("description", _l("Description")),
        Column("is_enabled", _l("Enabled"), "yes_no"),
        Column("requires_totp", _l("Second factor"), "yes_no"),
        Column("people", _l("People"), "number"),
    )
    form_class = RoleForm

    def __init__(self) -> None:
        super().__init__(Role, "roles")

    def new_form(self) -> Form:
        """An empty form, or the copy of a role that the address names."""
        like: Role | None = db.session.get(Role, row_id(request.args.get("like")) or 0)
        if like is None:
            return RoleForm()
        name = gettext("Copy of %(name)s", name=like.name)[:60]
        return RoleForm(data=stored(like) | {"name": name, "permissions": sorted(role_rights(like) & _mine())})

    def form_of(self, row: Role) -> Form:
        return RoleForm(data=stored(row) | {"permissions": sorted(role_rights(row))})

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        if "tick" in request.form:
            return self.show_form(_ticked(self.new_form()), self.new_label, self.get_url(".index_view"))
        return super().create_view()

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        if "tick" in request.form:
            row = self.require_row()
            seen = request.form.get("version", str(row.version))
            return self.show_form(_ticked(self.form_of(row)), self.edit_title, self.get_url(".index_view"), row, seen)
        return super().edit_view()

    def create(self, form: Form) -> int:
        return _save_role(None, form)

    def update(self, form: Form, row: Role) -> None:
        _save_role(row.id, form)

    def delete(self, row: Role) -> None:
        roles.delete_role(actor(), row.id)

    def show_form(
        self, form: Form, title: Any, back_to: str, row: Any = None, version: str = ""
    ) -> ResponseReturnValue:
        reach = row is None or role_rights(row) <= _mine()
        self._template_args.update(
            grid=grid(), mine=_mine(), owner=row is not None and is_owner_role(row), reach=reach,
            may_save=reach and may("staff.write"),
        )  # fmt: skip
        return super().show_form(form, title, back_to, row, version)


def _ticked(form: Form) -> Form:
    """The form as it was filled in, with the boxes of a whole group ticked; nothing is saved yet."""
    wish = request.form["tick"]
    chosen = set(form.permissions.data or ())
    reading = {name for name in PERMISSIONS if name.endswith(".read")}
    after = {"reading": chosen | reading, "everything": set(PERMISSIONS), "nothing": set()}.get(wish, chosen)
    form.permissions.data = sorted(after & _mine())
    return form


def _mine() -> frozenset[str]:
    found = person()
    return found.permissions if found else frozenset()


def _save_role(role_id: int | None, form: Form) -> int:
    return roles.save_role(
        actor(), role_id, name=form.name.data, description=form.description.data or "",
        is_enabled=form.is_enabled.data, requires_totp=form.requires_totp.data,
        permissions=with_reading(form.permissions.data or ()),
    )  # fmt: skip
