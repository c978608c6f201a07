"""The outbox: mails as they were ordered and as they were sent; and what happened in the house."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from admin import deed_words, letters, mail_advice, words
from admin.bulk import Bulk, ForMany
from admin.columns import Choice, Column, kind_choice, state_choice
from admin.deeds import done_by_button
from admin.deleted import refuse_hidden
from admin.fields import Form
from admin.lists import ListScreen, row_id
from admin.people import actor
from admin.refusals import in_words
from billing import states
from billing.errors import KontorError, NotFound
from models import Activity, Message
from queries.cards.activities import get_activity
from queries.cards.attachable import brought_by
from queries.cards.messages import papers_of
from queries.lists.house import MESSAGES, activities
from queries.lists.shape import Listing
from services import customer_messages, messages, outbox
from services.actor import Actor


def _retrying(count: int) -> str:
    return ngettext("%(num)s message will be sent again. What was sent before may arrive twice.",
                    "%(num)s messages will be sent again. What was sent before may arrive twice.", count)  # fmt: skip


def _stopping(count: int) -> str:
    return ngettext("%(num)s message will not be sent.", "%(num)s messages will not be sent.", count)


def _retried(count: int, _form: Form) -> str:
    return ngettext("The message will be sent again in a moment.", "%(num)s messages will be sent again in a moment.",
                    count)  # fmt: skip


def _stopped(count: int, _form: Form) -> str:
    return ngettext("The message will not be sent.", "%(num)s messages will not be sent.", count)


class MessageScreen(ForMany, ListScreen):
    title = _l("Messages")
    hint = _l("Name, e-mail or number of the customer")
    empty = _l("Mails to your customers will stand here, each as it was sent.")
    deeds = {
        "index_view": "messages.read", "details_view": "messages.read", "letter": "messages.read",
        "retry": "messages.write", "stop": "messages.write", "many": "messages.write",
    }  # fmt: skip
    listing = MESSAGES
    columns = (
        Column("recipient", _l("Recipient"), "link", to="admin_messages.details_view"),
        Column("subject", _l("Subject"), under=Column("template", _l("Kind"), "kind", of="template")),
        Column("state", _l("Status"), "state", of="message"),
        Column("attempts", _l("Attempts"), "number"),
        Column("created_at", _l("Ordered"), "moment"),
        Column("sent_at", _l("Sent"), "moment"),
    )
    choices = (state_choice("message", "state", _l("Status")), kind_choice("template", "template", _l("Kind")))

    bulk = (
        Bulk("retry", _l("Send again"), "messages.write", _retrying,
             lambda who, number, _form: messages.retry(who, number), said=_retried),
        Bulk("stop", _l("Stop message"), "messages.write", _stopping,
             lambda who, number, _form: messages.stop(who, number), danger=True, said=_stopped),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(Message, "messages")

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        message = self.require_one()
        subject, text, refused = message.subject or "", message.body or "", ""
        try:
            letter = outbox.letter_of(message.id)
            subject, text = letter.subject, letter.text
        except KontorError as error:
            refused = in_words(error)
        return self.render(
            "admin/message.html", message=message, actions=states.actions("message", message.state), subject=subject,
            text=text, refused=refused, advice=mail_advice.advice(message.error), papers=papers_of(message.id),
            brought=brought_by(message) if message.template == customer_messages.TEMPLATE else [],
            copies=customer_messages.is_copied(message.template, message.body),
            title=subject or str(words.kind_label("template", message.template)),
        )  # fmt: skip

    @expose("/letter/")
    def letter(self) -> ResponseReturnValue:
        """The mail as its reader sees it, for the frame."""
        try:
            return letters.framed(outbox.letter_of(self.require_one().id).html)
        except NotFound as error:
            return letters.told(in_words(error))
        except KontorError as error:
            return letters.told(in_words(error))

    @expose("/retry/", methods=("POST",))
    def retry(self) -> ResponseReturnValue:
        return self._deed(messages.retry, gettext("The message will be sent again in a moment."))

    @expose("/stop/", methods=("GET", "POST"))
    def stop(self) -> ResponseReturnValue:
        if request.method == "POST":
            return self._deed(messages.stop, gettext("The message will not be sent."))
        message = self.require_one()
        return self.render(
            "admin/message_stop.html", message=message, title=gettext("Stop message"), action=self.get_url(".stop"),
            id=message.id, verb=gettext("Stop message"), danger=True,
            back_to=self.get_url(".details_view", id=message.id),
        )  # fmt: skip

    def require_one(self) -> Message:
        """The message that the address means, or 404; of a deleted customer only with the permission (DSG-2)."""
        found: Message = self.get_one(request.args.get("id")) or abort(404)
        refuse_hidden(found.customer_id)
        return found

    def _deed(self, service: Callable[[Actor, int], None], said: str) -> ResponseReturnValue:
        number = row_id(request.form.get("id")) or abort(404)
        back = self.get_url(".details_view", id=number)
        return done_by_button(lambda: service(actor(), number), said, back)


class ActivityScreen(ListScreen):
    """Who did what. Append-only: nobody edits it, whatever their role (GOB-2)."""

    title = _l("Activities")
    hint = _l("Name, e-mail or number of the customer")
    empty = _l("Whatever anybody does will stand here.")
    deeds = {"index_view": "activities.read", "details_view": "activities.read"}
    columns = (
        Column("code", _l("What"), "link_deed", to="admin_activities.details_view"),
        Column("actor_kind", _l("By"), "kind", of="actor"),
        Column("staff", _l("Person")),
        Column("object_kind", _l("Object"), "object"),
        Column("at", _l("When"), "moment"),
    )
    choices = (
        Choice("code", _l("What"), tuple(deed_words.DEEDS.items())),
        kind_choice("actor", "actor_kind", _l("By")),
    )

    def __init__(self) -> None:
        super().__init__(Activity, "activities")

    def get_listing(self) -> Listing:
        return activities(frozenset(deed_words.DEEDS))

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        found = get_activity(row_id(request.args.get("id")) or 0) or abort(404)
        return self.render("admin/activity.html", activity=found, title=deed_words.deed_label(found.code))
