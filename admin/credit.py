"""Granted credit of a customer: given and taken back (M2-41, D-9)."""

from __future__ import annotations

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin import formats
from admin.asking import Asking
from admin.door import Door
from admin.fields import Form, decimal, text
from admin.lists import row_id
from admin.merged import customer_of_address
from admin.payment_forms import money_of
from admin.people import actor
from extensions import db
from models import CreditGrant
from services import credit

_c = CreditGrant.__table__.c


class GrantForm(Form):
    amount = decimal(_l("Amount"), required=True)
    currency_code = text(_l("Currency"), _c.currency_code, required=True)
    reason = text(_l("Reason"), _c.reason, help=_l("For the team; it does not stand on the invoice."))


class CreditScreen(Asking, Door, BaseView):
    deeds = {"grant": "payments.write", "withdraw": "payments.write"}

    def __init__(self) -> None:
        super().__init__(name="credit", endpoint="admin_credit", url="/admin/credit")

    @expose("/", methods=("GET", "POST"))
    def grant(self) -> ResponseReturnValue:
        """So much for a customer, which reduces the next invoices before VAT."""
        row = customer_of_address()
        number, form = row.id, GrantForm(data={"currency_code": row.currency_code})
        what = [
            gettext("Granted credit reduces the next invoices of this customer before VAT, in the price mode of the "
                    "contract: net on net prices, gross on gross ones."),
            gettext("Money that came in is no granted credit: book it as a payment without an invoice."),
        ]  # fmt: skip
        return self.asked(
            form, lambda: credit.grant_credit(actor(), number, money_of(form.amount.data, _currency(form)),
                                              form.reason.data or ""),
            title=gettext("Grant credit"), what=what, verb=gettext("Grant credit"),
            said=gettext("The credit is granted."), back=_customer(number), extra={"customer": number},
            whose=row,
        )  # fmt: skip

    @expose("/withdraw/", methods=("GET", "POST"))
    def withdraw(self) -> ResponseReturnValue:
        """What is left of a grant is taken back."""
        row = db.session.get(CreditGrant, row_id(request.values.get("id")) or 0) or abort(404)
        number, customer = row.id, row.customer_id
        what = [gettext("%(sum)s of granted credit are taken back. Invoices that it reduced stay as they are.",
                        sum=formats.money(row.remaining_cents, row.currency_code))]  # fmt: skip
        return self.asked(
            Form(), lambda: credit.withdraw_credit(actor(), number), title=gettext("Take credit back"), what=what,
            verb=gettext("Take credit back"), said=gettext("The credit is taken back."), back=_customer(customer),
            extra={"id": number}, danger=True,
        )  # fmt: skip


def _currency(form: GrantForm) -> str:
    return str(form.currency_code.data or "").upper()


def _customer(number: int) -> str:
    return url_for("admin_customer_payments.index", id=number, _anchor="credit")
