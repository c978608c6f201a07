"""Billing runs: look first, start by a button, watch, leave at will (UI: long work shows progress and can be left)."""

from __future__ import annotations

from datetime import date

from flask import abort, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin.columns import Column, kind_choice, state_choice
from admin.deeds import attempt
from admin.lists import ListScreen, row_id
from admin.people import actor
from admin.refusals import of_code
from models import Run
from queries.lists.house import RUNS
from queries.runs import RunCard, get_run
from services import billing_gate, billing_preview, billing_run, clock


class RunScreen(ListScreen):
    title = _l("Billing runs")
    new_label = _l("Billing run")
    empty = _l("Billing runs will stand here. “Billing run” first shows you what would be billed.")
    deeds = {
        "index_view": "runs.read", "details_view": "runs.read", "progress": "runs.read", "preview": "runs.start",
        "start": "runs.start",
    }  # fmt: skip
    listing = RUNS
    list_template = "admin/runs.html"
    columns = (
        Column("on_date", _l("Billed up to"), "link_day", to="admin_runs.details_view"),
        Column("state", _l("Status"), "state", of="run"),
        Column("started_at", _l("Started"), "moment"),
        Column("actor_kind", _l("By"), "kind", of="actor"),
        Column("issued", _l("Issued"), "number"),
        Column("skipped", _l("Skipped"), "number"),
        Column("failed", _l("Parked"), "number"),
    )

    choices = (state_choice("run", "state", _l("Status")), kind_choice("actor", "actor_kind", _l("By")))

    def __init__(self) -> None:
        super().__init__(Run, "runs")

    @expose("/preview/")
    def preview(self) -> ResponseReturnValue:
        """Who would be billed how much, and who would be left out and why. Nothing is written."""
        on = day_of(request.args.get("on")) or clock.today()
        outcome = attempt(lambda: billing_preview.preview(on))
        return self.render(
            "admin/run_preview.html", on=on, preview=outcome.value, missing=billing_gate.missing_of_seller(),
            title=gettext("Billing run"),
        )  # fmt: skip

    @expose("/start/", methods=("POST",))
    def start(self) -> ResponseReturnValue:
        """Start the run, or join the one of that day that is still running. Issuing is never done for a guessed day."""
        on = day_of(request.form.get("on"))
        if on is None:
            flash(of_code("run_day_unreadable"), "bad")
            return redirect(self.get_url(".preview"))
        outcome = attempt(lambda: billing_run.start(on, actor()))
        if not outcome.done:
            return redirect(self.get_url(".preview", on=on.isoformat()))
        flash(gettext("The billing run has started. You may leave this page; the result waits."), "good")
        return redirect(self.get_url(".details_view", id=outcome.value))

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        return self.render("admin/run.html", card=self.require_run(), title=gettext("Billing run"))

    @expose("/progress/")
    def progress(self) -> ResponseReturnValue:
        """How far it is, for the page's script."""
        card = self.require_run()
        names = ("state", "chunks", "chunks_done", "due", "issued", "skipped", "failed", "per_cent")
        response = jsonify({name: getattr(card, name) for name in names})
        response.headers["Cache-Control"] = "no-store"
        return response

    def require_run(self) -> RunCard:
        return get_run(row_id(request.args.get("id")) or 0) or abort(404)


def day_of(text: str | None) -> date | None:
    """The day out of an address or a form, None where there is none."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
