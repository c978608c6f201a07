"""The keys of machines."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import EmailField
from wtforms.validators import InputRequired, Length

from admin.columns import Column, state_choice
from admin.deeds import done_by_button
from admin.fields import Form, select, text
from admin.forms import FormScreen
from admin.lists import row_id
from admin.people import actor
from admin.words import choices
from models import ApiKey
from queries.lists.house import API_KEYS
from services import api_keys


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
        Column("email", _l("E-mail"), under=Column("name", _l("Name"))),
        Column("scope", _l("Scope"), "kind", of="scope"),
        Column("state", _l("Status"), "state", of="api_key"),
        Column("created_at", _l("Created"), "moment"),
        Column("last_used_at", _l("Last used"), "moment"),
    )
    choices = (state_choice("api_key", "state", _l("Status")),)
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
