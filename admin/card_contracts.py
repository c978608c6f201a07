"""The tab with the contracts of a customer: what each costs, asks for next and binds to, and its deeds in one click."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext as _l

from admin.card import CardTab
from admin.card_booking import Booking
from admin.card_rows import rows_of
from admin.contract_deeds import offered
from admin.door import opens
from queries.cards.customer_head import Head
from queries.cards.customer_lists import subscriptions_of
from services.contract_view import ContractView, get_views

EXTRAS = (("admin_usage.record", _l("Record usage")), ("admin_coupons.redeem", _l("Redeem a coupon")))
# What the team does most stands beside the contract; all the rest in "Mehr".
FIRST = ("next_payment", "change", "addon", "pause", "resume", "cancel", "reactivate", "activate")


@dataclass(frozen=True, slots=True)
class Way:
    """A deed as the tab draws it. `first`: a button of its own."""

    label: Any
    url: str
    first: bool = False
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    view: ContractView
    deeds: list[Way]


class SubscriptionsTab(Booking, CardTab):
    tab = "subscriptions"
    permission = "subscriptions.read"
    template = "admin/card/subscriptions.html"
    deeds = {"book": "subscriptions.write"}

    def content(self, head: Head) -> dict[str, Any]:
        shown = rows_of(head, subscriptions_of(head.id), (), "")
        views = get_views([line.id for line in shown.lines], 1)
        return {"shown": shown, "contracts": [Contract(views[line.id], ways(views[line.id], head))
                                              for line in shown.lines]}  # fmt: skip


def ways(view: ContractView, head: Head) -> list[Way]:
    """What this person may do with the contract now; each leads back here."""
    return [] if head.is_erased else [*_deeds(view), *_extras(view)]


def _deeds(view: ContractView) -> Iterator[Way]:
    if not opens("admin_contracts.ask"):
        return
    for deed in offered(view.row, view.days):
        url = url_for("admin_contracts.ask", deed=deed.name, id=view.row.id, next=_here())
        yield Way(deed.label, url, deed.name in FIRST, deed.danger)


def _extras(view: ContractView) -> Iterator[Way]:
    if view.row.status == "closed":
        return
    for endpoint, label in EXTRAS:
        if opens(endpoint):
            yield Way(label, url_for(endpoint, contract=view.row.id, next=_here()))


def _here() -> str:
    return request.full_path.rstrip("?")
