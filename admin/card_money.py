"""The tabs with what was invoiced and what was paid (R-26, R-27, M1-03)."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l

from admin.card import CardTab
from admin.card_rows import rows_of
from admin.columns import Column
from admin.invoices import FIGURES
from admin.payment_methods import shown
from admin.people import may
from queries.cards.customer_head import Head
from queries.cards.customer_lists import invoices_of, payments_of
from queries.cards.customer_sums import get_invoiced, get_received
from queries.cards.dunning import MOST, SHOWN, reminders_of_customer
from queries.cards.extras import customer_grants
from queries.debits import mandates_of
from queries.refunds import refunds_of_customer
from queries.taken_twice import taken_twice_of_customer
from services import clock


class InvoicesTab(CardTab):
    tab = "invoices"
    permission = "invoices.read"
    template = "admin/card/invoices.html"
    columns = (
        Column("number", _l("Number"), "document", to="admin_invoices.details_view"),
        *FIGURES,
    )

    def content(self, head: Head) -> dict[str, Any]:
        today = clock.today()
        return {
            "shown": rows_of(head, invoices_of(head.id, today), self.columns, "number"),
            "sums": get_invoiced(head.id, today) if may("receivables.read") else (),
        }


class PaymentsTab(CardTab):
    tab = "payments"
    permission = "payments.read"
    template = "admin/card/payments.html"
    columns = (
        Column("received_on", _l("Date"), "link_day", to="admin_payments.details_view"),
        Column("kind", _l("Kind"), "kind", of="movement"),
        Column("state", _l("Status"), "state", of="movement"),
        Column("invoice_number", _l("Invoice"), "link", to="admin_invoices.details_view", id_from="invoice_id"),
        Column("method", _l("Paid by"), "kind", of="method"),
        Column("moved_cents", _l("Amount"), "money"),
    )

    def content(self, head: Head) -> dict[str, Any]:
        return {
            "shown": rows_of(head, payments_of(head.id), self.columns, "received_on"),
            "sums": get_received(head.id),
            "extras": customer_grants(head.id),
            "methods": shown(head.id),
            "refunds": refunds_of_customer(head.id),
            "twice": taken_twice_of_customer(head.id),
            "mandates": mandates_of(head.id),
            **_reminders(head.id),
        }


def _reminders(customer_id: int) -> dict[str, Any]:
    """The newest, or all of them where the reader asked for them; none for who may not see what is owed."""
    wants_all = request.args.get("reminders") == "all"
    found = reminders_of_customer(customer_id, MOST if wants_all else SHOWN) if may("receivables.read") else None
    return {"reminders": found, "all_reminders": wants_all}
