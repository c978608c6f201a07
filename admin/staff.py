"""Who works here: staff, roles with their permissions (M2-24 to M2-32), and the keys of machines."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select as sql_select
from wtforms import EmailField, SelectMultipleField
from wtforms.validators import InputRequired, Length

from admin.columns import Column
from admin.deeds import attempt, done_by_button
from admin.fields import Form, select, text, yes
from admin.forms import FormScreen, stored
from admin.lists import row_id
from admin.people import actor
from admin.permission_words import SUBJECT_WORDS
from admin.words import choices
from extensions import db
from models import ApiKey, Role, Staff
from queries.lists.house import API_KEYS, ROLES, STAFF
from services import api_keys, staff, staff_invitation
from services.permissions import PERMISSIONS

_c = Staff.__table__.c


class InvitationForm(Form):
    email = EmailField(_l("E-mail address"), [InputRequired(), Length(max=200)])
    name = text(_l("Name"), _c.name, required=True)
    role = select(_l("Role"), ())

    groups = ((_l("Person"), ("email", "name", "role")),)


class StaffForm(Form):
    name = text(_l("Name"), _c.name, required=True)
    role_id = select(_l("Role"), (), coerce=int)
    language_code = select(_l("Language"), choices("language"))
    is_active = yes(_l("May log in"))

    groups = ((_l("Person"), ("name", "role_id", "language_code", "is_active")),)


class StaffScreen(FormScreen):
    """M2-30: Mitarbeiter-Zugänge."""

    title = _l("Staff access")
    new_label = _l("New staff access")
    edit_title = _l("Edit staff access")
    empty = _l("Nobody has access yet.")
    deeds = {
        "index_view": "staff.read", "create_view": "staff.write", "edit_view": "staff.write",
        "reset_password": "staff.write",
    }  # fmt: skip
    listing = STAFF
    edit_template = "admin/staff.html"
    columns = (
        Column("name", _l("Name"), "link", to="admin_staff.edit_view"),
        Column("email", _l("E-mail")),
        Column("role", _l("Role")),
        Column("is_active", _l("May log in"), "yes_no"),
        Column("last_login_at", _l("Last login"), "moment"),
    )

    def __init__(self) -> None:
        super().__init__(Staff, "staff")

    def new_form(self) -> Form:
        form = InvitationForm()
        form.role.choices = [(name, name) for _id, name in _roles()]
        return form

    def form_of(self, row: Staff) -> Form:
        form = StaffForm(data=stored(row))
        form.role_id.choices = _roles()
        return form

    def create(self, form: Form) -> str:
        return staff_invitation.invite(actor(), form.email.data, name=form.name.data, role=form.role.data)

    def created(self, form: Form, made: str) -> ResponseReturnValue:
        return self.show_password(form.name.data, made)

    def update(self, form: Form, row: Staff) -> None:
        staff.change_staff(
            actor(), row.id, name=form.name.data, role_id=form.role_id.data, is_active=form.is_active.data,
            language_code=form.language_code.data,
        )  # fmt: skip

    @expose("/password/", methods=("POST",))
    def reset_password(self) -> ResponseReturnValue:
        """A new random password; all sessions of that person end."""
        row = self.require_row()
        number, name = row.id, row.name
        outcome = attempt(lambda: staff.reset_password(actor(), number))
        if not outcome.done:
            return redirect(self.get_url(".edit_view", id=number))
        return self.show_password(name, outcome.value)

    def show_password(self, name: str, password: str) -> ResponseReturnValue:
        """Straight in the answer to the form: a redirect would have to keep it somewhere."""
        return self.render(
            "admin/secret.html", title=gettext("Password of %(name)s", name=name), secret=password,
            next_step=gettext("It has to be replaced at the first login. All earlier sessions have ended."),
        )  # fmt: skip


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


class ApiKeyForm(Form):
    email = EmailField(_l("E-mail address"), [InputRequired(), Length(max=200)],
                       description=_l("The user name with which the program logs in."))  # fmt: skip
    name = text(_l("Name"), ApiKey.__table__.c.name, help=_l("Which program uses this key."))
    scope = select(_l("Scope"), choices("scope"))

    groups = ((_l("API key"), ("email", "name", "scope")),)


class ApiKeyScreen(FormScreen):
    """Keys of machines: shown once, kept as a digest, revocable (S23)."""

    title = _l("API keys")
    new_label = _l("New API key")
    empty = _l("Programs that call the interface need a key. Make the first one here.")
    deeds = {"index_view": "api_keys.read", "create_view": "api_keys.write", "revoke": "api_keys.write"}
    listing = API_KEYS
    list_template = "admin/api_keys.html"
    columns = (
        Column("email", _l("E-mail")),
        Column("name", _l("Name")),
        Column("scope", _l("Scope"), "kind", of="scope"),
        Column("state", _l("Status"), "state", of="api_key"),
        Column("created_at", _l("Created"), "moment"),
        Column("last_used_at", _l("Last used"), "moment"),
    )
    form_class = ApiKeyForm

    def __init__(self) -> None:
        super().__init__(ApiKey, "api_keys")

    def create(self, form: Form) -> str:
        return api_keys.add_api_key(actor(), form.email.data, name=form.name.data or "", scope=form.scope.data)

    def created(self, form: Form, made: str) -> ResponseReturnValue:
        return self.render(
            "admin/secret.html", title=gettext("API key of %(email)s", email=form.email.data), secret=made,
            next_step=gettext("The program logs in with the e-mail address as user and this key as password."),
        )  # fmt: skip

    @expose("/revoke/", methods=("POST",))
    def revoke(self) -> ResponseReturnValue:
        number = row_id(request.form.get("id")) or 0
        return done_by_button(
            lambda: api_keys.revoke_api_key(actor(), number), gettext("The key no longer opens anything."),
            self.get_url(".index_view"),
        )  # fmt: skip


def _roles() -> list[tuple[int, str]]:
    return [(row.id, row.name) for row in db.session.execute(sql_select(Role.id, Role.name).order_by(Role.name))]


def _save_role(role_id: int | None, form: Form) -> int:
    return staff.save_role(
        actor(), role_id, name=form.name.data, description=form.description.data or "",
        is_enabled=form.is_enabled.data, permissions=set(form.permissions.data or ()),
    )  # fmt: skip

