"""The test clock of a sandbox: the day of this house, forward by a button, and how far the way is (X-13)."""

from __future__ import annotations

from datetime import date

from flask import flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin.deeds import attempt
from admin.door import Door
from admin.lists import day_of
from admin.people import actor
from admin.refusals import of_code
from billing.periods import Interval
from queries.clock import due_until, get_clock
from services import clock, clock_moves

WAYS = (
    (_l("One day forward"), "1 day"), (_l("One month forward"), "1 month"), (_l("14 months forward"), "14 months"),
)  # fmt: skip


class ClockScreen(Door, BaseView):
    deeds = {"index": "clock.read", "progress": "clock.read", "forward": "clock.move"}

    def __init__(self) -> None:
        super().__init__(name="clock", endpoint="admin_clock", url="clock")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        ways = [(label, clock_moves.target(Interval.parse(span)), span) for label, span in WAYS]
        return self.render("admin/clock.html", card=get_clock(), ways=ways, title=gettext("Test clock"))

    @expose("/progress/")
    def progress(self) -> ResponseReturnValue:
        """How far it is, for the page's script."""
        move = get_clock().running
        if move is None:
            return jsonify(state="finished")
        return jsonify(state="running", per_cent=move.per_cent, days_done=move.days_done, issued=move.issued)

    @expose("/forward/", methods=("GET", "POST"))
    def forward(self) -> ResponseReturnValue:
        """Ask with figures, then begin the way, or join the one that is under way."""
        to = day_of(request.values.get("to"))
        if to is None:
            flash(of_code("clock_day_unreadable"), "bad")
            return redirect(self.get_url(".index"))
        return self._forward(to) if request.method == "POST" else self._ask(to)

    def _ask(self, to: date) -> ResponseReturnValue:
        days = (to - clock.today()).days
        if not attempt(lambda: clock_moves.check(to)).done:
            return redirect(self.get_url(".index"))
        return self.render(
            "admin/clock_forward.html", to=to, days=days, due=due_until(to), extra={"to": to.isoformat()},
            title=gettext("Move the clock forward?"),
        )  # fmt: skip

    def _forward(self, to: date) -> ResponseReturnValue:
        joined = clock_moves.running()
        outcome = attempt(lambda: clock_moves.start(actor(), to))
        if outcome.done and outcome.value == joined:
            flash(gettext("The clock is already on its way; you have joined it. Nothing happens twice."))
        elif outcome.done:
            flash(gettext("The clock is on its way. You may leave this page."), "good")
        return redirect(self.get_url(".index"))
