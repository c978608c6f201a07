"""The link by which whoever has it fetches a paper without a login: renewed, or ended for good (D-11)."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin.asking import Asking
from admin.fields import Form, select
from admin.people import actor
from services import paper_links
from services.actor import Actor


class LinkForm(Form):
    then = select(
        _l("What shall happen?"),
        (("renew", _l("A new link: the one of now ends")), ("revoke", _l("No link any more"))),
    )


class PaperLinks(Asking):
    """Mixed into the screen of the papers, before it."""

    @expose("/link/", methods=("GET", "POST"))
    def link(self: Any) -> ResponseReturnValue:
        paper = self.get_one(request.values.get("id")) or abort(404)
        number, invoice_id, form = paper.id, paper.invoice_id, LinkForm()
        return self.asked(
            form, lambda: _change(actor(), number, form.then.data), title=gettext("Link of the paper"),
            what=[gettext("The link in mails that were sent opens nothing any more, for nobody. Do this when it got "
                          "into strange hands.")],
            verb=gettext("Change the link"), said=gettext("The link of before has ended."), danger=True,
            back=self.get_url("admin_invoices.details_view", id=invoice_id), extra={"id": number},
        )  # fmt: skip


def _change(who: Actor, paper_id: int, then: str) -> None:
    if then == "renew":
        paper_links.renew_link(who, paper_id)
    else:
        paper_links.revoke_link(who, paper_id)
