"""What the screens of billing and dunning runs have in common: look first, start by a button, watch, leave at will."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from flask import abort, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin.columns import kind_choice, state_choice
from admin.deeds import attempt
from admin.lists import ListScreen, day_of, row_id
from admin.refusals import of_code
from models import Run
from services import clock


class RunScreen(ListScreen):
    """A kind of run says how one is read, begun and asked for; `counted` are the figures that its page watches."""

    choices = (state_choice("run", "state", _l("Status")), kind_choice("actor", "actor_kind", _l("By")))
    deeds = {
        "index_view": "runs.read", "details_view": "runs.read", "progress": "runs.read", "preview": "runs.start",
        "start": "runs.start",
    }  # fmt: skip
    counted: ClassVar[tuple[str, ...]]
    joined: ClassVar[Any]
    started: ClassVar[Any]

    def __init__(self, endpoint: str) -> None:
        super().__init__(Run, endpoint)

    @expose("/start/", methods=("GET", "POST"))
    def start(self) -> ResponseReturnValue:
        """Ask with figures, then start the run, or join the one of that day that is still running.

        Nothing is ever begun for a guessed day.
        """
        on = _run_day(request.values.get("on"))
        if on is None:
            flash(of_code("run_day_unreadable"), "bad")
            return redirect(self.get_url(".preview"))
        return self._start(on) if request.method == "POST" else self.ask(on)

    @expose("/progress/")
    def progress(self) -> ResponseReturnValue:
        """How far it is, for the page's script."""
        card = self.require_run()
        names = ("state", "chunks", "chunks_done", "per_cent", *self.counted)
        response = jsonify({name: getattr(card, name) for name in names})
        response.headers["Cache-Control"] = "no-store"
        return response

    def read(self, run_id: int, after: int) -> Any:
        """The run's card with its rows from the one behind `after` on, or None."""
        raise NotImplementedError

    def unfinished(self, on: date) -> int | None:
        """The run of that day that is still under way."""
        raise NotImplementedError

    def ask(self, on: date) -> ResponseReturnValue:
        """The question before a run of that day, with its figures."""
        raise NotImplementedError

    def begin(self, on: date) -> int:
        """Start it, or join it; gives the run's id."""
        raise NotImplementedError

    def require_run(self) -> Any:
        """The card of the run that the address names, from the row it names on."""
        after = row_id(request.args.get("after")) or 0
        return self.read(row_id(request.args.get("id")) or 0, after) or abort(404)

    def _start(self, on: date) -> ResponseReturnValue:
        joined = self.unfinished(on)
        outcome = attempt(lambda: self.begin(on))
        if not outcome.done:
            return redirect(self.get_url(".preview", on=on.isoformat()))
        if joined == outcome.value:
            flash(str(self.joined))
        else:
            flash(str(self.started), "good")
        return redirect(self.get_url(".details_view", id=outcome.value))


def day_asked() -> date:
    """The day that a preview is asked for; today where none can be read, and it says so."""
    text = request.args.get("on")
    on = _run_day(text)
    if on is None and text:
        flash(gettext("This is no day. You see the preview of today; nothing has been started."), "bad")
    return on or clock.today()


def _run_day(text: str | None) -> date | None:
    """A day of this century: a year that was typed in two digits arrives as 0026."""
    on = day_of(text)
    return on if on is not None and on.year >= 2000 else None
