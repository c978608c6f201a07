"""Mein Konto: what everybody looks after themselves: name, language, look, password, second factor, open logins."""

from __future__ import annotations

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from admin import browsers, errors, limits
from admin.deeds import attempt, done_by_button, told
from admin.door import first_step, to_log_in
from admin.fields import Form, select, text
from admin.lists import PAGE_SIZES, row_id
from admin.people import Person, person
from admin.session import safe_target, take_session
from admin.words import choices
from extensions import limiter
from models import Staff
from queries.sessions import open_sessions
from services import clock, second_factor, staff_access, staff_sessions

blueprint = Blueprint("admin_account", __name__, url_prefix="/admin/account")
errors.attach(blueprint)
SETTING_UP = ("admin_account.second_factor_view", "admin_account.begin", "admin_account.confirm")


class AccountForm(Form):
    name = text(_l("Name"), Staff.__table__.c.name, required=True)
    language_code = select(_l("Language"), choices("language"))
    theme = select(_l("Look"), choices("theme"))
    page_size = select(_l("Rows on a page"), [(size, str(size)) for size in PAGE_SIZES], coerce=int)

    groups = ((_l("Person"), ("name", "language_code", "theme", "page_size")),)


class ConfirmForm(Form):
    code = StringField(_l("Code from the app"), [InputRequired(), Length(max=20)],
                       render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"})  # fmt: skip


class SwitchOffForm(Form):
    password = PasswordField(_l("Password"), [InputRequired(), Length(max=200)],
                             render_kw={"autocomplete": "current-password"})  # fmt: skip
    code = StringField(_l("Code"), [InputRequired(), Length(max=40)],
                       description=_l("The six digits from your app, or one of your recovery codes."),
                       render_kw={"autocomplete": "one-time-code"})  # fmt: skip


@blueprint.before_request
def _come_in() -> ResponseReturnValue | None:
    """Everybody who is signed in; whoever has to choose a password or set up a second factor does that first."""
    found = person()
    if found is None:
        return to_log_in()
    first = first_step(found)
    allowed = first is None or (first == SETTING_UP[0] and request.endpoint in SETTING_UP)
    return None if allowed else redirect(url_for(first))


@blueprint.route("/", methods=("GET", "POST"))
def index() -> ResponseReturnValue:
    """The page, and the form of what a person may change about themselves."""
    me = _me()
    stored = {name: getattr(me, name) for name in ("name", "language_code", "theme", "page_size")}
    form = AccountForm(data=stored)
    if form.validate_on_submit():
        values = {name: form[name].data for name in stored}
        if attempt(lambda: staff_access.change_own(me.actor, me.id, **values), form).done:
            flash(gettext("Saved."), "good")
            return redirect(url_for(".index"))
    logins = open_sessions(me.id, clock.real())
    return render_template("admin/account.html", form=form, me=me, logins=logins, in_words=browsers.in_words)


@blueprint.route("/look", methods=("POST",))
def look() -> ResponseReturnValue:
    """One button of the side navigation: another language, or another look; back to where the person was."""
    me = _me()
    wanted = {name: request.form[name] for name in ("language_code", "theme") if request.form.get(name)}
    known = all(value in dict(choices(name.removesuffix("_code"))) for name, value in wanted.items())
    if wanted and known:
        attempt(lambda: staff_access.change_own(me.actor, me.id, **wanted))
    return redirect(safe_target(request.form.get("next")) or url_for("admin.index"))


@blueprint.route("/sessions/end", methods=("POST",))
def end_session() -> ResponseReturnValue:
    """One open login of one's own ends; the present one is left by logging out."""
    me, number = _me(), row_id(request.form.get("id")) or 0
    ended = gettext("The login has ended.")
    return done_by_button(lambda: staff_sessions.end_one(me.actor, me.id, number), ended, url_for(".index"))


@blueprint.route("/sessions/end-others", methods=("POST",))
def end_others() -> ResponseReturnValue:
    me = _me()
    ended = gettext("All your other logins have ended.")
    return done_by_button(
        lambda: staff_sessions.end_others(me.actor, me.id, but=me.session_id), ended, url_for(".index")
    )


@blueprint.route("/second-factor")
def second_factor_view() -> ResponseReturnValue:
    """On, or half set up with its picture for the phone, or off."""
    return _show_second_factor()


@blueprint.route("/second-factor/begin", methods=("POST",))
def begin() -> ResponseReturnValue:
    me = _me()
    attempt(lambda: second_factor.begin(me.actor, me.id))
    return redirect(url_for(".second_factor_view"))


@blueprint.route("/second-factor/confirm", methods=("POST",))
@limiter.limit(limits.TRIES, key_func=limits.account)
def confirm() -> ResponseReturnValue:
    """The first code from the phone; the answer shows the recovery codes, once."""
    me, form = _me(), ConfirmForm()
    if form.validate_on_submit():
        code = form.code.data
        done = attempt(lambda: second_factor.confirm(me.actor, me.id, me.session_id, code), form)
        if done.done:
            take_session(done.value.token)
            return render_template("admin/recovery_codes.html", codes=done.value.codes, fresh=True)
    return _show_second_factor(confirm=form)


@blueprint.route("/second-factor/codes", methods=("POST",))
@limiter.limit(limits.CODE_TRIES, key_func=limits.account)
def renew_codes() -> ResponseReturnValue:
    """Ten new recovery codes, shown once in the answer."""
    me, form = _me(), ConfirmForm()
    if form.validate_on_submit():
        done = attempt(lambda: second_factor.renew_codes(me.actor, me.id, form.code.data), form)
        if done.done and done.value:
            return render_template("admin/recovery_codes.html", codes=done.value, fresh=False)
    return _show_second_factor(renew=form)


@blueprint.route("/second-factor/off", methods=("POST",))
@limiter.limit(limits.CODE_TRIES, key_func=limits.account)
def switch_off() -> ResponseReturnValue:
    me, form = _me(), SwitchOffForm()
    if form.validate_on_submit():
        password, code = form.password.data, form.code.data
        off = gettext("The second factor is switched off.")
        if told(lambda: second_factor.switch_off(me.actor, me.id, password, code), off, form):
            return redirect(url_for(".second_factor_view"))
    return _show_second_factor(off=form)


def _show_second_factor(**forms: Form) -> ResponseReturnValue:
    """The page in its state; a form that was sent and refused keeps what it said."""
    me = _me()
    setup = None if me.has_second_factor else second_factor.setup(me.id)
    picture = Markup(segno.make(setup.address, error="m").svg_inline(scale=5, light="#fff")) if setup else ""
    left = second_factor.codes_left(me.id) if me.has_second_factor else 0
    shown = {"confirm": ConfirmForm(formdata=None), "renew": ConfirmForm(formdata=None),
             "off": SwitchOffForm(formdata=None), **forms}  # fmt: skip
    return render_template("admin/second_factor.html", me=me, setup=setup, picture=picture, left=left, **shown)


def _me() -> Person:
    found = person()
    if found is None:
        raise RuntimeError("nobody is signed in")
    return found
