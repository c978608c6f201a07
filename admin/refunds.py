"""Refunds: the list with what waits for a second person, one refund, and the deeds. Nobody types an amount (M2-10)."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin import formats
from admin.asking import Asking
from admin.columns import Column, kind_choice, state_choice
from admin.deeds import done_by_button
from admin.exports import Files
from admin.lists import ListScreen, row_id
from admin.people import actor
from admin.refund_forms import DecideForm, OrderForm, ReasonForm, ReturnForm, SentForm
from admin.refund_words import ordered, ordering, waits
from models import Refund
from queries.lists.refunds import REFUNDS
from queries.refunds import RefundRow, get_refund, names_of
from services import clock, refund_answers, refund_calls, refunds
from services.refund_offers import get_offer


class RefundScreen(Asking, Files, ListScreen):
    title = _l("Refunds")
    hint = _l("Number of the cancellation, name or customer number")
    empty = _l("Refunds will stand here. A refund begins at a cancelled invoice, under Payments.")
    lead = "created_at"
    deeds = {
        "index_view": "payments.read", "details_view": "payments.read", "order": "payments.refund",
        "approve": "payments.approve", "withdraw": "payments.refund", "sent": "payments.refund",
        "returned": "payments.refund", "not_sent": "payments.refund", "decide": "payments.approve",
        "look": "payments.refund",
    }  # fmt: skip
    listing = REFUNDS
    list_template = "admin/refunds.html"
    columns = (
        Column("created_at", _l("Ordered on"), "link_moment", to="admin_refunds.details_view"),
        Column("state", _l("Status"), "state", of="refund"),
        Column("customer", _l("Customer"), "link", to="admin_customers.details_view", id_from="customer_id"),
        Column("invoice_number", _l("Invoice"), "link", to="admin_invoices.details_view", id_from="invoice_id"),
        Column("way", _l("Way"), "kind", of="refund_way"),
        Column("amount_cents", _l("Amount"), "money"),
    )
    choices = (state_choice("refund", "state", _l("Status")), kind_choice("refund_way", "way", _l("Way")))

    def __init__(self) -> None:
        super().__init__(Refund, "refunds")

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        row = _refund()
        ordered_by, approved_by = names_of(row)
        return self.render(
            "admin/refund.html", refund=row, ordered_by=ordered_by, approved_by=approved_by,
            is_mine=row.ordered_by == f"staff:{actor().id}",
            title=gettext("Refund of %(sum)s", sum=formats.money(row.amount_cents, row.currency)),
        )  # fmt: skip

    @expose("/order/", methods=("GET", "POST"))
    def order(self) -> ResponseReturnValue:
        """The amount is that of the cancellation; the person says yes to it, and by which way."""
        offer, invoice_id = get_offer(row_id(request.values.get("correction")) or 0) or abort(404)
        way = "transfer" if request.values.get("way") == "transfer" else "provider"
        plan = offer.by_transfer if way == "transfer" else offer.by_provider
        form = OrderForm(data={"seen": str(plan.cents)})
        by_hand = way == "transfer"
        return self.asked(
            form, lambda: refunds.order(actor(), offer.id, way, seen=row_id(form.seen.data), key=form.key.data),
            title=gettext("Note a transfer back") if by_hand else gettext("Pay back"), what=ordering(offer, plan, way),
            verb=_verb(plan.cents, offer.currency, by_hand) if plan.shares else "",
            said=ordered(by_hand, waits(offer, plan)),
            back=url_for("admin_invoices.details_view", id=invoice_id, _anchor="refunds"),
            extra={"correction": offer.id, "way": way, "key": form.key.data, "seen": form.seen.data},
        )  # fmt: skip

    @expose("/approve/", methods=("GET", "POST"))
    def approve(self) -> ResponseReturnValue:
        """Four eyes: another person lets it go (X-16)."""
        row = _refund()
        if request.method == "GET" and row.state != "waiting":
            return redirect(self.get_url(".details_view", id=row.id))  # decided already: there is nothing to ask
        sum_, ordered_by = formats.money(row.amount_cents, row.currency), names_of(row)[0]
        what = [gettext("%(name)s wants to pay %(sum)s back to %(customer)s for the cancelled invoice %(number)s.",
                        name=ordered_by or gettext("Somebody"), sum=sum_, customer=row.customer,
                        number=row.invoice_number), _what_follows(row)]  # fmt: skip
        return self._ask(row, ReasonForm(), lambda form: refunds.approve(actor(), row.id),
                         gettext("Approve this refund?"), what, gettext("Approve %(sum)s", sum=sum_),
                         gettext("The refund is approved."))  # fmt: skip

    @expose("/withdraw/", methods=("GET", "POST"))
    def withdraw(self) -> ResponseReturnValue:
        row = _refund()
        what = [gettext("Nothing has left the house. %(sum)s become credit of %(customer)s again.",
                        sum=formats.money(row.amount_cents, row.currency), customer=row.customer)]  # fmt: skip
        form = ReturnForm()
        return self._ask(row, form, lambda form: refunds.withdraw(actor(), row.id, form.reason.data or ""),
                         gettext("Withdraw this refund?"), what, gettext("Withdraw refund"),
                         gettext("The refund is withdrawn."), danger=True)  # fmt: skip

    @expose("/sent/", methods=("GET", "POST"))
    def sent(self) -> ResponseReturnValue:
        """A person made the transfer at the bank."""
        row = _refund()
        form = SentForm(data={"received_on": clock.today(), "reference": row.document})
        what = [gettext("You transferred %(sum)s to %(customer)s. This notes it in the books; it does not order "
                        "anything at the bank.", sum=formats.money(row.amount_cents, row.currency),
                        customer=row.customer)]  # fmt: skip
        return self._ask(
            row, form,
            lambda form: refunds.note_sent(actor(), row.id, form.received_on.data, form.reference.data or ""),
            gettext("Note as sent"), what, gettext("Note as sent"), gettext("The transfer is noted."),
        )  # fmt: skip

    @expose("/returned/", methods=("GET", "POST"))
    def returned(self) -> ResponseReturnValue:
        row = _refund()
        what = [gettext("%(sum)s came back to us. They become credit of %(customer)s again.",
                        sum=formats.money(row.amount_cents, row.currency), customer=row.customer)]  # fmt: skip
        return self._ask(row, ReturnForm(), lambda form: refunds.note_returned(actor(), row.id, form.reason.data or ""),
                         gettext("The refund came back"), what, gettext("Note the return"),
                         gettext("The return is noted."), danger=True)  # fmt: skip

    @expose("/not-sent/", methods=("GET", "POST"))
    def not_sent(self) -> ResponseReturnValue:
        """It was noted as sent by mistake."""
        row = _refund()
        what = [gettext("The transfer of %(sum)s to %(customer)s was noted, and was not made. It waits again to be "
                        "sent; both stay visible in the books.", sum=formats.money(row.amount_cents, row.currency),
                        customer=row.customer)]  # fmt: skip
        return self._ask(row, ReturnForm(),
                         lambda form: refunds.take_sent_back(actor(), row.id, form.reason.data or ""),
                         gettext("It was not sent"), what, gettext("Note as not sent"),
                         gettext("The refund waits to be sent."), danger=True)  # fmt: skip

    @expose("/decide/", methods=("GET", "POST"))
    def decide(self) -> ResponseReturnValue:
        """The provider gave no answer and cannot be asked any more: a person looked at its own pages."""
        row = _refund()
        what = [gettext("Nobody answered whether %(sum)s went back. Please look for it on the pages of the payment "
                        "provider before you decide; a wrong answer pays twice, or not at all.",
                        sum=formats.money(row.amount_cents, row.currency))]  # fmt: skip
        return self._ask(row, DecideForm(),
                         lambda form: refund_answers.decide(actor(), row.id, went=form.went.data == "yes"),
                         gettext("What became of this refund?"), what, gettext("Decide"),
                         gettext("The decision is noted."), danger=True)  # fmt: skip

    @expose("/look/", methods=("POST",))
    def look(self) -> ResponseReturnValue:
        """Do not wait for the next look."""
        row = _refund()
        return done_by_button(lambda: refund_calls.carry_on(row.id, at_once=True),
                              gettext("The payment provider was asked."), _page(row))  # fmt: skip

    def _ask(
        self, row: RefundRow, form: Any, do: Any, title: str, what: list[str], verb: str, said: str,
        danger: bool = False,
    ) -> ResponseReturnValue:  # fmt: skip
        return self.asked(form, lambda: do(form), title=title, what=what, verb=verb, said=said, back=_page(row),
                          extra={"id": row.id}, danger=danger)  # fmt: skip


def _refund() -> RefundRow:
    return get_refund(row_id(request.values.get("id")) or 0) or abort(404)


def _page(row: RefundRow) -> str:
    return url_for("admin_refunds.details_view", id=row.id)


def _verb(cents: int, currency: str, by_hand: bool) -> str:
    sum_ = formats.money(cents, currency)
    return gettext("Note transfer of %(sum)s", sum=sum_) if by_hand else gettext("Pay back %(sum)s", sum=sum_)


def _what_follows(row: RefundRow) -> str:
    if row.way == "transfer":
        return gettext("After that somebody makes the transfer.")
    return gettext("After that the money goes back the way it came.")
