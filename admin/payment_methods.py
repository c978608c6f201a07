"""Kept payment methods on the card: chosen, assigned to a contract, removed, and asked for (M1-16 to M1-19)."""

from __future__ import annotations

from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin.asking import Asking
from admin.deleted import refuse_deleted
from admin.door import Door
from admin.fields import Form, select
from admin.formats import day
from admin.lists import row_id
from admin.mandate_words import what_ends
from admin.merged import customer_of_address
from admin.paying_choice import chosen_now, contract_choices, method_id_of, name_of
from admin.people import actor
from admin.words import kind_label
from extensions import db
from models import Customer, PaymentMethod, Subscription
from queries.methods import contracts_to_pay
from services import card_booking, clock, method_removal, payment_methods
from services.contract_switch import update_details
from services.customers import find_survivor
from services.method_rows import type_of


class AssignForm(Form):
    contract = select(_l("Subscription"), (), coerce=int)


class ContractForm(Form):
    way = select(_l("Payment method"), ())


class PaymentMethodScreen(Asking, Door, BaseView):
    deeds = {"choose": "customers.write", "remove": "customers.write", "ask": "customers.write",
             "use_again": "customers.write",
             "assign": "subscriptions.write", "of_contract": "subscriptions.write"}  # fmt: skip

    def __init__(self) -> None:
        super().__init__(name="payment_methods", endpoint="admin_payment_methods", url="/admin/payment-methods")

    @expose("/", methods=("GET", "POST"))
    def choose(self) -> ResponseReturnValue:
        """The customer pays by it from now on."""
        row, whose = _method()
        key = row.id
        what = [gettext("%(method)s becomes what the record is paid by. What waits for a payment is tried at once.",
                        method=name_of(row))]  # fmt: skip
        return self.asked(
            Form(), lambda: payment_methods.make_default(actor(), key), title=gettext("Pay by this"), what=what,
            verb=gettext("Pay by this"), said=gettext("The record is paid by this method now."), back=_card(whose.id),
            extra={"id": key}, whose=whose,
        )  # fmt: skip

    @expose("/remove/", methods=("GET", "POST"))
    def remove(self) -> ResponseReturnValue:
        """Nobody charges it any more."""
        row, whose = _method()
        key = row.id
        what = [gettext("%(method)s is not charged any more, and the provider is told. Contracts that had it for their "
                        "own are paid as the customer pays.", method=name_of(row))]  # fmt: skip
        if row.mandate_id is not None:
            what = [gettext("The SEPA mandate is revoked: nothing is debited by it any more."),
                    *what_ends(row.mandate_id)]  # fmt: skip
        return self.asked(
            Form(), lambda: method_removal.remove(actor(), key), title=gettext("Remove payment method"), what=what,
            verb=gettext("Remove"), said=gettext("The payment method is removed."), back=_card(whose.id),
            extra={"id": key}, whose=whose, danger=True,
        )  # fmt: skip

    @expose("/use-again/", methods=("GET", "POST"))
    def use_again(self) -> ResponseReturnValue:
        """What was declined for good or charged back is charged by itself again."""
        row, whose = _method()
        key = row.id
        what = [why_held(row), gettext("%(method)s is charged by itself again: by the billing run, by further tries "
                                       "and before a reminder. What waits for a payment is tried at once.",
                                       method=name_of(row))]  # fmt: skip
        return self.asked(
            Form(), lambda: payment_methods.use_again(actor(), key), title=gettext("Use payment method again"),
            what=[each for each in what if each], verb=gettext("Use again"),
            said=gettext("The payment method is used again."), back=_card(whose.id), extra={"id": key}, whose=whose,
        )  # fmt: skip

    @expose("/assign/", methods=("GET", "POST"))
    def assign(self) -> ResponseReturnValue:
        """One contract is paid by it."""
        row, whose = _method()
        key, form = row.id, AssignForm()
        form.contract.choices = contracts_to_pay(whose.id)
        what = [gettext("This contract alone is paid by %(method)s, whatever the record says.", method=name_of(row))]
        return self.asked(
            form, lambda: payment_methods.assign(actor(), form.contract.data, key),
            title=gettext("Assign to a subscription"), what=what, verb=gettext("Assign"),
            said=gettext("The subscription is paid by this method now."), back=_card(whose.id), extra={"id": key},
            whose=whose,
        )  # fmt: skip

    @expose("/contract/", methods=("GET", "POST"))
    def of_contract(self) -> ResponseReturnValue:
        """How one contract is paid: as the customer pays, by a kept method, or in another way."""
        contract = db.session.get(Subscription, row_id(request.values.get("id")) or 0) or abort(404)
        key, whose = contract.id, find_survivor(db.session(), contract.customer_id)
        refuse_deleted(whose)
        form = ContractForm(data={"way": chosen_now(contract)})
        form.way.choices = contract_choices(contract, whose)
        what = [gettext("Counts from the next payment of this contract on.")]
        return self.asked(
            form, lambda: _pay(key, form.way.data), title=gettext("How this contract is paid"), what=what,
            verb=gettext("Save"), said=gettext("The payment method of the contract is saved."),
            back=url_for("admin_subscriptions.details_view", id=key), extra={"id": key}, whose=whose,
        )  # fmt: skip

    @expose("/ask/", methods=("GET", "POST"))
    def ask(self) -> ResponseReturnValue:
        """The customer is sent the link of their own page."""
        whose = customer_of_address()
        number = whose.id
        what = [gettext("An e-mail with the link of their own page is sent: “Please complete your payment data”.")]
        return self.asked(
            Form(), lambda: card_booking.ask_for_data(actor(), number), title=gettext("Ask for payment data"),
            what=what, verb=gettext("Send the link"), said=gettext("The link is on its way."), back=_card(number),
            extra={"customer": number}, whose=whose,
        )  # fmt: skip


def shown(customer_id: int) -> list[dict[str, Any]]:
    """The rows of the card."""
    return [
        {"row": each, "name": name_of(each), "kind": kind_label("payment", type_of(each)), "held": why_held(each)}
        for each in payment_methods.methods_of(customer_id)
    ]


def why_held(row: PaymentMethod) -> str:
    """Why nothing charges it by itself, and since when; empty where it is not held."""
    if row.held_at is None:
        return ""
    on = day(clock.berlin(row.held_at).date())
    if row.held_reason == "declined":
        return gettext("Is not charged by itself any more: declined for good on %(day)s.", day=on)
    return gettext("Is not charged by itself any more: charged back on %(day)s.", day=on)


def _pay(subscription_id: int, way: str) -> None:
    kept = method_id_of(way)
    if kept is not None:
        payment_methods.assign(actor(), subscription_id, kept)
    else:
        update_details(actor(), subscription_id, {"payment_type": int(way) if way else None})


def _method() -> tuple[PaymentMethod, Customer]:
    row = db.session.get(PaymentMethod, row_id(request.values.get("id")) or 0) or abort(404)
    whose = db.session.get_one(Customer, row.customer_id)
    refuse_deleted(whose)
    return row, whose


def _card(customer_id: int) -> str:
    return url_for("admin_customer_payments.index", id=customer_id, _anchor="methods")
