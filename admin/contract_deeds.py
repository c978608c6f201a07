"""What can be done with a contract: for each deed when it is offered, what is asked, what will happen, the service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l

from admin import contract_forms as forms
from admin import contract_telling as tells
from admin.contract_telling import Told
from admin.fields import Form
from models import Subscription
from services import (
    clock,
    contract_changes,
    contract_ends,
    contract_pauses,
    contract_plans,
    contract_rhythm,
    contract_switch,
)
from services.actor import Actor
from services.contract_view import ContractDays


@dataclass(frozen=True, slots=True)
class Deed:
    """`offered`: whether the contract's state and dates allow it. With `two_steps` the form is asked first, and `tell`
    says with its values what will happen; without, `tell` stands above the form. `books`: something is booked or
    changed, so not for who is blocked or deactivated (D-12)."""

    name: str
    label: Any
    said: Any
    offered: Callable[[Subscription, ContractDays], bool]
    tell: Callable[[Subscription, ContractDays, Any], Told]
    run: Callable[[Actor, int, Any], Any]
    form: Callable[[ContractDays], Form] = field(default=lambda days: Form())
    two_steps: bool = False
    danger: bool = False
    books: bool = False


def _free(row: Subscription, days: ContractDays) -> bool:
    return "change" in days.actions and days.pause_ahead is None


DEEDS: tuple[Deed, ...] = (
    Deed("change", _l("Change plan or quantity"), _l("The subscription is changed."), _free, tells.change,
         lambda who, number, form: contract_changes.change(who, number, form.wanted()), forms.change_form, True,
         books=True),
    Deed("addon", _l("Book or remove an add-on"), _l("The subscription is changed."), _free, tells.change,
         lambda who, number, form: contract_changes.change(who, number, form.wanted()), forms.addon_form, True),
    Deed("withdraw_change", _l("Withdraw the planned change"), _l("The planned change is withdrawn."),
         lambda row, days: days.planned_on is not None, tells.withdraw_change,
         lambda who, number, form: contract_plans.withdraw_planned(who, number)),
    Deed("next_payment", _l("Move the next payment"), _l("The next payment is moved."),
         lambda row, days: "postpone" in days.actions and days.collection is not None, tells.next_payment,
         lambda who, number, form: contract_rhythm.set_next_payment(who, number, form.next_event.data),
         forms.next_payment_form),
    Deed("renew", _l("Bill the next period now"), _l("The next run bills the next period."),
         lambda row, days: "postpone" in days.actions and days.collection is not None
         and days.collection.due_on > clock.today(), tells.renew,
         lambda who, number, form: contract_rhythm.renew(who, number)),
    Deed("billing_day", _l("Move the billing day for good"), _l("The billing day is moved."), _free, tells.billing_day,
         lambda who, number, form: contract_rhythm.move_billing_day(who, number, form.new_day.data),
         lambda days: forms.BillingDayForm(), True),
    Deed("pause", _l("Pause"), _l("The pause is agreed."),
         lambda row, days: "pause" in days.actions and days.pause_ahead is None and days.planned_on is None,
         tells.pause,
         lambda who, number, form: contract_pauses.pause(who, number, form.starts_on.data, form.ends_on.data),
         forms.pause_form, True),
    Deed("resume", _l("Resume"), _l("The subscription goes on."),
         lambda row, days: "resume" in days.actions and days.pause_ahead is not None, tells.resume,
         lambda who, number, form: contract_pauses.resume(who, number, form.on.data), forms.resume_form),
    Deed("cancel", _l("Cancel the subscription"), _l("The subscription is cancelled."),
         lambda row, days: "cancel" in days.actions and row.ends_on is None, tells.cancel,
         lambda who, number, form: contract_ends.cancel(
             who, number, form.exclusive, form.note.data or "", extraordinary=form.extraordinary.data),
         forms.cancel_form, True, True),
    Deed("reactivate", _l("Withdraw the cancellation"), _l("The cancellation is withdrawn."),
         lambda row, days: "reactivate" in days.actions and row.ends_on is not None and row.ends_on > clock.today(),
         tells.withdraw, lambda who, number, form: contract_ends.withdraw_cancellation(who, number)),
    Deed("activate", _l("Activate again"), _l("The subscription is billed again."),
         lambda row, days: "activate" in days.actions, tells.activate,
         lambda who, number, form: contract_switch.activate(who, number)),
    Deed("deactivate", _l("Deactivate"), _l("The subscription is deactivated."),
         lambda row, days: "deactivate" in days.actions, tells.deactivate,
         lambda who, number, form: contract_switch.deactivate(who, number, form.reason.data or ""),
         lambda days: forms.ReasonForm(), False, True),
)  # fmt: skip


def offered(row: Subscription, days: ContractDays) -> list[Deed]:
    """What can be done with this contract now."""
    return [deed for deed in DEEDS if deed.offered(row, days)]
