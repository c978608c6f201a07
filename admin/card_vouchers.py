"""The tab with the vouchers and coupons of a customer (R-17)."""

from __future__ import annotations

from typing import Any

from admin.card import CardTab
from queries.cards.customer_head import Head
from queries.coupons import redemptions_of


class VouchersTab(CardTab):
    tab = "vouchers"
    permission = "coupons.read"
    template = "admin/card/vouchers.html"

    def content(self, head: Head) -> dict[str, Any]:
        return {"rows": redemptions_of(customer_id=head.id)}
