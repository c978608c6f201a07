"""Templates for messages to customers, as the team keeps them."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from admin.columns import Column
from admin.fields import Form, select, text
from admin.forms import FormScreen
from admin.people import actor
from admin.words import choices
from models import MessageTemplate
from queries.lists.message_templates import MESSAGE_TEMPLATES
from services import message_templates


class TemplateForm(Form):
    name = text(_l("Name"), MessageTemplate.__table__.c.name, required=True, help=_l("As the team finds it again."))
    language_code = select(_l("Language"), choices("language"))
    subject = text(_l("Subject"), MessageTemplate.__table__.c.subject, required=True)
    body = text(
        _l("Text"), MessageTemplate.__table__.c.body, required=True,
        help=_l("Placeholders such as {{ customer.greeting }}, {{ customer.name }}, {{ customer.number }} and "
                "{{ company.name }} are filled in when the message is written."),
    )  # fmt: skip

    groups = ((_l("Message template"), ("name", "language_code", "subject", "body")),)


class MessageTemplateScreen(FormScreen):
    title = _l("Message templates")
    new_label = _l("New template")
    edit_title = _l("Message template")
    empty = _l(
        "Words that you often write to customers will stand here. Make the first template, and choose it when "
        "you write a message."
    )
    deeds = dict.fromkeys(("index_view", "create_view", "edit_view", "delete_view", "confirm_delete"), "messages.write")
    delete_means = _l("Messages that were written with it stay as they are. This cannot be undone.")
    listing = MESSAGE_TEMPLATES
    columns = (
        Column("name", _l("Name"), "link", to="admin_message_templates.edit_view"),
        Column("language_code", _l("Language"), "kind", of="language"),
        Column("subject", _l("Subject")),
        Column("updated_at", _l("Changed"), "moment"),
    )
    form_class = TemplateForm

    def __init__(self) -> None:
        super().__init__(MessageTemplate, "message_templates")

    def create(self, form: Form) -> int:
        return message_templates.create_template(actor(), _values(form))

    def update(self, form: Form, row: MessageTemplate) -> None:
        message_templates.update_template(actor(), row.id, _values(form))

    def delete(self, row: MessageTemplate) -> None:
        message_templates.delete_template(actor(), row.id)


def _values(form: Form) -> dict[str, Any]:
    return {name: form[name].data or "" for name in ("name", "language_code", "subject", "body")}
