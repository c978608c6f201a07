"""Value added tax, one door for three subjects: the case of a supply, the rate of its day, the tax of a document."""

from __future__ import annotations

from billing.tax_amounts import Amounts, Taxable, TaxLine, spread, tax_lines
from billing.tax_cases import (
    DOMESTIC,
    EU_COUNTRIES,
    EU_MEMBERSHIP,
    EXPORT,
    INTRA_EU_GOODS,
    NEEDS,
    OSS,
    OUTSIDE_SCOPE,
    REVERSE_CHARGE,
    SECTION_13B,
    SMALL_BUSINESS,
    TAX_CASES,
    UNION_CONSUMER,
    Buyer,
    Seller,
    TaxCase,
    category_of,
    decide,
    eu_countries,
    rate_country,
    tax_of,
)
from billing.tax_notes import CASH_NOTE_FROM, NOTES, Exemption, exemption, note
from billing.tax_rates import GERMAN_RATES, ZERO, Rate, RateTable

__all__ = [
    "CASH_NOTE_FROM", "DOMESTIC", "EU_COUNTRIES", "EU_MEMBERSHIP", "EXPORT", "GERMAN_RATES", "INTRA_EU_GOODS", "NEEDS",
    "NOTES", "OSS", "OUTSIDE_SCOPE", "REVERSE_CHARGE", "SECTION_13B", "SMALL_BUSINESS", "TAX_CASES", "UNION_CONSUMER",
    "ZERO", "Amounts", "Buyer", "Exemption", "Rate", "RateTable", "Seller", "TaxCase", "TaxLine", "Taxable",
    "category_of", "decide", "eu_countries", "exemption", "note", "rate_country", "spread", "tax_lines", "tax_of",
]  # fmt: skip
