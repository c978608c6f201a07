"""The status of a customer: chosen in one window that says what it stops, with figures, and its history (P-12 to P-15,
D-12)."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import InputRequired

from admin import card
from admin.deeds import told
from admin.people import actor
from admin.status_words import ReasonForm, effects_told, figures_told, said
from billing import states
from queries.cards.status import get_status_history, get_touched
from services.customer_status import change_status

# In the order of the window: as in billing.states, offered where the state has them.
LABELS = {"activate": _l("Active"), "block": _l("Blocked"), "deactivate": _l("Deactivated")}


class StatusForm(ReasonForm):
    action = RadioField(_l("New status"), validators=[InputRequired()])


class StatusDeeds:
    """Mixed into the screen of the customers."""

    @expose("/status/", methods=("GET", "POST"))
    def status(self: Any) -> ResponseReturnValue:
        """The window with the choice, and the change itself."""
        head = card.require_head()
        form = StatusForm(data={"action": request.args.get("action")})
        offered = [move for move in LABELS if move in states.actions("customer", head.customer.status)]
        form.action.choices = [(move, LABELS[move]) for move in offered]
        back, number = self.get_url(".details_view", id=head.id), head.id
        if form.validate_on_submit():
            move, reason = form.action.data, form.reason.data
            if told(lambda: change_status(actor(), number, move, reason), said(move), form):
                return redirect(back)
            head = card.seen_head()
        touched = get_touched([head.id])
        return self.render(
            "admin/customer_status.html", head=head, form=form, title=gettext("Change the status"), back_to=back,
            figures=figures_told(touched), effects={move: effects_told(move, touched) for move in offered},
        )  # fmt: skip

    @expose("/status/history/")
    def status_history(self: Any) -> ResponseReturnValue:
        """P-15: every change with its moment, its author and its reason."""
        head = card.require_head(reads=True)
        return self.render(
            "admin/customer_status_history.html", head=head, changes=get_status_history(head.id),
            title=gettext("History of the status"), back_to=self.get_url(".details_view", id=head.id),
        )  # fmt: skip
