"""Who works here, and with which role (M2-30 to M2-32)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select as sql_select
from wtforms import EmailField
from wtforms.validators import InputRequired, Length

from admin import browsers
from admin.columns import Column, yes_no_choice
from admin.deeds import attempt, done_by_button
from admin.fields import Form, select, text, yes
from admin.forms import FormScreen, stored
from admin.handing_over import staff_link_told
from admin.people import actor
from admin.words import choices
from extensions import db
from models import Role, Staff
from queries.lists.house import STAFF
from queries.sessions import open_sessions
from services import clock, second_factor, staff_access, staff_invitation, staff_sessions
from services.staff_rights import rights_of, role_rights

_c = Staff.__table__.c


class InvitationForm(Form):
    email = EmailField(_l("E-mail address"), [InputRequired(), Length(max=200)])
    name = text(_l("Name"), _c.name, required=True)
    role = select(_l("Role"), ())
    language_code = select(_l("Language"), choices("language"))

    groups = ((_l("Person"), ("name", "email", "role", "language_code")),)


class StaffForm(Form):
    name = text(_l("Name"), _c.name, required=True)
    role_id = select(_l("Role"), (), coerce=int,
                     help=_l("Another role ends the person's open logins and is told by e-mail."))  # fmt: skip
    language_code = select(_l("Language"), choices("language"))
    is_active = yes(_l("May log in"))

    groups = ((_l("Person"), ("name", "role_id", "language_code", "is_active")),)


class StaffScreen(FormScreen):
    """M2-30: Mitarbeiter-Zugänge."""

    title = _l("Staff access")
    new_label = _l("New staff access")
    edit_title = _l("Edit staff access")
    hint = _l("Name or e-mail address")
    empty = _l("Nobody has access yet.")
    deeds = {
        "index_view": "staff.read", "create_view": "staff.write", "edit_view": "staff.write",
        "send_link": "staff.write", "reset_second_factor": "staff.write", "end_sessions": "staff.write",
    }  # fmt: skip
    listing = STAFF
    create_template = "admin/invitation.html"
    edit_template = "admin/staff.html"
    columns = (
        Column("name", _l("Name"), "link", to="admin_staff.edit_view"),
        Column("email", _l("E-mail")),
        Column("role", _l("Role")),
        Column("state", _l("Status"), "state", of="staff"),
        Column("second_factor", _l("Second factor"), "yes_no"),
        Column("last_login_at", _l("Last login"), "moment"),
    )

    choices = (yes_no_choice("is_active", _l("May log in")),)

    def __init__(self) -> None:
        super().__init__(Staff, "staff")

    def new_form(self) -> Form:
        form = InvitationForm()
        form.role.choices = [(role.name, role.name) for role in _roles_within_reach()]
        return form

    def form_of(self, row: Staff) -> Form:
        form = StaffForm(data=stored(row))
        within = _roles_within_reach()
        form.role_id.choices = [(role.id, role.name) for role in within]
        if row.role_id not in {role.id for role in within}:
            form.role_id.choices.append((row.role_id, row.role.name))  # shown as it is; the service refuses the rest
        return form

    def create(self, form: Form) -> staff_invitation.Invitation:
        return staff_invitation.invite(
            actor(), form.email.data, name=form.name.data, role=form.role.data, language=form.language_code.data
        )

    def created(self, form: Form, made: staff_invitation.Invitation) -> ResponseReturnValue:
        return self.link_is_out(form.name.data, form.email.data, made)

    def update(self, form: Form, row: Staff) -> None:
        staff_access.change_staff(
            actor(), row.id, name=form.name.data, role_id=form.role_id.data, is_active=form.is_active.data,
            language_code=form.language_code.data,
        )  # fmt: skip

    def show_form(
        self, form: Form, title: Any, back_to: str, row: Any = None, version: str = ""
    ) -> ResponseReturnValue:
        if row is not None:
            logins = open_sessions(row.id, clock.real())
            self._template_args.update(logins=logins, in_words=browsers.in_words)
        return super().show_form(form, title, back_to, row, version)

    @expose("/link/", methods=("POST",))
    def send_link(self) -> ResponseReturnValue:
        """The invitation again, or a link to choose a new password."""
        row = self.require_row()
        number, name, email = row.id, row.name, row.email
        purpose = "reset" if row.password_hash else "invitation"
        outcome = attempt(lambda: staff_invitation.send_link(actor(), number))
        if not outcome.done:
            return redirect(self.get_url(".edit_view", id=number))
        return self.link_is_out(name, email, outcome.value, purpose)

    @expose("/second-factor/reset/", methods=("POST",))
    def reset_second_factor(self) -> ResponseReturnValue:
        number = self.require_row().id
        said = gettext("The second factor is reset. The person logs in with the password alone and is told by e-mail.")
        back_to = self.get_url(".edit_view", id=number)
        return done_by_button(lambda: second_factor.reset(actor(), number), said, back_to)

    @expose("/sessions/end/", methods=("POST",))
    def end_sessions(self) -> ResponseReturnValue:
        """All open logins of a person."""
        number = self.require_row().id
        said = gettext("All open logins of this person have ended.")
        back_to = self.get_url(".edit_view", id=number)
        return done_by_button(lambda: staff_sessions.end_others(actor(), number), said, back_to)

    def link_is_out(
        self, name: str, email: str, made: staff_invitation.Invitation, purpose: str = "invitation"
    ) -> ResponseReturnValue:
        """Without a mail server the link stands in the answer, once: a redirect would have to keep it somewhere."""
        if made.link is None:
            flash(gettext("The link is on its way to %(email)s.", email=email), "good")
            return redirect(self.get_url(".edit_view", id=made.staff_id))
        return self.render(
            "admin/secret.html", title=gettext("Link for %(name)s", name=name), secret=made.link,
            next_step=staff_link_told(purpose),
        )  # fmt: skip


def _roles_within_reach() -> list[Role]:
    """Those that hold nothing which the person at the screen lacks (S22)."""
    mine = rights_of(actor())
    roles = db.session.scalars(sql_select(Role).order_by(Role.name))
    return [role for role in roles if role_rights(role) <= mine]
