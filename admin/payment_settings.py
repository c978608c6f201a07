"""Settings -> Payments: when a declined payment is tried again, what follows when nobody tries any more, and which
providers are offered."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from flask import current_app, flash, redirect
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

import gateways
from admin.deeds import attempt
from admin.door import Door, may
from admin.fields import Form, decimal, select, text, whole, yes
from admin.people import actor
from admin.provider_words import provider_rows
from admin.words import choices
from billing.errors import Invalid
from services import payment_settings
from services.company import get_company


class PaymentsForm(Form):
    retry_days = text(
        _l("Try again after days"), longest=60,
        help=_l("Counted from the first try, with commas between, such as 3, 7, 14. A card that was declined for good "
                "is not tried again. Empty: never."),
    )  # fmt: skip
    action_days = whole(
        _l("Days to confirm"), 1, payment_settings.MOST_DAYS, required=True,
        help=_l("So long a customer has whose bank wants the payment confirmed."),
    )  # fmt: skip
    on_declined = select(  # M2-22
        _l("Issue an invoice although the payment failed"), choices("on_declined"),
        help=_l("Counts when nobody tries any more: after the last of these days, at once where it was declined for "
                "good."),
    )  # fmt: skip
    after_giving_up = select(_l("The contract is then"), choices("after_giving_up"))
    four_eyes = decimal(_l("Two people for refunds above (EUR)"), help=_l("Another person has to agree. Empty: never."))
    prenotice_days = whole(
        _l("Announce own debits days ahead"), 1, 60, required=True,
        help=_l("14 days, unless something else was agreed with the customer."),
    )  # fmt: skip
    always_recurring = yes(
        _l("Every debit goes as a recurring one (RCUR)"),
        help=_l("Banks take it that way. Without the tick the first debit of a mandate goes as FRST."),
    )  # fmt: skip
    pass_on_fee = yes(
        _l("The bank's fee for a debit that came back is asked of the customer"),
        help=_l("Only what your bank charges, and only where the customer caused it."),
    )  # fmt: skip

    groups = (
        (_l("Collecting by card, PayPal and debit"), ("retry_days", "action_days", "on_declined", "after_giving_up")),
        (_l("Refunds"), ("four_eyes",)),
        (_l("Own SEPA debits"), ("prenotice_days", "always_recurring", "pass_on_fee")),
    )


class PaymentSettingsScreen(Door, BaseView):
    deeds = {"index": "company.read", "save": "company.write"}

    def __init__(self) -> None:
        super().__init__(name="payment settings", endpoint="admin_payment_settings", url="/admin/payment-settings")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self._show(PaymentsForm(formdata=None, data=_shown()))

    @expose("/save/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        form = PaymentsForm()
        if form.validate_on_submit() and attempt(lambda: _save(form), form).done:
            flash(gettext("Saved."), "good")
            return redirect(self.get_url(".index"))
        return self._show(form)

    def _show(self, form: PaymentsForm) -> ResponseReturnValue:
        house = get_company()
        mode: gateways.Mode = "live" if house.mode == "live" else "sandbox"
        return self.render(
            "admin/payment_settings.html", form=form, may_save=may("company.write"), title=gettext("Payments"),
            providers=provider_rows(current_app.config["KONTOR"], mode), creditor_id=house.creditor_id,
        )  # fmt: skip


def _shown() -> dict[str, Any]:
    values = asdict(payment_settings.payment_settings())
    cents = values.pop("four_eyes_cents")
    return values | {"retry_days": ", ".join(map(str, values["retry_days"])),
                     "four_eyes": Decimal(cents) / 100 if cents else None}  # fmt: skip


def _save(form: PaymentsForm) -> None:
    names = ("action_days", "on_declined", "after_giving_up", "prenotice_days", "always_recurring", "pass_on_fee")
    cents = (form.four_eyes.data or Decimal(0)) * 100
    if cents != cents.to_integral_value():
        raise Invalid("four_eyes", "parts_of_a_cent")
    if cents < 0:
        raise Invalid("four_eyes", "negative")
    if cents > payment_settings.MOST_CENTS:
        raise Invalid("four_eyes", "amount_too_large")
    if cents == 0 and form.four_eyes.data is not None:
        raise Invalid("four_eyes", "not_zero")  # above nothing would be always, and empty is never: nobody has to guess
    wanted = {name: form[name].data for name in names}
    payment_settings.change_payment_settings(
        actor(), wanted | {"retry_days": _days(form.retry_days.data or ""), "four_eyes_cents": int(cents)}
    )


def _days(typed: str) -> tuple[int, ...]:
    parts = [part.strip() for part in typed.replace(";", ",").split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
        raise Invalid("retry_days", "not_ascending_days")
    return tuple(map(int, parts))
