"""The start page: what is next, what is stuck, what is open."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext

from admin.door import ANYONE, Door
from queries.overview import get_overview
from services import billing_gate, clock


class OverviewScreen(Door, BaseView):
    """Everybody's first page; figures that a role may not see are left out by the template."""

    deeds = {"index": ANYONE}

    def __init__(self) -> None:
        super().__init__(name="overview", endpoint="admin", url="/admin")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self.render(
            "admin/overview.html", overview=get_overview(clock.today()), missing=billing_gate.missing_of_seller(),
            title=gettext("Overview"),
        )  # fmt: skip
