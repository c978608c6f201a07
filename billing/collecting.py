"""When a payment that was declined is tried again, and when nobody tries any more (EB-51, M2-19, M2-20).

A hard decline (stolen, closed, expired) is never repeated with the same method; a soft one on a schedule that counts
from the first try; one that waits for the customer only until they had their time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

CHARGED = frozenset({2, 4, 6})  # payment types that somebody can charge: debit, PayPal, card
KIND_OF_TYPE = {1: "transfer", 2: "sepa_debit", 3: "cash", 4: "paypal", 5: "prepayment", 6: "card"}
TYPE_OF_KIND = {kind: code for code, kind in KIND_OF_TYPE.items()}
ON_DECLINE = ("no_invoice", "issue_open")  # D-2, M2-22
AFTER_GIVING_UP = ("keep", "pause", "close")  # what becomes of the contracts


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept method of a customer, as planning sees it. `gateway` is empty for our own debit."""

    id: int
    kind: str
    gateway: str
    is_default: bool
    state: str = "active"
    expires_on: date | None = None
    is_held: bool = False  # declined for good, or charged back: nothing charges it by itself

    def pays(self, on: date) -> bool:
        """Whether it may be charged on that day without anybody's deed."""
        return not self.is_held and self.is_valid(on)

    def is_valid(self, on: date) -> bool:
        """Whether it may be charged on that day by whoever means to."""
        return self.state == "active" and (self.expires_on is None or on <= self.expires_on)


def chosen(payment_type: int, kept: Sequence[Kept], own_id: int | None = None) -> Kept | None:
    """The method by which a contract of this payment type is paid: its own where it has one of that kind, otherwise
    the customer's default, otherwise the newest of that kind. None where there is none."""
    kind = KIND_OF_TYPE.get(payment_type, "")
    mine = [each for each in kept if each.kind == kind]
    ranked = sorted(mine, key=lambda each: (each.id == own_id, each.is_default, each.state == "active", each.id))
    return ranked[-1] if ranked else None


def chargeable(payment_type: int, kept: Sequence[Kept], on: date, own_id: int | None = None,
               even_held: bool = False) -> Kept | None:  # fmt: skip
    """The chosen method, where a provider can charge it on that day without the customer; None otherwise: nobody takes
    another one in its stead. `even_held`: a person means to charge it, also after it was declined for good."""
    method = chosen(payment_type, kept, own_id)
    if method is None or not method.gateway:
        return None
    return method if (method.is_valid(on) if even_held else method.pays(on)) else None


def collection_of(payment_type: int, method: Kept | None, can_charge: bool) -> str:
    """charge_first where a provider charges; invoice_first for everything that comes after the invoice.

    A card or PayPal without a kept method is charge_first as well wherever the house has a provider (`can_charge`):
    no payment, no invoice (M2-20).
    """
    if method is not None:
        return "charge_first" if method.gateway else "invoice_first"
    return "charge_first" if can_charge and payment_type in (4, 6) else "invoice_first"


def next_try(decline_kind: str, first_tried_on: date, today: date, days: Sequence[int]) -> date | None:
    """The day of the next try, or None: given up. `days` count from the first try, ascending; the first that is still
    to come counts, so that a machine that was off tries once and not thrice."""
    if decline_kind == "hard":
        return None
    left = [first_tried_on + timedelta(each) for each in days]
    return next((day for day in left if day > today), None)
