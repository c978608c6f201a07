"""Customers whom billing runs left out: why, what helps, and the button that bills them once it is mended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from admin.deeds import attempt
from admin.door import Door, opens
from admin.lists import row_id
from admin.people import actor
from admin.problem_words import parked_label
from queries.parked import find_parked
from services import parked
from services.parked import Retried

STATES = (("open", _l("waiting")), ("settled", _l("settled")), ("all", _l("all")))
# The field of the customer's record at which a missing part of the address is mended.
_FIELD_OF = {"name": "organization", "location_evidence": "bank_iban"}
# Reasons that are mended in the contract; in the number ranges.
_OF_CONTRACT = ("too_many_open_periods", "too_many_periods", "outside_calendar", "part_outside_period",
                "count_out_of_range", "unreadable_interval", "unknown_currency", "currency_mismatch",
                "amount_too_large")  # fmt: skip
_OF_RANGE = ("unknown_number_range", "number_too_long", "number_out_of_range", "pattern_too_long",
             "pattern_unreadable", "pattern_without_counter", "counter_width_out_of_range")  # fmt: skip


class ParkedScreen(Door, BaseView):
    """The list of all runs' left-out customers."""

    deeds = {"index_view": "runs.read", "retry": "runs.start"}

    def __init__(self) -> None:
        super().__init__(name="parked", endpoint="admin_parked", url="/admin/parked")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        asked = {name: request.args.get(name, "")[:200] for name in ("state", "code", "search")}
        if asked["state"] not in dict(STATES):
            asked["state"] = "open"
        page = find_parked(asked["state"], asked["code"], asked["search"], row_id(request.args.get("before")))
        return self.render(
            "admin/parked.html", page=page, asked=asked, states=STATES, remedy=remedy, title=gettext("Left out")
        )

    @expose("/retry/", methods=("POST",))
    def retry(self) -> ResponseReturnValue:
        """Bill this customer now for that run's day, and go back to where the button was."""
        number = row_id(request.form.get("id")) or 0
        outcome = attempt(lambda: parked.retry(actor(), number))
        if outcome.done:
            _tell(outcome.value)
        run_id = row_id(request.form.get("run"))
        back = url_for("admin_runs.details_view", id=run_id) if run_id else self.get_url(".index_view")
        return redirect(back)


def _tell(done: Retried | None) -> None:
    """What came of it; None where somebody else had dealt with it before."""
    if done is None:
        flash(gettext("This had already been dealt with."), "good")
        return
    if done.issued:
        issued = ngettext("%(num)s invoice has been issued.", "%(num)s invoices have been issued.", done.issued)
        flash(issued, "good")
    if done.codes:
        reasons = " ".join(str(parked_label(code)) for code in done.codes)
        flash(gettext("Still left out: %(reasons)s", reasons=reasons), "bad")
    elif not done.issued:
        flash(gettext("Nothing was due any more, so this is settled."), "good")


def remedy(code: str, facts: Mapping[str, Any], customer_id: int, subscription_id: int) -> tuple[str, str] | None:
    """(address, words) of the place where the reason is mended; None where the reader may not go there."""
    if code == "missing_fields":
        missing = next(iter(facts.get("fields") or ()), "")
        if missing.startswith("seller_"):
            return _way("admin_company.index", gettext("Complete the company data"))
        return _way("admin_customers.edit_view", gettext("Complete the record"), id=customer_id,
                    _anchor=_FIELD_OF.get(missing, missing) or None)  # fmt: skip
    if code in ("vat_id_invalid", "vat_id_unconfirmed"):
        return _way("admin_vat_checks.index_view", gettext("Check the VAT ID"), id=customer_id)
    if code == "small_business_limit":
        return _way("admin_vat.index", gettext("To the tax settings"))
    if code in ("no_vat_rate", "rates_overlap"):
        return _way("admin_vat_rates.index_view", gettext("To the VAT rates"))
    if code in _OF_CONTRACT and subscription_id:
        label = gettext("Check and confirm") if code == "too_many_open_periods" else gettext("Check the contract")
        return _way("admin_subscriptions.details_view", label, id=subscription_id)
    if code in _OF_RANGE:
        return _way("admin_number_ranges.index_view", gettext("Check the number range"))
    return _way("admin_customers.details_view", gettext("Check the record"), id=customer_id)


def _way(endpoint: str, label: str, **values: Any) -> tuple[str, str] | None:
    return (url_for(endpoint, **values), label) if opens(endpoint) else None
