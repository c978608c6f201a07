"""Payments by providers that need a person, or will: given up (both buttons, D-2), without an answer, waiting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import Length

from admin import formats
from admin.asking import Asking
from admin.bulk import MOST, Bulk, ForMany, chosen
from admin.deeds import done_by_button
from admin.door import Door
from admin.fields import Form, text
from admin.lists import row_id
from admin.people import actor
from admin.settling_words import on_its_way
from queries.cards.payments import invoice_money
from queries.collecting import (
    STATES,
    Collecting,
    find_collecting,
    get_collecting,
    invoice_of_attempt,
    names_of,
    newest_attempts,
)
from services import attempt_decisions, charging, given_up_documents

WORDS = {
    "given_up": _l("given up"), "unclear": _l("without an answer"), "open": _l("being collected"),
    "all": _l("all of them"),
}  # fmt: skip


class SureForm(Form):
    """Nothing to enter, only to agree."""


class AgainForm(Form):
    """`seen`: DOCUMENT:NUMBER of the newest attempts that the question knew, so that a form sent twice asks a card once
    (F1)."""

    seen = HiddenField(validators=[Length(max=24 * MOST)])

    def newest(self, invoice_id: int) -> int | None:
        pairs = (pair.partition(":") for pair in (self.seen.data or "").split())
        return next((row_id(number) or 0 for key, _, number in pairs if key == str(invoice_id)), None)


def _again_form() -> AgainForm:
    return AgainForm(data={"seen": " ".join(f"{key}:{number}" for key, number in newest_attempts(chosen()).items())})


class ChargeForm(Form):
    provider_id = text(
        _l("The provider's number of the payment"), longest=200, help=_l("As it stands on the provider's own pages.")
    )


def _trying(count: int) -> str:
    return ngettext(
        "%(num)s payment is tried once more, by the payment data that the customer has entered by now.",
        "%(num)s payments are tried once more, by the payment data that their customers have entered by now.", count,
    )  # fmt: skip


def _tried(count: int, _form: Form) -> str:
    return ngettext("%(num)s payment is tried once more. Its outcome stands here in a moment.",
                    "%(num)s payments are tried once more. Their outcome stands here in a moment.", count)  # fmt: skip


class CollectingScreen(ForMany, Asking, Door, BaseView):
    deeds = {
        "index_view": "payments.read", "issue_open": "invoices.write", "release": "invoices.write",
        "try_again": "payments.write", "collect": "payments.write", "took": "payments.write",
        "took_nothing": "payments.write", "many": "payments.write",
    }  # fmt: skip

    bulk = (
        Bulk("try-again", _l("Try once more"), "payments.write", _trying,
             lambda actor, invoice_id, form: charging.try_now(actor, invoice_id, form.newest(invoice_id)),
             _again_form, said=_tried),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(name="collecting", endpoint="admin_collecting", url="/admin/collecting")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        state, search = request.args.get("state", "given_up"), request.args.get("search", "")[:200]
        state = state if state in STATES else "given_up"
        rows, before = find_collecting(state, search, row_id(request.args.get("before")))
        return self.render(
            "admin/collecting.html", rows=rows, before=before, state_asked=state, search=search, states=WORDS,
            title=gettext("Payments given up"),
        )  # fmt: skip

    def names_of(self, ids: Sequence[int]) -> dict[int, str]:
        return names_of(ids)

    @expose("/issue-open/", methods=("GET", "POST"))
    def issue_open(self) -> ResponseReturnValue:
        row = _row()
        what = gettext("%(customer)s gets an invoice over %(sum)s that is not paid. It is numbered, sent, and reminded "
                       "of when it is due.", customer=row.name or row.number, sum=_sum(row))  # fmt: skip
        return self._asked(row, lambda: given_up_documents.issue_open(actor(), row.invoice_id), what,
                           gettext("Issue unpaid"), gettext("The invoice is issued and open."))  # fmt: skip

    @expose("/release/", methods=("GET", "POST"))
    def release(self) -> ResponseReturnValue:
        row = _row()
        what = gettext("No invoice is made of these %(sum)s. The periods are free again: the next billing run bills "
                       "them to %(customer)s anew.", customer=row.name or row.number, sum=_sum(row))  # fmt: skip
        return self._asked(row, lambda: given_up_documents.release(actor(), row.invoice_id), what,
                           gettext("Release the periods"), gettext("The periods are free again."))  # fmt: skip

    @expose("/try-again/", methods=("POST",))
    def try_again(self) -> ResponseReturnValue:
        """Now, and not on the day; where nothing can be charged it says so."""
        row = _row()
        return done_by_button(
            lambda: charging.try_now(actor(), row.invoice_id, _seen()),
            gettext("The payment is tried once more. Its outcome stands here in a moment."), _invoice(row.invoice_id),
        )  # fmt: skip

    @expose("/collect/", methods=("GET", "POST"))
    def collect(self) -> ResponseReturnValue:
        """What is open of an issued invoice, by the customer's kept method."""
        money = invoice_money(row_id(request.values.get("id")) or 0) or abort(404)
        sum_ = formats.money(max(money.open_cents, 0), money.currency)
        what = [gettext("%(sum)s of invoice %(number)s are collected from %(customer)s now, by the payment method "
                        "that is kept.", sum=sum_, number=money.number, customer=money.customer),
                *on_its_way(money.invoice_id)]  # fmt: skip
        return self.asked(
            SureForm(), lambda: charging.collect_again(actor(), money.receivable_id, _seen()),
            title=gettext("Collect now"), what=what, verb=gettext("Collect %(sum)s", sum=sum_),
            said=gettext("The payment is tried. Its outcome stands here in a moment."), back=_invoice(money.invoice_id),
            extra={"id": money.invoice_id, "attempts": request.values.get("attempts", "")},
        )  # fmt: skip

    @expose("/took/", methods=("GET", "POST"))
    def took(self) -> ResponseReturnValue:
        """A person looked it up at the provider: the money was taken."""
        form, attempt_id = ChargeForm(), row_id(request.values.get("id")) or 0
        invoice_id, state, known = invoice_of_attempt(attempt_id) or abort(404)
        if known:
            del form.provider_id
        named = known or (form.provider_id.data or "")
        return self.asked(
            form, lambda: attempt_decisions.decide(actor(), attempt_id, went=True, provider_id=named),
            title=gettext("The money was taken"), verb=gettext("Book the payment"),
            what=[gettext("You have seen at the provider that this payment went through. It is booked, and the invoice "
                          "is paid.")],
            said=gettext("The payment is booked."), back=_invoice(invoice_id), extra={"id": attempt_id},
        )  # fmt: skip

    @expose("/took-nothing/", methods=("GET", "POST"))
    def took_nothing(self) -> ResponseReturnValue:
        attempt_id = row_id(request.values.get("id")) or 0
        invoice_id, _state, _known = invoice_of_attempt(attempt_id) or abort(404)
        return self.asked(
            SureForm(), lambda: attempt_decisions.decide(actor(), attempt_id, went=False),
            title=gettext("No money was taken"), verb=gettext("It was not taken"), danger=True,
            what=[gettext("You have seen at the provider that no money was taken. The attempt counts as declined, and "
                          "the payment is tried again on its day. If it went through after all, the customer would pay "
                          "twice.")],
            said=gettext("The attempt counts as declined."), back=_invoice(invoice_id), extra={"id": attempt_id},
        )  # fmt: skip

    def _asked(self, row: Collecting, do: Any, what: str, verb: str, said: str) -> ResponseReturnValue:
        if row.state != "given_up":  # somebody decided meanwhile: the question would tell what is not true any more
            if request.method == "POST":
                return done_by_button(do, said, _invoice(row.invoice_id))
            flash(gettext("Somebody has decided about this payment meanwhile. This is how it stands."), "info")
            return redirect(_invoice(row.invoice_id))
        return self.asked(SureForm(), do, title=verb, what=[what], verb=verb, said=said, back=_invoice(row.invoice_id),
                          extra={"id": row.invoice_id})  # fmt: skip


def _row() -> Collecting:
    return get_collecting(row_id(request.values.get("id")) or 0) or abort(404)


def _seen() -> int | None:
    """The newest attempt on the page whose button was pressed."""
    return request.form.get("attempts", type=int)


def _invoice(invoice_id: int) -> str:
    return url_for("admin_invoices.details_view", id=invoice_id)


def _sum(row: Collecting) -> str:
    return formats.money(row.amount_cents, row.currency)
