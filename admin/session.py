"""Logging in, logging out, and the choice of a password."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_limiter.util import get_remote_address
from flask_login import login_user, logout_user
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from admin import errors
from admin.deeds import attempt
from admin.door import to_log_in
from admin.fields import Form
from admin.people import Person, find_person, person
from extensions import limiter
from services import staff

TRIES = "10 per minute; 60 per hour"  # failed ones, per address and per account (S5)

blueprint = Blueprint("admin_session", __name__, url_prefix="/admin")
errors.attach(blueprint)


class LogInForm(Form):
    email = EmailField(_l("E-mail address"), [InputRequired(), Length(max=200)],
                       render_kw={"autocomplete": "username", "autofocus": True})  # fmt: skip
    password = PasswordField(_l("Password"), [InputRequired(), Length(max=200)],
                             render_kw={"autocomplete": "current-password"})  # fmt: skip
    next = HiddenField()


class PasswordForm(Form):
    old_password = PasswordField(_l("Present password"), [InputRequired(), Length(max=200)],
                                 render_kw={"autocomplete": "current-password", "autofocus": True})  # fmt: skip
    password = PasswordField(_l("New password"), [InputRequired(), Length(min=staff.SHORTEST_PASSWORD, max=200)],
                             description=_l("At least 10 characters. A sentence is easier to keep in mind than "
                                            "signs."),
                             render_kw={"autocomplete": "new-password"})  # fmt: skip
    repeated = PasswordField(_l("New password again"), [EqualTo("password", _l("The two entries differ."))],
                             render_kw={"autocomplete": "new-password"})  # fmt: skip


def _account() -> str:
    """Whose account is tried; of a person who is signed in, their own."""
    found = person()
    return f"account:{found.email if found else request.form.get('email', '').strip().casefold()[:200]}"


def _address() -> str:
    return f"address:{get_remote_address()}"


def _failed(response: object) -> bool:
    """Only what did not lead on counts: an office behind one address may log in as often as it likes."""
    return getattr(response, "status_code", 500) != 302


@blueprint.route("/login", methods=("GET", "POST"))
@limiter.limit(TRIES, key_func=_address, methods=["POST"], deduct_when=_failed)
@limiter.limit(TRIES, key_func=_account, methods=["POST"], deduct_when=_failed)
def log_in() -> ResponseReturnValue:
    """The log-in page; one answer to whatever does not fit (S4)."""
    if person() is not None:
        return redirect(url_for("admin.index"))
    form = LogInForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        outcome = attempt(lambda: _open_session(form.email.data, form.password.data))
        if outcome.done:
            return redirect(safe_target(form.next.data) or url_for("admin.index"))
    return render_template("admin/login.html", form=form)


@blueprint.route("/logout", methods=("POST",))
def log_out() -> ResponseReturnValue:
    """End the session on the server; a cookie kept by somebody opens nothing any more (S6)."""
    found = person()
    if found is not None:
        attempt(lambda: staff.log_out(found.actor, found.token))
    logout_user()
    session.clear()
    flash(gettext("You are logged out."), "good")
    return redirect(url_for("admin_session.log_in"))


@blueprint.route("/password", methods=("GET", "POST"))
@limiter.limit(TRIES, key_func=_account, methods=["POST"], deduct_when=_failed)
def change_password() -> ResponseReturnValue:
    """A person's own password. All sessions end, and a new one begins (S6)."""
    found = person()
    if found is None:
        return to_log_in()
    form = PasswordForm()
    if form.validate_on_submit():
        old, new = form.old_password.data, form.password.data
        if attempt(lambda: staff.change_own_password(found.actor, found.id, old, new), form).done:
            _open_session(found.email, new)
            flash(gettext("Your password has been changed."), "good")
            return redirect(url_for("admin.index"))
    return render_template("admin/password.html", form=form, must=found.must_change_password)


@blueprint.route("/<path:rest>")
def nowhere(rest: str) -> ResponseReturnValue:
    """An address that no screen has; strangers learn nothing of which there are."""
    return to_log_in() if person() is None else abort(404)


def safe_target(target: str | None) -> str | None:
    """The target if it is a path of this house, else None (S17): no scheme, host, backslash or control character."""
    if not target or len(target) > 2000 or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(ord(char) < 33 for char in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def _open_session(email: str, password: str) -> None:
    """A new session at each log-in; what a cookie held before is forgotten (fixation, S6)."""
    opened = staff.log_in(email, password, address=get_remote_address(),
                          agent=request.user_agent.string or "")  # fmt: skip
    session.clear()
    found: Person | None = find_person(opened.token)
    login_user(found)
