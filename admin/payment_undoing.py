"""A payment that was written down by mistake: undone, or moved to where it belongs; each is asked first."""

from __future__ import annotations

from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin import formats
from admin.lists import row_id
from admin.payment_forms import CancelForm, MoveForm
from admin.payment_words import undoing
from admin.people import actor, may
from billing.errors import NotFound
from queries.cards.payments import PaymentRow, customer_by_number, get_payment, invoice_by_number
from services import payment_changes

CANCELS = {
    "payment": _l("Cancel payment"), "cash_discount": _l("Take the discount back"),
    "write_off": _l("Take the write-off back"), "credit_applied": _l("Undo the use of credit"),
    "payout": _l("Undo the payout"),
}  # fmt: skip


class Undoing:
    """Mixed into the screen of payments, beside `payment_deeds.Deeds`, which asks."""

    @expose("/cancel/", methods=("GET", "POST"))
    def cancel(self: Any) -> ResponseReturnValue:
        """What was written down by mistake is undone by an entry of its own."""
        payment = _payment()
        if payment.kind == "write_off" and not may("receivables.write"):
            abort(403)
        label = CANCELS.get(payment.kind) or abort(404)
        form = CancelForm()
        return self.asked(
            form, lambda: payment_changes.cancel(actor(), payment.id, form.reason.data, form.key.data), title=label,
            what=[undoing(payment)], verb=label, danger=True, said=gettext("It is undone."), back=_details(payment.id),
            extra={"id": payment.id},
        )  # fmt: skip

    @expose("/move/", methods=("GET", "POST"))
    def move(self: Any) -> ResponseReturnValue:
        """A payment belongs to another invoice, or to no invoice."""
        payment = _payment()
        form = MoveForm()
        at = payment.invoice_number or gettext("the customer's credit")
        what = [gettext("%(sum)s of %(day)s stand at %(place)s. The payment is undone there and stands anew where it "
                        "belongs; both stay visible.", sum=formats.money(payment.amount_cents, payment.currency),
                        day=formats.day(payment.received_on), place=at)]  # fmt: skip
        return self.asked(
            form, lambda: payment_changes.move(actor(), payment.id, **_target(form), reason=form.reason.data or "",
                                               key=form.key.data),
            title=gettext("Move payment"), what=what, verb=gettext("Move payment"),
            said=gettext("The payment is moved."), back=_details(payment.id), extra={"id": payment.id},
        )  # fmt: skip


def _payment() -> PaymentRow:
    return get_payment(row_id(request.values.get("id")) or 0) or abort(404)


def _target(form: MoveForm) -> dict[str, int | None]:
    """The invoice or the customer by the number that was typed. Raises NotFound for an unknown one."""
    if form.invoice_id.data:
        found = invoice_by_number(form.invoice_id.data)
        if found is None:
            raise NotFound("nothing_to_pay", field="invoice_id")
        return {"invoice_id": found}
    if not form.customer_id.data:
        return {}
    customer = customer_by_number(form.customer_id.data)
    if customer is None:
        raise NotFound("unknown_customer", field="customer_id")
    return {"customer_id": customer}


def _details(payment_id: int) -> str:
    return url_for("admin_payments.details_view", id=payment_id)
