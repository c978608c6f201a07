"""What an e-invoice says beside its paper: the same frozen document, with what only machines read.

Money is whole cents of the paper's currency, dates are calendar days, periods inclusive, as everywhere in documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from documents.paper import InvoicePaper

# BT-24 by format (EIN-3): ZUGFeRD 2.5 / Factur-X profile EN 16931, and XRechnung 3.0.
PROFILES: Final = {
    "zugferd": "urn:cen.eu:en16931:2017",
    "xrechnung": "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
}
PROCESS: Final = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"  # BT-23


@dataclass(frozen=True, slots=True)
class EinvoiceLine:
    """One line as machines count it: net. `discounts` are (text, net cents) taken off before VAT (BG-27)."""

    position: int
    article_number: str
    title: str
    description: str
    unit: str
    quantity: Decimal
    unit_price: Decimal | None  # as agreed, where prices are net; None: found from the amount
    category: str
    percent: Decimal
    net_cents: int
    discounts: tuple[tuple[str, int], ...] = ()
    period_start: date | None = None
    period_last: date | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom the buyer may ask (BG-6), and where the seller is reached by machines (BT-34)."""

    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Debit:
    """A SEPA direct debit (BG-19): mandate reference, the debited account, the seller's creditor id."""

    mandate: str = ""
    iban: str = ""
    creditor_id: str = ""


@dataclass(frozen=True, slots=True)
class EinvoiceData:
    """The document. `original` is number and date of the invoice that a correction speaks of (BG-3)."""

    paper: InvoicePaper
    lines: tuple[EinvoiceLine, ...]
    contact: Contact = Contact()
    buyer_email: str = ""
    buyer_reference: str = ""  # BT-10, of authorities the Leitweg-ID
    debit: Debit = Debit()
    original: tuple[str, date] | None = None
    cash_discount_percent: Decimal = Decimal(0)
    cash_discount_days: int = 0
    delivered_on: date | None = None

    @property
    def due_cents(self) -> int:
        """What is to be paid (BT-115)."""
        return self.paper.due_cents
