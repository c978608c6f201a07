"""The customer portal in the settings: its address to copy, and how many can enter it (D-10)."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext

from admin.door import Door
from queries.cards.logins import count_logins
from services import clock, customer_login_letters


class PortalScreen(Door, BaseView):
    deeds = {"index": "company.read"}

    def __init__(self) -> None:
        super().__init__(name="portal", endpoint="admin_portal", url="portal")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self.render(
            "admin/portal.html", title=gettext("Customer portal"), portal=customer_login_letters.portal(),
            count=count_logins(clock.real()),
        )  # fmt: skip
