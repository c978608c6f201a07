"""Billing runs: look first, start by a button, watch, leave at will (UI: long work shows progress and can be left)."""

from __future__ import annotations

from datetime import date

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from admin import formats
from admin.columns import Column
from admin.deeds import attempt, done_by_button
from admin.lists import row_id
from admin.parked import remedy
from admin.people import actor
from admin.run_screen import RunScreen, day_asked
from queries.lists.house import RUNS
from queries.runs import RunCard, get_run, unfinished_run
from services import billing_gate, billing_preview, billing_run, clock, company, reports
from services.run_counts import Counts

LAST_PAGE = 100_000


class BillingRunScreen(RunScreen):
    title = _l("Billing runs")
    new_label = _l("Prepare a billing run")
    empty = _l("Billing runs will stand here. “Prepare a billing run” first shows you what would be billed.")
    deeds = {**RunScreen.deeds, "report": "runs.start"}
    listing = RUNS
    list_template = "admin/runs.html"
    columns = (
        Column("on_date", _l("Billed up to"), "link_day", to="admin_runs.details_view"),
        Column("state", _l("Status"), "state", of="run"),
        Column("started_at", _l("Started"), "moment"),
        Column("actor_kind", _l("By"), "kind", of="actor"),
        Column("issued", _l("Issued"), "number"),
        Column("charging", _l("Being collected"), "number"),
        Column("skipped", _l("Skipped"), "number"),
        Column("failed", _l("Left out"), "number"),
    )

    counted = ("due", "issued", "charging", "skipped", "failed")
    joined = _l("The run of this day is already under way; you have joined it. Nothing is billed twice.")
    started = _l("The billing run has started. You may leave this page; the result waits.")

    def __init__(self) -> None:
        super().__init__("runs")

    def read(self, run_id: int, after: int) -> RunCard | None:
        return get_run(run_id, after)

    def unfinished(self, on: date) -> int | None:
        return unfinished_run(on)

    def begin(self, on: date) -> int:
        return billing_run.start(on, actor())

    @expose("/preview/")
    def preview(self) -> ResponseReturnValue:
        """Who would be billed what, and who would be left out and why. Nothing is written."""
        on = day_asked()
        search, page = request.args.get("search", "")[:200], row_id(request.args.get("page")) or 0
        outcome = attempt(lambda: billing_preview.preview(on, search, min(page, LAST_PAGE)))
        return self.render(
            "admin/run_preview.html", on=on, preview=outcome.value, missing=billing_gate.missing_of_seller(),
            hints=hints(on), search=search, size=billing_preview.SHOWN, remedy=remedy, title=gettext("Billing run"),
        )  # fmt: skip

    def ask(self, on: date) -> ResponseReturnValue:
        outcome = attempt(lambda: billing_preview.preview(on))
        if not outcome.done or not outcome.value.counts.issued or billing_gate.missing_of_seller():
            return redirect(self.get_url(".preview", on=on.isoformat()))
        counts = outcome.value.counts
        return self.render(
            "admin/run_start.html", on=on, counts=counts, hints=hints(on), verb=issue_words(counts),
            action=self.get_url(".start"), back_to=self.get_url(".preview", on=on.isoformat()),
            extra={"on": on.isoformat()}, title=gettext("Start the billing run?"),
        )  # fmt: skip

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        card = self.require_run()
        return self.render(
            "admin/run.html", card=card, remedy=remedy, reports_to=company.get_company().report_email,
            title=gettext("Billing run"),
        )  # fmt: skip

    @expose("/report/", methods=("POST",))
    def report(self) -> ResponseReturnValue:
        """The report by mail once more."""
        number = row_id(request.form.get("id")) or 0
        return done_by_button(
            lambda: reports.send_run_report_again(actor(), number),
            gettext("The report is on its way once more. You find it among the messages."),
            self.get_url(".details_view", id=number),
        )


def hints(on: date) -> list[str]:
    """What is worth knowing about a run of that day before it is started."""
    found = []
    if unfinished_run(on):
        found.append(gettext("A run of this day is under way. Starting joins it; nothing is billed twice."))
    if on > clock.today():
        found.append(gettext("%(day)s lies ahead. In the sandbox that is allowed: the invoices bear this day, and later"
                             " ones of the same series no earlier day.", day=formats.day(on)))  # fmt: skip
    elif on < clock.today():
        found.append(gettext("%(day)s is past. Only what was due until then is billed; no invoice bears an earlier day"
                             " than the last one of its series.", day=formats.day(on)))  # fmt: skip
    return found


def issue_words(counts: Counts) -> str:
    """214 invoices of €12,345.67: what the button of a start does."""
    sums = " + ".join(formats.money(gross, currency) for currency, (_, gross) in sorted(counts.totals.items()))
    return ngettext("Issue %(count)s invoice of %(sums)s", "Issue %(count)s invoices of %(sums)s", counts.issued,
                    count=formats.quantity(counts.issued), sums=sums)  # fmt: skip
