"""What was paid, and what else people wrote down about money: the list, one row, and the deeds (M1-03, M2-14)."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin import words
from admin.columns import Choice, Column, kind_choice, state_choice
from admin.exports import Files
from admin.lists import ListScreen, row_id
from admin.payment_deeds import Deeds
from admin.payment_undoing import CANCELS, Undoing
from admin.statement import period
from models import Payment
from queries.cards.payments import PaymentRow, get_chain, get_payment
from queries.lists.payments import PAYMENTS
from queries.reductions import get_reductions
from queries.taken_twice import TAKEN_TWICE

_STATES = Choice("state", _l("Status"), (*state_choice("movement").values, (TAKEN_TWICE, _l("collected twice"))))


class PaymentScreen(Deeds, Undoing, Files, ListScreen):
    title = _l("Payments")
    hint = _l("Invoice number, name or customer number")
    empty = _l("What was paid will stand here. Book a payment on the page of its invoice.")
    lead = "received_on"
    deeds = {
        "index_view": "payments.read", "details_view": "payments.read", "reductions": "payments.read",
        "export": "payments.export",
        "record": "payments.write", "mark_paid": "payments.write", "prepay": "payments.write",
        "apply_credit": "payments.write", "pay_out": "payments.write", "cancel": "payments.write",
        "move": "payments.write", "write_off": "receivables.write",
    }  # fmt: skip
    listing = PAYMENTS
    columns = (
        Column("received_on", _l("Date"), "link_day", to="admin_payments.details_view"),
        Column("kind", _l("Kind"), "kind", of="movement"),
        Column("state", _l("Status"), "state", of="movement"),
        Column("customer", _l("Customer"), "link", to="admin_customers.details_view", id_from="customer_id"),
        Column("invoice_number", _l("Invoice"), "link", to="admin_invoices.details_view", id_from="invoice_id"),
        Column("method", _l("Paid by"), "kind", of="method"),
        Column("moved_cents", _l("Amount"), "money"),
    )
    list_template = "admin/payments.html"
    in_file = (
        *columns,
        Column("reference", _l("Reference")),
        Column("credit_cents", _l("Kept as credit"), "money"),
        Column("note", _l("Note")),
    )
    choices = (
        kind_choice("movement", "kind", _l("Kind")), _STATES,
        kind_choice("method", "method", _l("Paid by")), Choice("from", _l("From"), kind="day"),
        Choice("to", _l("Until"), kind="day"),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(Payment, "payments")

    @expose("/reductions/")
    def reductions(self) -> ResponseReturnValue:
        """What was given up and discounted, by rate, with its VAT (COR-4)."""
        first, last = period()
        return self.render(
            "admin/reductions.html", rows=get_reductions(first, last), first=first, last=last,
            title=gettext("Write-offs and discounts"),
        )  # fmt: skip

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        payment = get_payment(row_id(request.args.get("id")) or 0) or abort(404)
        return self.render(
            "admin/payment.html", payment=payment, chain=get_chain(payment), title=_title(payment),
            cancel_label=None if payment.is_a_providers else CANCELS.get(payment.kind),
        )  # fmt: skip


def _title(payment: PaymentRow) -> Any:
    return words.kind_label("movement", payment.called)
