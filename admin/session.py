"""The way in, in one step or two, and the way out."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_limiter.util import get_remote_address
from flask_login import login_user, logout_user
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from admin import errors, limits
from admin.deeds import attempt
from admin.door import to_log_in
from admin.fields import Form
from admin.people import arriving, find_person, person
from extensions import limiter
from services import second_factor, staff

blueprint = Blueprint("admin_session", __name__, url_prefix="/admin")
errors.attach(blueprint)


class LogInForm(Form):
    email = EmailField(_l("E-mail address"), [InputRequired(), Length(max=200)],
                       render_kw={"autocomplete": "username", "autofocus": True})  # fmt: skip
    password = PasswordField(_l("Password"), [InputRequired(), Length(max=200)],
                             render_kw={"autocomplete": "current-password"})  # fmt: skip
    next = HiddenField()


class CodeForm(Form):
    code = StringField(_l("Code"), [InputRequired(), Length(max=40)],
                       description=_l("The six digits from your app, or one of your recovery codes."),
                       render_kw={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none",
                                  "spellcheck": "false"})  # fmt: skip
    next = HiddenField()


@blueprint.route("/login", methods=("GET", "POST"))
@limiter.limit(limits.TRIES, key_func=limits.address, methods=["POST"], deduct_when=limits.failed)
@limiter.limit(limits.TRIES, key_func=limits.account, methods=["POST"], deduct_when=limits.failed)
def log_in() -> ResponseReturnValue:
    """The log-in page; one answer to whatever does not fit (S4)."""
    if person() is not None:
        return redirect(url_for("admin.index"))
    form = LogInForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        outcome = attempt(lambda: _open_session(form.email.data, form.password.data))
        if outcome.done and outcome.value:
            return redirect(url_for("admin_session.second_step", next=safe_target(form.next.data)))
        if outcome.done:
            return _lead_on(form.next.data)
    return render_template("admin/login.html", form=form)


@blueprint.route("/second-step", methods=("GET", "POST"))
@limiter.limit(limits.CODE_TRIES, key_func=limits.address, methods=["POST"], deduct_when=limits.failed)
@limiter.limit(limits.CODE_TRIES, key_func=limits.account, methods=["POST"], deduct_when=limits.failed)
def second_step() -> ResponseReturnValue:
    """The second factor of a login whose password was right; until then the session opens nothing."""
    found = arriving()
    if found is None:
        return to_log_in() if person() is None else redirect(url_for("admin.index"))
    form = CodeForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        shown = attempt(lambda: second_factor.show(found.actor, found.id, found.session_id, form.code.data), form)
        if shown.done:
            take_session(shown.value)
            return _lead_on(form.next.data)
    return render_template("admin/second_step.html", form=form)


@blueprint.route("/logout", methods=("POST",))
def log_out() -> ResponseReturnValue:
    """End the session on the server; a cookie kept by somebody opens nothing any more (S6)."""
    found = person() or arriving()
    if found is not None:
        attempt(lambda: staff.log_out(found.actor, found.token))
    logout_user()
    session.clear()
    flash(gettext("You are logged out."), "good")
    return redirect(url_for("admin_session.log_in"))


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


def take_session(token: str) -> None:
    """The cookie holds this session from now on; what it held before is forgotten (fixation, S6).

    Also the token that forms of this very answer would carry: the new session would not know it.
    """
    session.clear()
    g.pop("csrf_token", None)
    login_user(find_person(token))


def _open_session(email: str, password: str) -> bool:
    """A new session at each log-in; says whether it waits for the second factor."""
    opened = staff.log_in(email, password, address=get_remote_address(),
                          agent=request.user_agent.string or "")  # fmt: skip
    take_session(opened.token)
    return opened.waits_for_code


def _lead_on(target: str | None) -> ResponseReturnValue:
    return redirect(safe_target(target) or url_for("admin.index"))
