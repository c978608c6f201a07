"""When an invoice has to be electronic (EN 16931): §14(2) and §27(38) UStG, UStAE 14.7a.

What need not be electronic may always be; the house sends e-invoices unless a customer wants a bare PDF.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from billing.lawful import SMALL_INVOICE_CENTS

DUTY_FOR_ALL = date(2028, 1, 1)
DUTY_FOR_LARGE = date(2027, 1, 1)
LARGE_TURNOVER_CENTS = 800_000_00  # of the previous year, §27(38) Nr. 2 UStG: above it the duty begins a year earlier
FORMATS = ("zugferd", "xrechnung", "pdf")  # EIN-3


@dataclass(frozen=True, slots=True)
class Sale:
    """What the duty depends on. `exempt`: free of VAT by §4 Nr. 8 to 29 UStG; `buyer_country` empty: the seller's."""

    supplied_on: date
    gross_cents: int
    currency: str
    buyer_is_business: bool
    buyer_country: str
    seller_country: str = "DE"
    small_business: bool = False
    exempt: bool = False


def einvoice_required(sale: Sale, previous_turnover_cents: int | None) -> bool:
    """Whether this sale needs an e-invoice (EIN-1, EIN-2). A turnover that nobody stated counts as a large one."""
    concerned = _between_german_businesses(sale) and not _excepted(sale)
    return concerned and _begun(sale.supplied_on, previous_turnover_cents)


def effective_format(wanted: str, required: bool) -> str:
    """The customer's format, or the electronic one where the law leaves no choice (EIN-5)."""
    chosen = wanted if wanted in FORMATS else "zugferd"
    return "zugferd" if required and chosen == "pdf" else chosen


def missing_of_recipient(recipient: Mapping[str, str]) -> tuple[str, ...]:
    """What XRechnung asks of a recipient beyond the law (BR-DE-8, BR-DE-9, R010) and this one lacks; for who takes it.

    `recipient` has the names of a record, einvoice_format among them. What is missing once a document is issued cannot
    be added to it any more, so it is asked for before.
    """
    if recipient.get("einvoice_format") != "xrechnung":
        return ()
    return tuple(field for field in ("zipcode", "city", "email") if not (recipient.get(field) or "").strip())


def _between_german_businesses(sale: Sale) -> bool:
    home = sale.buyer_country or sale.seller_country
    return sale.buyer_is_business and sale.seller_country == "DE" and home == "DE"


def _excepted(sale: Sale) -> bool:
    """Small businesses, exempt supplies, and invoices up to 250.00 EUR (§33, §34a UStDV; the law counts in EUR)."""
    small = sale.currency == "EUR" and abs(sale.gross_cents) <= SMALL_INVOICE_CENTS
    return sale.small_business or sale.exempt or small


def _begun(supplied_on: date, previous_turnover_cents: int | None) -> bool:
    large = previous_turnover_cents is None or previous_turnover_cents > LARGE_TURNOVER_CENTS
    return supplied_on >= (DUTY_FOR_LARGE if large else DUTY_FOR_ALL)
