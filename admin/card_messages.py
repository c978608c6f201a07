"""The tab with what was written to a customer, and writing to them (R-22)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField

from admin import letters, mail_advice, texts
from admin.card import CardTab, require_head, seen_head, show
from admin.card_rows import rows_of
from admin.columns import Column
from admin.deeds import attempt
from admin.door import may
from admin.fields import Form
from admin.lists import row_id
from admin.people import actor
from admin.words import kind_label
from billing.errors import KontorError, NotFound
from queries.cards.attachable import attachable
from queries.cards.customer_head import Head
from queries.cards.customer_lists import messages_of
from services import customer_messages, message_templates
from services.customer_messages import LONGEST_SUBJECT, MOST_ATTACHED_MB, Wish, Words
from services.text_catalogue import LONGEST_MAIL, MESSAGE_WORDS, reader_of


class MessageForm(Form):
    """`once` makes one page one mail, however often it is sent."""

    once = HiddenField()
    recipients = SelectMultipleField(_l("To"))
    template = SelectField(_l("Template"), coerce=int, validate_choice=False)
    subject = StringField(_l("Subject"), render_kw={"maxlength": LONGEST_SUBJECT, "required": True})
    body = TextAreaField(_l("Text"), render_kw={"maxlength": LONGEST_MAIL, "required": True})
    documents = SelectMultipleField(_l("Files"), coerce=int)
    invoices = SelectMultipleField(_l("Invoices"), coerce=int)


class MessagesTab(CardTab):
    tab = "messages"
    permission = "messages.read"
    template = "admin/card/messages.html"
    deeds = {"write": "messages.write", "preview": "messages.write"}
    columns = (
        Column("subject", _l("Subject"), "link", to="admin_messages.details_view"),
        Column("template", _l("Kind"), "kind", of="template"),
        Column("recipient", _l("Recipient")),
        Column("state", _l("Status"), "state", of="message"),
        Column("created_at", _l("Ordered"), "moment"),
        Column("sent_at", _l("Sent"), "moment"),
    )

    def content(self, head: Head) -> dict[str, Any]:
        return {"shown": rows_of(head, messages_of(head.id), self.columns, "subject"), "advice": mail_advice.advice}

    @expose("/write/", methods=("GET", "POST"))
    def write(self) -> ResponseReturnValue:
        head = require_head()
        form = form_for(head)
        if request.method == "POST" and "fill" in request.form:
            fill(form)
        elif form.validate_on_submit() and attempt(lambda: send(head, form), form).done:
            flash(gettext("The message goes out in a moment. It stands here with its state."), "good")
            return redirect(self.get_url(".index", id=head.id))
        return show(self, self.tab, "admin/card/message_new.html", head, {
            "form": form, "lines": texts.lines_of(MESSAGE_WORDS, reader_of(head.customer.language_code)),
            "most_mb": MOST_ATTACHED_MB, "files": found_of(head), "may_keep": may("messages.write"),
        })  # fmt: skip

    @expose("/preview/", methods=("GET", "POST"))
    def preview(self) -> ResponseReturnValue:
        """The message as its reader will see it, for the frame of the page."""
        head = seen_head()
        if request.method == "GET":
            return letters.told(gettext("As soon as there is a subject and a text, the message stands here."))
        words = Words(request.form.get("subject", ""), request.form.get("body", ""))
        try:
            letter = customer_messages.preview(head.id, words)
        except KontorError as error:
            return letters.refused(error)
        return letters.previewed(letter.subject, letter.text, letter.html)


def form_for(head: Head) -> MessageForm:
    """Empty, or with the words of a mail that is sent once more (`again`)."""
    form = MessageForm() if request.method == "POST" else MessageForm(formdata=None, data=begun(head))
    addresses = customer_messages.addresses_of(head.customer)
    form.recipients.choices = [(address, address) for address in addresses]
    language = reader_of(head.customer.language_code)
    offered = message_templates.offered(language)
    form.template.choices = [(0, "–"), *((row.id, named(row, language)) for row in offered)]
    found = found_of(head)
    form.documents.choices = [(each.id, each.name) for each in found.documents]
    form.invoices.choices = [(each.id, each.name) for each in found.invoices]
    return form


def begun(head: Head) -> dict[str, Any]:
    """What the page begins with: the first address, or all of a mail that was sent before."""
    addresses = customer_messages.addresses_of(head.customer)
    values: dict[str, Any] = {"once": secrets.token_hex(8), "recipients": addresses[:1], "template": 0}
    again = row_id(request.args.get("again"))
    ticked = {"documents": numbers("document"), "invoices": numbers("invoice")}
    if again is None:
        return values | ticked
    try:
        copied = customer_messages.copied_from(head.id, again)
    except NotFound:
        return values | ticked
    kept = [address for address in copied.recipients if address in addresses]
    return values | {
        "subject": copied.words.subject, "body": copied.words.body, "recipients": kept or addresses[:1],
        "documents": list(copied.documents), "invoices": list(copied.invoices),
    }  # fmt: skip


def numbers(name: str) -> list[int]:
    """Ids that the address names, to be ticked from the start."""
    return [number for number in map(row_id, request.args.getlist(name)) if number]


def fill(form: MessageForm) -> None:
    """The words of the chosen template take the place of what was typed; everything else stays as it is."""
    try:
        words = message_templates.words_of(form.template.data or 0)
    except NotFound:
        return
    form.subject.data, form.body.data = words.subject, words.body


def send(head: Head, form: MessageForm) -> int:
    wish = Wish(
        tuple(form.recipients.data or ()), Words(form.subject.data or "", form.body.data or ""),
        unique(form.documents.data), unique(form.invoices.data),
    )  # fmt: skip
    return customer_messages.send_message(actor(), head.id, wish, form.once.data or "")


def unique(values: Iterable[int] | None) -> tuple[int, ...]:
    return tuple(dict.fromkeys(values or ()))


def named(row: Any, language: str) -> str:
    """A template in the reader's own language needs no more than its name."""
    return row.name if row.language_code == language else f"{row.name} ({kind_label('language', row.language_code)})"


def found_of(head: Head) -> Any:
    """What can come along, as far as the person may see it."""
    return attachable(head.id, documents=may("documents.read"), invoices=may("invoices.read"))
