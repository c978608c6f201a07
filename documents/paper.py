"""What a paper says: plain frozen data, filled from the frozen rows of an issued document.

Money is whole cents of `currency`; dates are calendar days in Europe/Berlin; every `last` date is inclusive, as people
read periods. The texts are exactly what was frozen at issue, so the same paper can be drawn again at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The seller as of the day of issue: §14(4) Nr. 1, 2 UStG, and the duties of business letters (§35a GmbHG)."""

    name: str
    legal_form: str = ""
    address_lines: tuple[str, ...] = ()
    zipcode: str = ""
    city: str = ""
    country_code: str = "DE"
    phone: str = ""
    email: str = ""
    website: str = ""
    tax_number: str = ""
    vat_id: str = ""
    register_court: str = ""
    register_number: str = ""
    managing_directors: str = ""
    seat: str = ""
    bank_name: str = ""
    bank_owner: str = ""
    iban: str = ""
    bic: str = ""
    accent: str = "#0b6b62"
    logo: bytes | None = None
    logo_media_type: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """A recipient as of the day of issue. `salutation` is mr, mrs, family, empty, or a word printed as it is."""

    organization: str = ""
    salutation: str = ""
    title: str = ""
    first_name: str = ""
    last_name: str = ""
    address: str = ""
    address_2: str = ""
    zipcode: str = ""
    city: str = ""
    state: str = ""
    country_code: str = ""
    vat_id: str = ""


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line. `unit_price` and `amount_cents` are net or gross as the whole paper is; `period_last` is inclusive."""

    position: int
    article_number: str
    title: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    vat_percent: Decimal
    amount_cents: int
    period_start: date | None = None
    period_last: date | None = None
    discounts: tuple[tuple[str, int], ...] = ()  # text, cents: already taken off `amount_cents`


@dataclass(frozen=True, slots=True)
class PaperTax:
    """The sums of one rate and category (EN 16931: S, Z, E, AE, K, G, O); `note` says why where no VAT is shown."""

    percent: Decimal
    category: str
    net_cents: int
    tax_cents: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class InvoicePaper:
    """An invoice or its correction. `kind` is invoice, cancellation, correction or draft; `language` is de or en.

    `payment_type` is the contract's number: 1 transfer, 2 direct debit, 3 cash, 4 PayPal, 5 prepayment, 6 credit card.
    `prepaid_cents` were settled before, from the customer's credit (BT-113).
    """

    kind: str
    number: str
    issued_on: date
    due_on: date | None
    service_from: date | None
    service_last: date | None
    title: str
    introtext: str
    customer_number: str
    letterhead: Letterhead
    buyer: Party
    delivery: Party | None
    currency: str
    is_gross: bool
    lines: tuple[PaperLine, ...]
    taxes: tuple[PaperTax, ...]
    net_cents: int
    tax_cents: int
    gross_cents: int
    notes: tuple[str, ...] = ()
    payment_text: str = ""
    closing_text: str = ""
    payment_type: int = 1
    prepaid_cents: int = 0
    language: str = "de"
    sandbox: bool = False
    template_version: int = 2
    original: str = ""  # which document this one corrects, as its number and date (COR-1)

    @property
    def due_cents(self) -> int:
        """What is still to be paid (BT-115)."""
        return self.gross_cents - self.prepaid_cents
