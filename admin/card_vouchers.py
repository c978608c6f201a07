"""The tab with what reduces a customer's bills: own coupons, what was redeemed and is left, granted and paid credit
(R-17)."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin.asking import Asking
from admin.card import CardTab, require_head
from admin.fields import Form, select, text
from admin.people import actor, may
from models import Coupon
from queries.cards.credit import credit_moves
from queries.cards.customer_head import Head
from queries.cards.customer_lists import open_contracts
from queries.cards.extras import customer_grants
from queries.cards.money import credits_of
from queries.coupons import offered_to, redemptions_of
from services import redemptions


class RedeemForm(Form):
    subscription_id = select(_l("Subscription"), (), coerce=int)
    coupon = text(_l("Code"), Coupon.__table__.c.code, required=True)


class VouchersTab(Asking, CardTab):
    tab = "vouchers"
    permission = "coupons.read"
    template = "admin/card/vouchers.html"
    deeds = {"redeem": "subscriptions.write"}

    def content(self, head: Head) -> dict[str, Any]:
        """Money is shown to who may see payments."""
        found = {
            "offered": offered_to(head.id), "rows": redemptions_of(customer_id=head.id), "here_url": _tab(head.id),
            "extras": None,
        }  # fmt: skip
        if may("payments.read"):
            found |= {
                "extras": customer_grants(head.id),
                "credits": credits_of(head.id),
                "moves": credit_moves(head.id),
            }
        return found

    @expose("/redeem/", methods=("GET", "POST"))
    def redeem(self) -> ResponseReturnValue:
        """A coupon for one of this customer's contracts."""
        head = require_head()
        form = RedeemForm(data={"coupon": request.args.get("code", "")[:40]})
        form.subscription_id.choices = [(row.id, f"{row.title} · {row.id}") for row in open_contracts(head.id)]
        what = [gettext("The coupon reduces what begins from today on; a period that is under way stays as it is.")]
        if not form.subscription_id.choices:
            what = [gettext("There is no running subscription that a coupon could reduce.")]
        return self.asked(
            form, lambda: redemptions.redeem(actor(), form.subscription_id.data, form.coupon.data),
            title=gettext("Redeem a coupon"), what=what,
            verb=gettext("Redeem") if form.subscription_id.choices else "", said=gettext("The coupon is redeemed."),
            back=_tab(head.id), extra={"id": head.id}, whose=head.customer,
        )  # fmt: skip


def _tab(customer_id: int) -> str:
    return url_for("admin_customer_vouchers.index", id=customer_id)
