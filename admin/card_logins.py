"""The tab with the logins of a customer (Zugänge), and what can be done with them (R-11 to R-16, D-10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, StringField
from wtforms.validators import InputRequired, Length, Optional

from admin import browsers
from admin.asking import Asking
from admin.card import CardTab, require_head
from admin.fields import Form
from admin.handing_over import link_told
from admin.lists import row_id
from admin.people import actor
from extensions import db
from models import Customer
from queries.cards.customer_head import Head
from queries.cards.logins import LoginRow, find_login, logins_of
from services import clock, customer_login_letters, customer_logins, passwords
from services.customer_login_mails import arrives


class InviteForm(Form):
    email = EmailField(_l("E-mail address"), [InputRequired(), Length(max=200)],
                       description=_l("The customer logs in with it. It opens one portal only."),
                       render_kw={"autocomplete": "off"})  # fmt: skip


class NewPasswordForm(Form):
    password = StringField(_l("New password"), [Optional(), Length(min=passwords.SHORTEST, max=passwords.LONGEST)],
                           description=_l("At least 10 characters. Leave it empty, and we make one for you."),
                           render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
                           )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Secret:
    """What is shown once, to be handed over, and what to do with it."""

    title: str
    text: str
    next_step: str


class LoginsTab(Asking, CardTab):
    tab = "logins"
    permission = "customers.read"
    template = "admin/card/logins.html"
    deeds = {
        "invite": "customers.write", "link": "customers.write", "password": "customers.write",
        "end_sessions": "customers.write", "remove": "customers.write",
    }  # fmt: skip

    def content(self, head: Head) -> dict[str, Any]:
        return {
            "logins": logins_of(head.id, clock.real()), "in_words": browsers.in_words,
            "portal": customer_login_letters.portal(),
        }  # fmt: skip

    @expose("/invite/", methods=("GET", "POST"))
    def invite(self) -> ResponseReturnValue:
        head = require_head()
        form = InviteForm() if request.method == "POST" else InviteForm(data={"email": head.customer.email})
        what = [gettext("%(customer)s gets an e-mail with a link and chooses a password. The link works once, for "
                        "seven days; after that you can invite again from the tab “Logins”.",
                        customer=head.name or head.customer.number)]  # fmt: skip
        return self.asked(
            form, lambda: _link(form.email.data, customer_logins.invite(actor(), head.id, form.email.data)),
            title=gettext("Invite to the customer portal"), what=[*what, *_not_sent("invitation")],
            verb=gettext("Send invitation"),
            said=gettext("The invitation is on its way to %(email)s.", email=form.email.data), extra={"id": head.id},
            back=self._tab(head.id), whose=head.customer,
        )  # fmt: skip

    @expose("/link/", methods=("GET", "POST"))
    def link(self) -> ResponseReturnValue:
        """The invitation again, or for whoever has a password a link to choose a new one."""
        customer_id, row = require_login()
        purpose = "reset" if row.has_password else "invitation"
        if row.has_password:
            title, verb = gettext("Send a link for a new password"), gettext("Send link")
            what = gettext("%(email)s gets a link that works once, for 30 minutes. The password of today holds until "
                           "a new one is chosen; then all sessions end.", email=row.email)  # fmt: skip
        else:
            title, verb = gettext("Invite again"), gettext("Send invitation")
            what = gettext("%(email)s gets a new link that works once, for seven days. The link of before ends.",
                           email=row.email)  # fmt: skip
        return self.asked(
            Form(), lambda: _link(row.email, customer_logins.send_link(actor(), row.id), purpose), title=title,
            what=[what, *_not_sent(purpose)], verb=verb,
            said=gettext("The link is on its way to %(email)s.", email=row.email), extra={"login": row.id},
            **self._of(customer_id),
        )  # fmt: skip

    @expose("/password/", methods=("GET", "POST"))
    def password(self) -> ResponseReturnValue:
        customer_id, row = require_login()
        form = NewPasswordForm()
        what = [gettext("%(email)s logs in with the new password at once, and has to choose an own one then. All "
                        "sessions and open links of this login end. The customer is told by e-mail that it was set, "
                        "not what it is.", email=row.email)]  # fmt: skip
        return self.asked(
            form, lambda: _password(row.email, customer_logins.set_password(actor(), row.id, form.password.data or "")),
            title=gettext("Set a new password"), what=what, verb=gettext("Set password"), said="",
            extra={"login": row.id}, **self._of(customer_id),
        )  # fmt: skip

    @expose("/sessions/end/", methods=("GET", "POST"))
    def end_sessions(self) -> ResponseReturnValue:
        customer_id, row = require_login()
        count = sum(len(each.sessions) for each in logins_of(customer_id, clock.real()) if each.id == row.id)
        what = ngettext("%(num)s session of %(email)s ends at once. The login stays; the customer can log in again.",
                        "%(num)s sessions of %(email)s end at once. The login stays; the customer can log in again.",
                        count, email=row.email)  # fmt: skip
        return self.asked(
            Form(), lambda: customer_logins.end_sessions(actor(), row.id), title=gettext("End sessions"),
            what=[what], verb=gettext("End sessions"), said=gettext("All sessions of this login have ended."),
            **self._of(customer_id), extra={"login": row.id},
        )  # fmt: skip

    @expose("/delete/", methods=("GET", "POST"))
    def remove(self) -> ResponseReturnValue:
        customer_id, row = require_login()
        what = [
            gettext("%(email)s can no longer enter the customer portal; sessions and open links end. The customer's "
                    "record, contracts and invoices stay as they are.", email=row.email),
            gettext("You can invite this address again at any time; the customer then chooses a new password."),
        ]  # fmt: skip
        return self.asked(
            Form(), lambda: customer_logins.delete_login(actor(), row.id), title=gettext("Delete login"), what=what,
            verb=gettext("Delete login"), said=gettext("The login is deleted."), **self._of(customer_id),
            extra={"login": row.id}, danger=True,
        )  # fmt: skip

    def answered(self, given: Any, said: Any, back: str) -> ResponseReturnValue:
        """What somebody has to hand over stands in the answer, once: a redirect would have to keep it somewhere."""
        if not isinstance(given, Secret):
            return super().answered(given, said, back)
        return self.render("admin/card/secret.html", title=given.title, secret=given, back_to=back)

    def _tab(self, customer_id: int) -> str:
        return str(self.get_url(".index", id=customer_id))

    def _of(self, customer_id: int) -> dict[str, Any]:
        """Whose login it is, and the way back."""
        return {"whose": db.session.get_one(Customer, customer_id), "back": self._tab(customer_id)}


def require_login() -> tuple[int, LoginRow]:
    """The login that the address means (`login`) with its customer, or 404."""
    return find_login(row_id(request.values.get("login")) or 0) or abort(404)


def _link(email: str, made: customer_logins.Invitation, purpose: str = "invitation") -> Secret | None:
    """Only where no mail brings it."""
    if made.link is None:
        return None
    return Secret(gettext("Link for %(email)s", email=email), made.link, link_told(purpose))


def _password(email: str, password: str) -> Secret:
    return Secret(gettext("Password for %(email)s", email=email), password,
                  gettext("Please tell it to the customer on a safe way, such as by telephone. It has to be changed at "
                          "the first log-in."))  # fmt: skip


def _not_sent(purpose: str) -> list[str]:
    """Said before, where no mail leaves the house."""
    if arrives(purpose):
        return []
    return [gettext("No mail leaves this house at the moment: you get the link to hand it over yourself.")]
