"""Mandates on the card: granted, revoked (X-05, SEP-1)."""

from __future__ import annotations

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin.asking import Asking
from admin.door import Door
from admin.fields import Form, day, select, text, whole, yes
from admin.lists import row_id
from admin.mandate_words import what_ends
from admin.merged import customer_of_address
from admin.people import actor
from extensions import db
from models import Customer, Mandate
from services import clock, mandates
from services.mandates import Grant

_c = Customer.__table__.c


class GrantForm(Form):
    bank_account_owner = text(_l("Account holder"), _c.bank_account_owner)
    bank_iban = text(_l("IBAN"), longest=50, help=_l("Empty: the account that the record knows."))
    bank_bic = text(_l("BIC"), _c.bank_bic)
    signed_on = day(_l("Signed on"), required=True)
    scheme = select(_l("Scheme"), (("CORE", _l("Core (everybody)")), ("B2B", _l("B2B (companies only)"))))
    mandate_reference = text(_l("Mandate reference"), _c.mandate_reference, help=_l("Empty: the next number."))
    prenotice_days = whole(_l("Notice in days"), 1, mandates.MOST_DAYS, help=_l("Only if the customer agreed to "
                                                                                "another one than ours."))  # fmt: skip

    is_once = yes(_l("For a single debit only"), help=_l("It ends with that debit. Otherwise it holds until it is "
                                                         "revoked."))  # fmt: skip


class MandateScreen(Asking, Door, BaseView):
    deeds = {"grant": "customers.write", "revoke": "customers.write"}

    def __init__(self) -> None:
        super().__init__(name="mandates", endpoint="admin_mandates", url="/admin/mandates")

    @expose("/", methods=("GET", "POST"))
    def grant(self) -> ResponseReturnValue:
        customer = customer_of_address("customer")
        form = GrantForm(data={"bank_account_owner": customer.bank_account_owner, "signed_on": clock.today()})
        what = [gettext("The customer allows us to collect what they owe. From now on they pay by direct debit; a "
                        "mandate that held before is replaced.")]  # fmt: skip
        return self.asked(
            form, lambda: mandates.grant(actor(), customer.id, _given(form)), title=gettext("Grant a SEPA mandate"),
            what=what, verb=gettext("Grant mandate"), said=gettext("The mandate is granted."), whose=customer,
            back=self.get_url("admin_customer_payments.index", id=customer.id), extra={"customer": customer.id},
        )  # fmt: skip

    @expose("/revoke/", methods=("GET", "POST"))
    def revoke(self) -> ResponseReturnValue:
        found = db.session.get(Mandate, row_id(request.values.get("id")) or 0) or abort(404)
        customer = db.session.get_one(Customer, found.customer_id)
        what = [gettext("Mandate %(reference)s ends. Nothing is collected any more; open invoices and new ones are to "
                        "be transferred.", reference=found.reference), *what_ends(found.id)]  # fmt: skip
        return self.asked(
            Form(), lambda: mandates.revoke(actor(), found.id), title=gettext("Revoke the mandate"), what=what,
            verb=gettext("Revoke mandate"), said=gettext("The mandate is revoked."), danger=True, whose=customer,
            back=self.get_url("admin_customer_payments.index", id=customer.survivor_id or customer.id),
            extra={"id": found.id},
        )  # fmt: skip


def _given(form: GrantForm) -> Grant:
    return Grant(
        form.bank_account_owner.data or "", form.bank_iban.data or "", form.bank_bic.data or "", form.signed_on.data,
        form.scheme.data, form.mandate_reference.data or "", form.prenotice_days.data,
        is_once=bool(form.is_once.data),
    )  # fmt: skip
