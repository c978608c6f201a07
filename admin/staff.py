"""Who works here, and with which role (M2-30 to M2-32)."""

from __future__ import annotations

from flask import redirect
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select as sql_select
from wtforms import EmailField
from wtforms.validators import InputRequired, Length

from admin.columns import Column
from admin.deeds import attempt
from admin.fields import Form, select, text, yes
from admin.forms import FormScreen, stored
from admin.people import actor
from admin.words import choices
from extensions import db
from models import Role, Staff
from queries.lists.house import STAFF
from services import staff, staff_invitation

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


def _roles() -> list[tuple[int, str]]:
    return [(row.id, row.name) for row in db.session.execute(sql_select(Role.id, Role.name).order_by(Role.name))]
