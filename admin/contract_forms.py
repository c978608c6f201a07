"""The forms of what can be done with a contract."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin import formats
from admin.fields import Form, day, decimal, select, text, yes
from admin.products import active_products, addons_beside
from models import Subscription
from services import clock
from services.bookings import Booking
from services.contract_changes import Change
from services.contract_view import ContractDays

_DAY = timedelta(days=1)
_WHEN = (("now", _l("At once, day-exact")), ("period_end", _l("At the end of the period")))


class CancelForm(Form):
    ends_on = day(_l("Last day"))
    extraordinary = yes(_l("Extraordinary cancellation"), help=_l("Also to an earlier day; the reason is needed then."))
    note = text(_l("Note or reason"), Subscription.__table__.c.cancellation_note)

    @property
    def exclusive(self) -> date | None:
        """The first day without service."""
        return self.ends_on.data + _DAY if self.ends_on.data else None


class PauseForm(Form):
    starts_on = day(_l("Pauses from"), required=True)
    ends_on = day(_l("Goes on from"), help=_l("Empty: until somebody resumes it."))


class ResumeForm(Form):
    on = day(_l("Goes on from"), required=True)


class NextPaymentForm(Form):
    next_event = day(_l("Day of the next payment"), required=True)


class BillingDayForm(Form):
    new_day = day(_l("New billing day"), required=True)


class ReasonForm(Form):
    reason = text(_l("Reason"), longest=200, help=_l("Stands in the activities."))


class ChangeForm(Form):
    article_number = select(_l("Plan"), ())
    quantity = decimal(_l("Quantity"), required=True, places=0)
    unit_price = decimal(_l("Unit price"), help=_l("Empty: as agreed, or the price of the new plan."))
    reset_addons = yes(_l("End the add-ons as well"))
    when = select(_l("When"), _WHEN)

    def wanted(self) -> Change:
        plan = Booking(self.article_number.data, unit_price=self.unit_price.data)
        return Change(plan, self.quantity.data, (), self.reset_addons.data, self.when.data == "period_end")


class AddonForm(Form):
    article_number = select(_l("Add-on"), ())
    quantity = decimal(_l("Quantity"), required=True, places=0, default=Decimal(1), help=_l("0 removes the add-on."))
    unit_price = decimal(_l("Unit price"), help=_l("Empty: as agreed, or the price of the product."))
    when = select(_l("When"), _WHEN)

    def wanted(self) -> Change:
        booking = Booking(self.article_number.data, self.quantity.data, unit_price=self.unit_price.data)
        return Change(addons=(booking,), at_period_end=self.when.data == "period_end")


def cancel_form(days: ContractDays) -> CancelForm:
    form = CancelForm()
    if days.earliest_end is not None:
        earliest = formats.day(days.earliest_end - _DAY)
        form.ends_on.description = gettext("Empty: the earliest possible day, %(day)s.", day=earliest)
    return form


def pause_form(days: ContractDays) -> PauseForm:
    return PauseForm(data={"starts_on": clock.today()})


def resume_form(days: ContractDays) -> ResumeForm:
    return ResumeForm(data={"on": clock.today()})


def next_payment_form(days: ContractDays) -> NextPaymentForm:
    return NextPaymentForm(data={"next_event": days.collection.due_on if days.collection else None})


def change_form(days: ContractDays) -> ChangeForm:
    """The plan as it is, to be changed; it can be chosen even where it is no longer on sale."""
    form = ChangeForm(data={"article_number": days.plan.article_number, "quantity": days.plan.quantity, "when": "now"})
    offered = active_products("plan", contract=days.row)
    own = (days.plan.article_number, f"{days.plan.article_number} · {days.plan.title}")
    form.article_number.choices = offered if own[0] in dict(offered) else [own, *offered]
    return form


def addon_form(days: ContractDays) -> AddonForm:
    form = AddonForm(data={"quantity": Decimal(1), "when": "now"})
    offered = dict(addons_beside(days.plan.product_id, days.row))
    booked = {item.article_number: f"{item.article_number} · {item.title}" for item in days.served
              if item.kind == "addon"}  # fmt: skip
    form.article_number.choices = list((offered | booked).items())
    if not form.article_number.choices:
        form.article_number.description = gettext("No add-on goes with this plan.")
    return form
