"""What dunning tells people: why somebody is left alone, and what to know before a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Flask
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from admin import formats
from billing.default import AFTER_30_DAYS, AGREED, REMINDED, Since

WHY: Mapping[str, Any] = {
    "below_minimum": _l("Below the minimum"),
    "disputed": _l("Disputed"),
    "on_hold": _l("Reminders stopped"),
    "instalments": _l("Paid in instalments"),
    "debit_in_flight": _l("A direct debit is under way"),
    "reminder_waits": _l("The mail of the last reminder has not left, or not long enough ago"),
    "attempt_unknown": _l("The answer of a payment is unknown"),
    "attempt_under_way": _l("A payment is under way"),
    "collected": _l("Collected just now"),
    "collect": _l("Collected once more first"),
}

_DEFAULT: Mapping[str, Any] = {
    AGREED: _l("the contract names the day of payment (section 286 (2) no. 1 BGB)"),
    AFTER_30_DAYS: _l("30 days after the invoice was due and received (section 286 (3) BGB)"),
    REMINDED: _l("a reminder has arrived after the due date (section 286 (1) BGB)"),
}
_PLANS: Mapping[str, Any] = {
    "": _l("is kept"), "paid": _l("paid"), "broken": _l("not kept"), "withdrawn": _l("withdrawn"),
}  # fmt: skip


def init_app(app: Flask) -> None:
    """The words, for templates."""
    app.jinja_env.globals.update(held_label=held_label, plan_label=plan_label, told_default=told_default)


def held_label(code: str) -> str:
    """Why nobody is reminded."""
    return str(WHY.get(code, code))


def told_default(since: Since | None, today: date) -> str:
    """Since when, or from when on, somebody is in default, and by which paragraph of the law (MAH-1)."""
    if since is None:
        return gettext("Not in default yet: that begins with a reminder (section 286 (1) BGB).")
    facts = {"day": formats.day(since.on), "why": _DEFAULT[since.reason]}
    if since.on <= today:
        return gettext("In default since %(day)s: %(why)s.", **facts)
    return gettext("In default from %(day)s on, unless it is paid before: %(why)s.", **facts)


def plan_label(ended_as: str) -> str:
    """How an instalment plan stands."""
    return str(_PLANS.get(ended_as, ended_as))


def told_warnings(warnings: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """What a person should know before anybody is reminded."""
    return [_warning(code, facts) for code, facts in warnings]


def _warning(code: str, facts: Mapping[str, Any]) -> str:
    if code == "day_ahead":
        return gettext("%(day)s lies ahead. In the sandbox that is allowed; the reminders bear this day.",
                       day=formats.day(date.fromisoformat(facts["on"])))  # fmt: skip
    if code == "no_levels":
        return gettext("There are no dunning levels yet, so nobody is reminded. Please set them up in the settings.")
    if code == "old_statement":
        return gettext("The last bank statement is of %(day)s, %(num)s days ago. Whoever has paid since would be "
                       "reminded all the same: please read in the newest statement first.",
                       day=formats.day(date.fromisoformat(facts["closed_on"])), num=facts["days"])  # fmt: skip
    if code == "no_base_rate":
        days = [formats.day(date.fromisoformat(day)) for day in facts["half_years"]]
        return ngettext("No base rate is entered for the half-year from %(days)s. What was owed in it is reminded of "
                        "without interest; once the rate is entered, the next reminder asks for all of it. After the "
                        "last level there is none: then the interest is to be claimed by hand.",
                        "No base rates are entered for the half-years from %(days)s. What was owed in one of them is "
                        "reminded of without interest; once the rates are entered, the next reminder asks for all of "
                        "it. After the last level there is none: then the interest is to be claimed by hand.",
                        len(days), days=", ".join(days))  # fmt: skip
    return code
