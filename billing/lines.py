"""A position of a document that is no planned period: sold once, used, or corrected."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from billing.contracts import ClaimKey
from billing.discounts import Discount
from billing.periods import Period
from billing.pricing import Part
from billing.taxes import TaxCase


@dataclass(frozen=True, slots=True)
class Line:
    """One position. `amount_cents` is in the document's net or gross mode, after its discounts.

    A line has a claim's key or a reason: "one_off", "usage", "correction".
    """

    reason: str
    title: str
    quantity: Decimal
    unit_price: Decimal
    amount_cents: int
    tax_case: TaxCase
    tax_category: str  # EN 16931: S Z E AE O K G
    percent: Decimal
    key: ClaimKey | None = None
    subscription_id: int | None = None
    product_id: int | None = None
    article_number: str = ""
    description: str = ""
    unit: str = "C62"  # UN/ECE Rec 20
    period: Period | None = None
    part: Part | None = None
    discounts: tuple[Discount, ...] = ()
    original_line_id: int | None = None
    id: int | None = None  # of a stored draft's line, which keeps it
    records: tuple[ClaimKey, ...] = ()  # usage: the claims of the records that are summed here
