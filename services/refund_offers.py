"""What can still be given back of an invoice, told before anybody orders it. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from billing.refunds import PROVIDER, TRANSFER, Plan
from extensions import db
from models import Invoice
from services.refund_rows import refundables


@dataclass(frozen=True, slots=True)
class Offer:
    """What a cancellation or correction may still give back, by the provider and by a transfer. `standing_cents`: what
    stands of refunds of the whole invoice, by which four eyes are counted."""

    id: int
    number: str
    kind: str
    currency: str
    paid_cents: int
    refunded_cents: int
    by_provider: Plan
    by_transfer: Plan
    standing_cents: int


@dataclass(frozen=True, slots=True)
class Offers:
    """Of one invoice. `twice`: a payment of it was refunded and charged back (F19)."""

    invoice_id: int
    offers: tuple[Offer, ...]
    twice: bool


def offers_of(invoice_id: int) -> Offers:
    """Of the invoice, whichever document of its chain is asked for. A fixed number of statements."""
    original = db.session.scalar(select(Invoice.original_id).where(Invoice.id == invoice_id)) or invoice_id
    found = refundables(db.session(), original)
    standing = sum(each.due.refunded_cents for each in found)
    offers = tuple(
        Offer(each.correction.id, each.correction.number or "", each.correction.kind, each.receivable.currency_code,
              each.due.paid_cents, each.due.refunded_cents, each.by(PROVIDER), each.by(TRANSFER),
              standing)
        for each in found
    )  # fmt: skip
    return Offers(original, offers, any(each.is_paid_out_twice for each in found))


def get_offer(correction_id: int) -> tuple[Offer, int] | None:
    """What one document may give back, and its invoice; None for what is no issued cancellation or correction."""
    found = offers_of(correction_id)
    return next(((offer, found.invoice_id) for offer in found.offers if offer.id == correction_id), None)
