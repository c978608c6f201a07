"""The tab Einstellungen of a card: how invoices reach the customer, how money comes, what the books call it, what the
customer agreed to, and what keeps the record. Each part is changed in a dialog of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from admin.asking import Asking, named, this_page
from admin.card import CardTab, require_head, seen_head
from admin.customer_editing import clashing, seen_by_form, take_over
from admin.customer_form import CustomerForm
from admin.deeds import attempt
from admin.fields import Form
from admin.forms import spelled, stored
from admin.people import actor
from admin.status_words import ReasonForm
from admin.words import kind_label
from extensions import db
from models import Customer
from queries.cards.customer_head import Head
from queries.cards.holds import get_hold
from services import customer_edits, customer_holds
from services.company import get_company

TYPES = ("1", "2", "4", "6")


class InvoicesForm(Form):
    invoice_delivery_method = CustomerForm.invoice_delivery_method
    einvoice_format = CustomerForm.einvoice_format
    buyer_reference = CustomerForm.buyer_reference
    language_code = CustomerForm.language_code
    show_payment_notice = CustomerForm.show_payment_notice


class MoneyForm(Form):
    days_for_payment = CustomerForm.days_for_payment
    allowed_payment_types = SelectMultipleField(
        _l("Allowed payment methods"), [InputRequired()], widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(), description=_l("What the customer may choose on our pages."),
    )  # fmt: skip
    currency_code = CustomerForm.currency_code

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.allowed_payment_types.choices = [(code, kind_label("payment", int(code))) for code in TYPES]
        if isinstance(self.allowed_payment_types.data, str):
            self.allowed_payment_types.data = self.allowed_payment_types.data.split(",")


class BooksForm(Form):
    account_receivable = CustomerForm.account_receivable
    costcenter = CustomerForm.costcenter


class NewsletterForm(Form):
    newsletter_optin = CustomerForm.newsletter_optin


@dataclass(frozen=True, slots=True)
class Part:
    """A panel of the tab and the form behind its "ändern"."""

    label: Any
    form: Callable[..., Form]
    what: Any = ""


PARTS: Mapping[str, Part] = {
    "invoices": Part(_l("Invoices"), InvoicesForm),
    "money": Part(_l("Payment"), MoneyForm),
    "books": Part(_l("Bookkeeping"), BooksForm),
    "newsletter": Part(
        _l("Newsletter"), NewsletterForm,
        _l("Only with the customer's consent (section 7 UWG). The day of the change is kept as the proof."),
    ),
}  # fmt: skip


class SettingsTab(Asking, CardTab):
    tab = "settings"
    permission = "customer_settings.read"
    template = "admin/card/settings.html"
    deeds = {
        "change": "customer_settings.write", "hold": "customer_settings.hold",
    }  # fmt: skip

    def content(self, head: Head) -> dict[str, Any]:
        shown = {name: _rows(part.form(formdata=None, data=stored(head.customer))) for name, part in PARTS.items()}
        hold = get_hold(head.id) if head.customer.legal_hold else None
        return {"parts": PARTS, "shown": shown, "hold": hold, "days": get_company().days_for_payment}

    @expose("/change/", methods=("GET", "POST"))
    def change(self) -> ResponseReturnValue:
        """One part. Somebody else's change of the same fields is told before it is overwritten."""
        head, name = require_head(), request.values.get("part", "")
        part = PARTS.get(name) or abort(404)
        form, back, row = part.form(data=stored(head.customer)), self._tab(head), head.customer
        seen, what = seen_by_form(), [part.what] if part.what else []
        if form.validate_on_submit():
            outcome = attempt(lambda: customer_edits.edit_customer(actor(), head.id, seen or {}, _wanted(form)), form)
            if outcome.done:
                flash(gettext("Saved."), "good")
                return redirect(back)
            row = seen_head().customer
            if clashes := clashing(outcome):
                fresh, seen = part.form(formdata=None, data=stored(row)), None
                take_over(form, fresh, customer_edits.told(row, _wanted(form)), clashes)
                what += [_stands(fresh, field) for field in clashes]
        base = seen or {
            field: value for field, value in customer_edits.shown_of(db.session(), row).items() if field in form
        }
        return self.render(
            "admin/asked.html", form=form, title=part.label, what=what, verb=gettext("Save"), danger=False,
            back_to=back, action=this_page(), extra={"id": head.id, "part": name, "base": json.dumps(base)},
            **named(row),
        )  # fmt: skip

    @expose("/hold/", methods=("GET", "POST"))
    def hold(self) -> ResponseReturnValue:
        """RET-1: the record is kept whatever its time, until the hold is lifted again."""
        head, form = require_head(acts=False, reads=True), ReasonForm()
        held = head.customer.legal_hold
        deed = customer_holds.lift_hold if held else customer_holds.set_hold
        what = gettext("The record can be deleted again, and the purge takes it when its time has passed.")
        if not held:
            what = gettext("While the hold is set, nobody can delete the record and the purge leaves it alone: for a "
                           "law suit, an audit, an order. Lift it when the matter is closed.")  # fmt: skip
        return self.asked(
            form, lambda: deed(actor(), head.id, form.reason.data), what=[what], extra={"id": head.id},
            title=gettext("Lift the hold") if held else gettext("Keep from deletion"),
            verb=gettext("Lift the hold") if held else gettext("Keep from deletion"),
            said=gettext("The record may be deleted again.") if held else gettext("The record is kept from deletion."),
            back=self._tab(head), danger=held, whose=head.customer,
        )  # fmt: skip

    def _tab(self, head: Head) -> str:
        return str(self.get_url(".index", id=head.id))


def _rows(form: Form) -> list[tuple[str, str, str]]:
    """(name, label, value in words) of each field of a part."""
    return [(field.name, str(field.label.text), _value(field)) for field in form if field.name != "csrf_token"]


def _value(field: Any) -> str:
    if isinstance(field, SelectMultipleField):
        return ", ".join(str(label) for code, label in field.choices if code in (field.data or ()))
    return "0" if type(field.data) is int and not field.data else spelled(field)


def _stands(fresh: Form, name: str) -> str:
    return gettext("%(field)s: somebody else has just set “%(value)s”. If you save now, your entry takes its place.",
                   field=fresh[name].label.text, value=_value(fresh[name]))  # fmt: skip


def _wanted(form: Form) -> dict[str, Any]:
    values = {name: value for name, value in form.data.items() if name != "csrf_token"}
    if isinstance(values.get("allowed_payment_types"), list):
        values["allowed_payment_types"] = ",".join(values["allowed_payment_types"])
    texts = {column.key for column in Customer.__table__.columns if column.type.python_type is str}
    return {name: "" if value is None and name in texts else value for name, value in values.items()}
