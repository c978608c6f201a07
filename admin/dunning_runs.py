"""Dunning runs: look first, start by a button, watch, leave at will (X-12)."""

from __future__ import annotations

from datetime import date

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from admin.columns import Column
from admin.deeds import attempt
from admin.dunning_words import told_warnings
from admin.people import actor
from admin.run_screen import RunScreen, day_asked
from queries.dunning_runs import DunningRunCard, get_dunning_run, unfinished_dunning_run
from queries.dunning_settings import level_names
from queries.lists.dunning import DUNNING_RUNS
from services import dunning_lists, dunning_run
from services.dunning_lists import Preview


class DunningRunScreen(RunScreen):
    title = _l("Dunning runs")
    empty = _l("Dunning runs will stand here. “Prepare a dunning run” first shows you who would be reminded of what.")
    listing = DUNNING_RUNS
    list_template = "admin/dunning_runs.html"
    columns = (
        Column("on_date", _l("Day"), "link_day", to="admin_dunning_runs.details_view"),
        Column("state", _l("Status"), "state", of="run"),
        Column("started_at", _l("Started"), "moment"),
        Column("actor_kind", _l("By"), "kind", of="actor"),
        Column("reminded", _l("Reminded"), "number"),
        Column("collected", _l("Collected first"), "number"),
        Column("held", _l("Left alone"), "number"),
    )
    counted = ("examined", "reminded", "held", "failed")
    joined = _l("The run of this day is already under way; you have joined it. Nobody is reminded twice.")
    started = _l("The dunning run has started. You may leave this page; the result waits.")

    def __init__(self) -> None:
        super().__init__("dunning_runs")

    def hints(self) -> list[str]:
        """Above the list: that nobody is reminded while there are no levels."""
        return [] if level_names() else told_warnings([("no_levels", {})])

    def read(self, run_id: int, after: int) -> DunningRunCard | None:
        return get_dunning_run(run_id, after)

    def unfinished(self, on: date) -> int | None:
        return unfinished_dunning_run(on)

    def begin(self, on: date) -> int:
        return dunning_run.start(on, actor())

    @expose("/preview/")
    def preview(self) -> ResponseReturnValue:
        """Who would be reminded of what, and whom the run would leave alone and why. Nothing is written."""
        on = day_asked()
        after, waiting_after = request.args.get("after", ""), request.args.get("waiting_after", "")
        outcome = attempt(lambda: dunning_lists.preview(on, after, waiting_after))
        found: Preview | None = outcome.value
        return self.render(
            "admin/dunning_preview.html", on=on, preview=found, hints=_hints(found) if found else [], after=after,
            waiting_after=waiting_after, title=gettext("Dunning run"),
        )  # fmt: skip

    def ask(self, on: date) -> ResponseReturnValue:
        outcome = attempt(lambda: dunning_lists.preview(on))
        if not outcome.done or not (outcome.value.reminded or outcome.value.collected):
            return redirect(self.get_url(".preview", on=on.isoformat()))
        found: Preview = outcome.value
        return self.render(
            "admin/dunning_start.html", on=on, preview=found, hints=_hints(found), verb=_verb(found),
            action=self.get_url(".start"), back_to=self.get_url(".preview", on=on.isoformat()),
            extra={"on": on.isoformat()}, title=gettext("Start the dunning run?"),
        )  # fmt: skip

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        return self.render("admin/dunning_run.html", card=self.require_run(), title=gettext("Dunning run"))


def _hints(found: Preview) -> list[str]:
    """What is worth knowing before it is started."""
    hints = told_warnings(found.warnings)
    if unfinished_dunning_run(found.on):
        hints.append(gettext("A run of this day is under way. Starting joins it; nobody is reminded twice."))
    return hints


def _verb(found: Preview) -> str:
    """What the button of a start does."""
    if not found.reminded:
        return ngettext("Collect %(num)s invoice once more", "Collect %(num)s invoices once more", found.collected)
    return ngettext("Send %(num)s reminder", "Send %(num)s reminders", found.reminded)
