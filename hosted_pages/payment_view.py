"""A customer's payment methods in words, for their link and for the portal: what is kept, what may be added (M1-46)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

import gateways
from documents import figures
from hosted_pages.accountdata_form import PAYMENTS
from models import Customer, PaymentMethod
from services import method_setups, payment_methods
from services.method_rows import type_of
from services.payment_letter_facts import label
from services.payment_wishes import ADD, CHOOSE, REMOVE, Wish

ADDED: Mapping[str, Any] = {
    "card": _l("Add a card"), "paypal": _l("Add PayPal"), "sepa_debit": _l("Add an account for direct debit"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept method as its owner reads it."""

    id: int
    label: str
    kind: str
    until: str
    state: str
    is_default: bool
    own_debit: bool
    is_held: bool


def listed(row: Customer, language: str) -> dict[str, Any]:
    """What the list of methods is drawn with: the kept ones, the ways to add another, and how is paid today."""
    ways = [(way, ADDED[way.kind], page_of(way.gateway)) for way in method_setups.ways(row)]
    return {"kept": kept_of(row, language), "ways": ways, "pays": PAYMENTS[row.payment_type]}


def page_of(gateway: str) -> str:
    """Whose page comes next, as it is told; the sandbox's own has no name that a customer would know."""
    return "" if gateway == "sandbox" else gateways.title_of(gateway)


def kept_of(row: Customer, language: str) -> list[Kept]:
    """The default first; without what never came to be."""
    return [_shown(each, language) for each in payment_methods.methods_of(row.id) if each.state != "pending"]


def sent_wish() -> Wish:
    """What the button of the list asked for; whatever it does not know stays empty and is refused."""
    number = request.form.get("method", "")
    deed = request.form.get("deed", "")
    deed = deed if deed in (ADD, CHOOSE, REMOVE) else ""
    method_id = int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0
    return Wish(deed, request.form.get("kind", "")[:20], request.form.get("gateway", "")[:20], method_id)


def say_done(wish: Wish) -> None:
    removed = wish.deed == REMOVE
    flash(gettext("The payment method is removed.") if removed else gettext("Thank you. You now pay this way."), "good")


def say_returned(state: str) -> None:
    """The customer is back from the provider's page, and the method is in this state."""
    if state == "active":
        flash(gettext("Thank you. Your payment method is kept, and used from now on."), "good")
    elif state == "kept":
        flash(gettext("Thank you. Your payment method is kept. To pay by it, please choose it in the list."), "good")
    elif state == "pending":
        flash(gettext("The provider has not answered yet. Your payment method appears here as soon as it has."), "info")
    else:
        flash(gettext("No payment method was kept. Please try again, or choose another one."), "bad")


def _shown(row: PaymentMethod, language: str) -> Kept:
    until = figures.day(row.expires_on, language) if row.expires_on else ""
    kind, own_debit = str(PAYMENTS[type_of(row)]), row.mandate_id is not None
    return Kept(row.id, label(row, language) or kind, kind, until, row.state, row.is_default, own_debit,
                row.held_at is not None)  # fmt: skip
