"""A customer's VAT ID: what was answered about it, asking now, and relying on it all the same (INV-9, EB-46)."""

from __future__ import annotations

from flask import abort, flash, redirect
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin.deeds import attempt
from admin.door import Door
from admin.fields import Form, text
from admin.merged import customer_of_address
from admin.people import actor
from admin.words import kind_label
from queries.vat import CheckedId, get_checked_id
from services import vat_checks, vat_reliance
from services.unit import end_reading


class ReasonForm(Form):
    reason = text(_l("Reason"), longest=200, required=True, help=_l("Such as a letter of the tax office; it is kept."))

    groups = ((_l("Reason"), ("reason",)),)


class VatCheckScreen(Door, BaseView):
    deeds = {"index_view": "customers.read", "check": "customers.write", "decide": "customers.write"}

    def __init__(self) -> None:
        super().__init__(name="vat_checks", endpoint="admin_vat_checks", url="vat-checks")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        card = self._require()
        return self.render(
            "admin/vat_checks.html",
            card=card,
            standing=vat_reliance.standing(card.customer_id),
            title=gettext("VAT ID"),
        )

    @expose("/check/", methods=("POST",))
    def check(self) -> ResponseReturnValue:
        """Ask now; the answer is kept whatever it is."""
        number = self._require().customer_id
        end_reading()
        outcome = attempt(lambda: vat_checks.check(actor(), number))
        if outcome.done:
            flash(str(kind_label("vat_result", outcome.value.result)), _TONES[outcome.value.result])
        return redirect(self.get_url(".index_view", id=number))

    @expose("/decide/", methods=("GET", "POST"))
    def decide(self) -> ResponseReturnValue:
        card, form = self._require(acts=False), ReasonForm()
        back_to = self.get_url(".index_view", id=card.customer_id)
        if form.validate_on_submit():
            why = form.reason.data
            if attempt(lambda: vat_checks.decide(actor(), card.customer_id, why), form).done:
                flash(gettext("The VAT ID is relied on."), "good")
                return redirect(back_to)
        return self.render(
            "admin/vat_ask.html", form=form, what="decide", card=card, title=gettext("Rely on this VAT ID"),
            action=self.get_url(".decide", id=card.customer_id), back_to=back_to, verb=gettext("Rely on it"),
        )  # fmt: skip

    def _require(self, *, acts: bool = True) -> CheckedId:
        return get_checked_id(customer_of_address("id", acts=acts).id) or abort(404)


_TONES = {"valid": "good", "invalid": "bad", "unavailable": "info", "timeout": "info"}
