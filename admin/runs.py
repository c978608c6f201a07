"""Billing runs: look first, start by a button, watch, leave at will (UI: long work shows progress and can be left)."""

from __future__ import annotations

from datetime import date

from flask import abort, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from admin import formats
from admin.columns import Column, kind_choice, state_choice
from admin.deeds import attempt, done_by_button
from admin.lists import ListScreen, row_id
from admin.parked import remedy
from admin.people import actor
from admin.refusals import of_code
from models import Run
from queries.lists.house import RUNS
from queries.runs import RunCard, get_run, unfinished_run
from services import billing_gate, billing_preview, billing_run, clock, company, reports
from services.run_counts import Counts

LAST_PAGE = 100_000


class RunScreen(ListScreen):
    title = _l("Billing runs")
    new_label = _l("Prepare a billing run")
    empty = _l("Billing runs will stand here. “Prepare a billing run” first shows you what would be billed.")
    deeds = {
        "index_view": "runs.read", "details_view": "runs.read", "progress": "runs.read", "preview": "runs.start",
        "start": "runs.start", "report": "runs.start",
    }  # fmt: skip
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

    choices = (state_choice("run", "state", _l("Status")), kind_choice("actor", "actor_kind", _l("By")))

    def __init__(self) -> None:
        super().__init__(Run, "runs")

    @expose("/preview/")
    def preview(self) -> ResponseReturnValue:
        """Who would be billed what, and who would be left out and why. Nothing is written."""
        text = request.args.get("on")
        on = day_of(text)
        if on is None and text:
            flash(gettext("This is no day. You see the preview of today; nothing has been started."), "bad")
        on = on or clock.today()
        search, page = request.args.get("search", "")[:200], row_id(request.args.get("page")) or 0
        outcome = attempt(lambda: billing_preview.preview(on, search, min(page, LAST_PAGE)))
        return self.render(
            "admin/run_preview.html", on=on, preview=outcome.value, missing=billing_gate.missing_of_seller(),
            hints=hints(on), search=search, size=billing_preview.SHOWN, remedy=remedy, title=gettext("Billing run"),
        )  # fmt: skip

    @expose("/start/", methods=("GET", "POST"))
    def start(self) -> ResponseReturnValue:
        """Ask with figures, then start the run, or join the one of that day that is still running.

        Issuing is never done for a guessed day.
        """
        on = day_of(request.values.get("on"))
        if on is None:
            flash(of_code("run_day_unreadable"), "bad")
            return redirect(self.get_url(".preview"))
        return self._start(on) if request.method == "POST" else self._ask(on)

    def _ask(self, on: date) -> ResponseReturnValue:
        outcome = attempt(lambda: billing_preview.preview(on))
        if not outcome.done or not outcome.value.counts.issued or billing_gate.missing_of_seller():
            return redirect(self.get_url(".preview", on=on.isoformat()))
        counts = outcome.value.counts
        return self.render(
            "admin/run_start.html", on=on, counts=counts, hints=hints(on), verb=issue_words(counts),
            action=self.get_url(".start"), back_to=self.get_url(".preview", on=on.isoformat()),
            extra={"on": on.isoformat()}, title=gettext("Start the billing run?"),
        )  # fmt: skip

    def _start(self, on: date) -> ResponseReturnValue:
        joined = unfinished_run(on)
        outcome = attempt(lambda: billing_run.start(on, actor()))
        if not outcome.done:
            return redirect(self.get_url(".preview", on=on.isoformat()))
        if joined == outcome.value:
            flash(gettext("The run of this day is already under way; you have joined it. Nothing is billed twice."))
        else:
            flash(gettext("The billing run has started. You may leave this page; the result waits."), "good")
        return redirect(self.get_url(".details_view", id=outcome.value))

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        card = self.require_run()
        return self.render(
            "admin/run.html", card=card, remedy=remedy, reports_to=company.get_company().report_email,
            title=gettext("Billing run"),
        )  # fmt: skip

    @expose("/progress/")
    def progress(self) -> ResponseReturnValue:
        """How far it is, for the page's script."""
        card = self.require_run()
        names = ("state", "chunks", "chunks_done", "due", "issued", "charging", "skipped", "failed", "per_cent")
        response = jsonify({name: getattr(card, name) for name in names})
        response.headers["Cache-Control"] = "no-store"
        return response

    @expose("/report/", methods=("POST",))
    def report(self) -> ResponseReturnValue:
        """The report by mail once more."""
        number = row_id(request.form.get("id")) or 0
        return done_by_button(
            lambda: reports.send_run_report_again(actor(), number),
            gettext("The report is on its way once more. You find it among the messages."),
            self.get_url(".details_view", id=number),
        )

    def require_run(self) -> RunCard:
        after = row_id(request.args.get("after")) or 0
        return get_run(row_id(request.args.get("id")) or 0, after) or abort(404)


def day_of(text: str | None) -> date | None:
    """The day out of an address or a form, None where there is none."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


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
