"""Leaving somebody alone, disputes, instalments, and what a reminder left: deeds beside an invoice (MAH-6, MAH-7)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import abort, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import Length, Optional

from admin import formats, instalment_lines
from admin.asking import Asking
from admin.deeds import attempt, done_by_button
from admin.door import Door
from admin.dunning_damages import BesideInvoice, to_invoice
from admin.fields import Form, day, text, whole
from admin.lists import row_id
from admin.merged import customer_of_address
from admin.people import actor
from billing.errors import Invalid
from billing.instalments import monthly
from models import Customer, InstalmentPlan, Receivable
from queries.cards.dunning import InvoiceDunning, invoice_dunning, invoice_of_reminder
from queries.lists.names import name_of
from services import clock, dunning_holds, files, instalments, reminder_papers

_HOLD = Receivable.__table__.c.hold_reason
_CUSTOMER_HOLD = Customer.__table__.c.dunning_hold_reason


class HoldForm(Form):
    reason = text(_l("Reason"), _HOLD, required=True, help=_l("Stands at the invoice and in its history."))
    until = day(_l("Up to"), help=_l("The last day without a reminder. Empty: until somebody lifts it."))


class CustomerHoldForm(Form):
    reason = text(_l("Reason"), _CUSTOMER_HOLD, required=True, help=_l("Stands on the card and in its history."))
    until = HoldForm.until


class ReasonForm(Form):
    reason = text(_l("Reason"), _HOLD, required=True)


class PlanForm(Form):
    count = whole(_l("Number of instalments"), 1, 36, required=True, default=3, help=_l("Equal parts."))
    first_on = day(_l("First instalment on"), required=True, help=_l("The others follow month by month."))
    instalments = TextAreaField(
        _l("Or own instalments"), [Optional(), Length(max=2000)],
        description=_l("One on each line, a day and an amount, such as 2026-12-01 50.00. They hold instead of the "
                       "equal parts and have to come to what is open."),
    )  # fmt: skip
    grace_days = whole(
        _l("Days of grace"), 0, 60, required=True, default=5,
        help=_l("So late an instalment may be before the plan ends and reminders go on."),
    )  # fmt: skip
    note = text(_l("Note"), InstalmentPlan.__table__.c.note)


class DunningScreen(BesideInvoice, Asking, Door, BaseView):
    deeds = {
        **dict.fromkeys(("hold", "lift", "dispute", "settle", "plan", "end_plan", "waive", "hold_customer",
                         "lift_customer"), "receivables.write"),
        "index": "receivables.read", "paid": "payments.write", "letter": "receivables.read",
        "draw_again": "papers.write",
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__(name="dunning", endpoint="admin_dunning", url="dunning")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """What is open and reminded stands in the list of receivables."""
        return redirect(url_for("admin_receivables.index_view", state="overdue"))

    @expose("/hold/", methods=("GET", "POST"))
    def hold(self) -> ResponseReturnValue:
        """No reminder of this invoice for a while."""
        found = _found()
        form = HoldForm(data={"reason": found.hold_reason, "until": found.hold_until})
        return self.asked(
            form, lambda: dunning_holds.hold_invoice(actor(), found.receivable_id, form.reason.data, form.until.data),
            title=gettext("Stop reminders of this invoice"),
            what=[gettext("Nobody is reminded of this invoice until the hold ends. It stays due, and interest runs "
                          "on.")],
            verb=gettext("Stop reminders"), said=gettext("Reminders of this invoice are stopped."), **_ways(found),
        )  # fmt: skip

    @expose("/lift/", methods=("POST",))
    def lift(self) -> ResponseReturnValue:
        found = _found()
        return done_by_button(lambda: dunning_holds.lift_invoice(actor(), found.receivable_id),
                              gettext("Reminders of this invoice go on."), to_invoice(found.invoice_id))  # fmt: skip

    @expose("/dispute/", methods=("GET", "POST"))
    def dispute(self) -> ResponseReturnValue:
        """The customer says that this is not owed."""
        found, form = _found(), ReasonForm()
        return self.asked(
            form, lambda: dunning_holds.dispute(actor(), found.receivable_id, form.reason.data),
            title=gettext("Mark as disputed"),
            what=[gettext("The customer says that this is not owed. Nobody is reminded until the dispute is settled; "
                          "what is not owed is corrected, what is owed goes on from where it stood.")],
            verb=gettext("Mark as disputed"), said=gettext("The invoice is disputed; nobody is reminded of it."),
            **_ways(found),
        )  # fmt: skip

    @expose("/settle/", methods=("GET", "POST"))
    def settle(self) -> ResponseReturnValue:
        """It is owed after all."""
        found, form = _found(), ReasonForm()
        return self.asked(
            form, lambda: dunning_holds.settle_dispute(actor(), found.receivable_id, form.reason.data),
            title=gettext("Settle the dispute"),
            what=[gettext("It is owed after all, and reminders go on where they stood. If it is not owed, correct or "
                          "cancel the invoice instead.")],
            verb=gettext("Settle the dispute"), said=gettext("The dispute is settled; reminders go on."),
            **_ways(found),
        )  # fmt: skip

    @expose("/plan/", methods=("GET", "POST"))
    def plan(self) -> ResponseReturnValue:
        """Equal parts, month by month."""
        found = _found()
        form = PlanForm(data={"first_on": clock.today()})
        sum_ = formats.money(found.open_cents, found.currency)
        return self.asked(
            form, lambda: _agree(form, found),
            title=gettext("Pay in instalments"),
            what=[gettext("%(sum)s are open. They are paid in parts; while these are paid, nobody is "
                          "reminded and no interest runs. A plan that is not kept ends by itself.", sum=sum_)],
            verb=gettext("Agree instalments"), said=gettext("The instalments are agreed."), **_ways(found),
        )  # fmt: skip

    @expose("/end-plan/", methods=("GET", "POST"))
    def end_plan(self) -> ResponseReturnValue:
        found, form = _found(), Form()
        return self.asked(
            form, lambda: instalments.withdraw(actor(), found.receivable_id), title=gettext("End the instalment plan"),
            what=[gettext("The whole open amount is due again, and reminders go on where they stood.")],
            verb=gettext("End the plan"), said=gettext("The plan has ended."), danger=True, **_ways(found),
        )  # fmt: skip

    @expose("/hold-customer/", methods=("GET", "POST"))
    def hold_customer(self) -> ResponseReturnValue:
        """No reminder of any invoice of a customer for a while."""
        row = customer_of_address()
        form = CustomerHoldForm(data={"reason": row.dunning_hold_reason, "until": row.dunning_hold_until})
        return self.asked(
            form, lambda: dunning_holds.hold_customer(actor(), row.id, form.reason.data, form.until.data),
            title=gettext("Stop all reminders"),
            what=[gettext("%(customer)s is not reminded of any invoice until the hold ends. What is owed stays due.",
                          customer=name_of(row))],
            verb=gettext("Stop reminders"), said=gettext("Reminders to this customer are stopped."),
            back=_card(row.id), extra={"customer": row.id}, whose=row,
        )  # fmt: skip

    @expose("/lift-customer/", methods=("GET", "POST"))
    def lift_customer(self) -> ResponseReturnValue:
        row, form = customer_of_address(), Form()
        return self.asked(
            form, lambda: dunning_holds.lift_customer(actor(), row.id), title=gettext("Let reminders go on"),
            what=[gettext("Stopped because: %(reason)s. From the next run on %(customer)s is reminded again.",
                          reason=row.dunning_hold_reason or "–", customer=name_of(row))],
            verb=gettext("Let reminders go on"), said=gettext("Reminders go on."), back=_card(row.id),
            extra={"customer": row.id}, whose=row,
        )  # fmt: skip

    @expose("/letter/")
    def letter(self) -> ResponseReturnValue:
        """The stored bytes of a reminder's letter; drawn now if nobody has yet."""
        number = row_id(request.args.get("id")) or 0
        invoice_id, _, _ = invoice_of_reminder(number) or abort(404)
        outcome = attempt(lambda: files.read(reminder_papers.draw(number)))
        if not outcome.done:
            return redirect(to_invoice(invoice_id))
        stored = outcome.value
        answer = send_file(BytesIO(stored.content), stored.media_type, True, stored.filename, etag=False)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @expose("/draw-again/", methods=("POST",))
    def draw_again(self) -> ResponseReturnValue:
        number = row_id(request.form.get("id")) or 0
        invoice_id, _, _ = invoice_of_reminder(number) or abort(404)
        return done_by_button(lambda: reminder_papers.retry(actor(), number),
                              gettext("The letter will be drawn again in a moment."),
                              to_invoice(invoice_id))  # fmt: skip


def _found() -> InvoiceDunning:
    """The invoice of the address or the form, or 404."""
    return invoice_dunning(row_id(request.values.get("invoice")) or 0) or abort(404)


def _agree(form: PlanForm, found: InvoiceDunning) -> int:
    """Own instalments where some are written down, else equal ones; a refused day stands where it was typed."""
    own = (form.instalments.data or "").strip()
    try:
        parts = (instalment_lines.read(own, found.open_cents, found.currency) if own
                 else monthly(found.open_cents, form.count.data, form.first_on.data))  # fmt: skip
        return instalments.agree(actor(), found.receivable_id, parts, form.note.data or "", form.grace_days.data)
    except Invalid as error:
        if error.field != "due_on":
            raise
        facts = {name: fact for name, fact in error.facts.items() if name != "field"}
        raise Invalid(instalment_lines.FIELD if own else "first_on", error.code, **facts) from None


def _ways(found: InvoiceDunning) -> dict[str, Any]:
    return {"back": to_invoice(found.invoice_id), "extra": {"invoice": found.invoice_id}}


def _card(customer_id: int) -> str:
    return url_for("admin_customers.details_view", id=customer_id)
