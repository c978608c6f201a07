"""The company's logo: looked at, replaced, removed."""

from __future__ import annotations

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import FileField

from admin.deeds import attempt, done_by_button
from admin.door import Door, may
from admin.fields import Form
from admin.people import actor
from documents.logo import MAX_BYTES
from services import logo


class LogoForm(Form):
    logo = FileField(_l("Picture"), render_kw={"accept": "image/png,image/jpeg"})

    groups = ((_l("Picture"), ("logo",)),)


class LogoScreen(Door, BaseView):
    deeds = {"index": "company.read", "save": "company.write", "ask_remove": "company.write", "remove": "company.write"}

    def __init__(self) -> None:
        super().__init__(name="logo", endpoint="admin_logo", url="logo")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self._show(LogoForm(formdata=None))

    @expose("/save/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        form = LogoForm()
        given = request.files.get("logo")
        content = given.stream.read(MAX_BYTES + 1) if given else b""
        name = given.filename or "" if given else ""
        if form.validate_on_submit() and attempt(lambda: logo.set_logo(actor(), content, name), form).done:
            flash(gettext("The logo is in use from now on; issued papers keep theirs."), "good")
            return redirect(self.get_url(".index"))
        return self._show(form)

    @expose("/remove/", methods=("GET",))
    def ask_remove(self) -> ResponseReturnValue:
        return self.render("admin/logo_remove.html", title=gettext("Remove the logo"))

    @expose("/removed/", methods=("POST",))
    def remove(self) -> ResponseReturnValue:
        return done_by_button(
            lambda: logo.remove_logo(actor()), gettext("There is no logo any more; issued papers keep theirs."),
            self.get_url(".index"),
        )  # fmt: skip

    def _show(self, form: LogoForm) -> ResponseReturnValue:
        return self.render(
            "admin/logo.html", form=form, title=gettext("Logo"), logo=logo.current_logo(), may_save=may("company.write")
        )
