"""Passwords: one's own, a forgotten one, and the first one of somebody who was invited."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import logout_user
from wtforms import EmailField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from admin import errors, limits
from admin.deeds import attempt
from admin.door import to_log_in
from admin.fields import Form
from admin.people import person
from admin.session import take_session
from billing.errors import NotAllowed
from extensions import limiter
from services import passwords, staff, staff_invitation, staff_tokens
from services.mail_writing import leave_the_house

blueprint = Blueprint("admin_password", __name__, url_prefix="/admin")
errors.attach(blueprint)


class ChoiceForm(Form):
    """A new password, typed twice."""

    password = PasswordField(_l("New password"), [InputRequired(), Length(min=passwords.SHORTEST, max=200)],
                             description=_l("At least 10 characters. A sentence is easier to keep in mind than "
                                            "signs."),
                             render_kw={"autocomplete": "new-password"})  # fmt: skip
    repeated = PasswordField(_l("New password again"), [EqualTo("password", _l("The two entries differ."))],
                             render_kw={"autocomplete": "new-password"})  # fmt: skip


class PasswordForm(ChoiceForm):
    old_password = PasswordField(_l("Present password"), [InputRequired(), Length(max=200)],
                                 render_kw={"autocomplete": "current-password", "autofocus": True})  # fmt: skip


class ForgotForm(Form):
    email = EmailField(_l("E-mail address"), [InputRequired(), Length(max=200)],
                       render_kw={"autocomplete": "username", "autofocus": True})  # fmt: skip


@blueprint.route("/password", methods=("GET", "POST"))
@limiter.limit(limits.TRIES, key_func=limits.account, methods=["POST"], deduct_when=limits.failed)
def change() -> ResponseReturnValue:
    """A person's own password. All other sessions end, and this one gets a new id (S6)."""
    found = person()
    if found is None:
        return to_log_in()
    form = PasswordForm()
    if form.validate_on_submit():
        old, new = form.old_password.data, form.password.data
        changed = attempt(lambda: staff.change_own_password(found.actor, found.id, old, new, found.session_id), form)
        if changed.done:
            take_session(changed.value)
            flash(gettext("Your password has been changed."), "good")
            return redirect(url_for("admin.index"))
    return render_template("admin/password.html", form=form, must=found.must_change_password)


@blueprint.route("/forgot", methods=("GET", "POST"))
@limiter.limit(limits.ASKS, key_func=limits.address, methods=["POST"])
@limiter.limit(limits.ASKS, key_func=limits.account, methods=["POST"])
def forgot() -> ResponseReturnValue:
    """Ask for a link; the answer is the same for everybody, known or not (S4)."""
    form = ForgotForm()
    sent = form.validate_on_submit()
    if sent:
        staff_invitation.forgot(form.email.data)
    return render_template("admin/forgot.html", form=form, sent=sent, sends_mails=leave_the_house())


@blueprint.route("/choose/<token>", methods=("GET", "POST"))
@limiter.limit(limits.TRIES, key_func=limits.address, methods=["POST"], deduct_when=limits.failed)
def choose(token: str) -> ResponseReturnValue:
    """Behind the link of an invitation or of a forgotten password. Opening the page uses nothing up."""
    try:
        ticket = staff_tokens.look(token)
    except NotAllowed:
        return render_template("admin/link_void.html"), 410
    form = ChoiceForm()
    if (
        form.validate_on_submit()
        and attempt(lambda: staff_tokens.choose_password(token, form.password.data), form).done
    ):
        logout_user()
        session.clear()
        flash(gettext("Your password is chosen. Please log in with it."), "good")
        return redirect(url_for("admin_session.log_in"))
    return render_template("admin/choose.html", form=form, ticket=ticket)
