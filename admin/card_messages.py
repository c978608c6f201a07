"""The tab with what was written to a customer."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from admin.card import CardTab
from admin.card_rows import rows_of
from admin.columns import Column
from queries.cards.customer_head import Head
from queries.cards.customer_lists import messages_of


class MessagesTab(CardTab):
    tab = "messages"
    permission = "messages.read"
    template = "admin/card/messages.html"
    columns = (
        Column("subject", _l("Subject"), "link", to="admin_messages.details_view"),
        Column("template", _l("Kind"), "kind", of="template"),
        Column("recipient", _l("Recipient")),
        Column("state", _l("Status"), "state", of="message"),
        Column("created_at", _l("Ordered"), "moment"),
        Column("sent_at", _l("Sent"), "moment"),
    )

    def content(self, head: Head) -> dict[str, Any]:
        return {"shown": rows_of(head, messages_of(head.id), self.columns, "subject")}
