"""The tab with the contracts of a customer."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from admin.card import CardTab
from admin.card_booking import Booking
from admin.card_rows import rows_of
from admin.columns import Column
from queries.cards.customer_head import Head
from queries.cards.customer_lists import subscriptions_of


class SubscriptionsTab(Booking, CardTab):
    tab = "subscriptions"
    permission = "subscriptions.read"
    template = "admin/card/subscriptions.html"
    deeds = {"book": "subscriptions.write"}
    columns = (
        Column("title", _l("Contract"), "link", to="admin_subscriptions.details_view"),
        Column("status", _l("Status"), "state", of="subscription"),
        Column("interval_unit", _l("Rhythm"), "rhythm"),
        Column("started_on", _l("Since"), "day"),
        Column("ends_on", _l("Until"), "last_day"),
        Column("next_billing_on", _l("Next billing"), "day"),
    )

    def content(self, head: Head) -> dict[str, Any]:
        return {"shown": rows_of(head, subscriptions_of(head.id), self.columns, "title")}
