"""What payment providers told and could not be booked: why, and the button that works on it once more.

No more is shown than the provider's own numbers: what a message held beside them was never kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin.deeds import done_by_button
from admin.door import Door
from admin.lists import row_id
from admin.problem_words import event_problem
from queries.provider_events import STATES, find_events
from services import gateway_events

WORDS: Mapping[str, Any] = {
    "failed": _l("could not be worked on"), "waiting": _l("waits for its next look"), "all": _l("all of them"),
}  # fmt: skip
KINDS: Mapping[str, Any] = {
    "charge": _l("Payment"), "refund": _l("Refund"), "chargeback": _l("Chargeback"),
    "chargeback_reversed": _l("Chargeback taken back"), "setup": _l("Payment data entered"),
    "method_updated": _l("Payment data renewed"),
}  # fmt: skip


class ProviderEventScreen(Door, BaseView):
    deeds = {"index_view": "payments.read", "try_again": "payments.write"}

    def __init__(self) -> None:
        super().__init__(name="provider events", endpoint="admin_provider_events", url="/admin/provider-events")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        asked = request.args.get("state", "failed")
        state = asked if asked in STATES else "failed"
        rows, before = find_events(state, row_id(request.args.get("before")))
        return self.render(
            "admin/provider_events.html", rows=rows, before=before, state_asked=state, states=WORDS, kinds=KINDS,
            problem=event_problem, title=gettext("What providers told"),
        )  # fmt: skip

    @expose("/try-again/", methods=("POST",))
    def try_again(self) -> ResponseReturnValue:
        """It is worked on in a moment, as if it had just come; what it books is booked once."""
        number = row_id(request.values.get("id")) or 0
        return done_by_button(
            lambda: gateway_events.try_again(number),
            gettext("It is worked on once more. If it is not here in a moment, it is done."),
            self.get_url(".index_view"),
        )  # fmt: skip
