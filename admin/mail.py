"""The settings of e-mail: whether mails leave the house, as whom, and a test to oneself."""

from __future__ import annotations

from flask import redirect
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext

from admin.deeds import done_by_button
from admin.door import Door, opens
from admin.people import actor, person
from services import outbox


class MailScreen(Door, BaseView):
    deeds = {"index": "company.read", "test": "company.write"}

    def __init__(self) -> None:
        super().__init__(name="mail", endpoint="admin_mail", url="mail")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self.render("admin/mail.html", server=outbox.mail_server(), title=gettext("E-mail"))

    @expose("/test/", methods=("POST",))
    def test(self) -> ResponseReturnValue:
        found = person()
        if found is None:
            return redirect(self.get_url(".index"))
        made: list[int] = []
        answer = done_by_button(
            lambda: made.append(outbox.send_test(actor(), found.email, found.language_code)),
            gettext("The test message to %(address)s is on its way. It stands in the outbox.", address=found.email),
            self.get_url(".index"),
        )
        if made and opens("admin_messages.details_view"):
            return redirect(self.get_url("admin_messages.details_view", id=made[0]))
        return answer
