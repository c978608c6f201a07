"""Which tax a supply bears: seller, buyer, kind and day of supply lead to one case, and to what it asks for.

The matrix of INV-5 to INV-13. It knows no rates and no rows; `billing.tax_rates` holds the former.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from billing.tax_rates import ZERO, RateTable

# First and last day of membership for VAT; None: since before 1993, or still a member.
# GR answers to EL in VAT ids. Northern Ireland (XI) is in the Union for goods only. It is decided here as the third
# country GB: a supply of goods there is an export on the papers and has to be treated as a supply within the Union by
# hand, for no address tells it safely; services to it are those to a third country anyway.
EU_MEMBERSHIP: Mapping[str, tuple[date | None, date | None]] = {
    **dict.fromkeys(("BE", "DE", "DK", "ES", "FR", "GR", "IE", "IT", "LU", "NL", "PT"), (None, None)),
    **dict.fromkeys(("AT", "FI", "SE"), (date(1995, 1, 1), None)),
    **dict.fromkeys(("CY", "CZ", "EE", "HU", "LT", "LV", "MT", "PL", "SI", "SK"), (date(2004, 5, 1), None)),
    **dict.fromkeys(("BG", "RO"), (date(2007, 1, 1), None)),
    "HR": (date(2013, 7, 1), None),
    "GB": (None, date(2020, 12, 31)),  # the end of the transition counts for VAT, not 31 January 2020
}


@lru_cache(maxsize=4096)
def eu_countries(on: date) -> frozenset[str]:
    """The Member States on a day, as ISO codes."""
    return frozenset(
        country
        for country, (since, until) in EU_MEMBERSHIP.items()
        if (since is None or since <= on) and (until is None or on <= until)
    )


EU_COUNTRIES = eu_countries(date(2026, 1, 1))

_PERSON = ("name", "address", "zipcode", "city")
_ABROAD = (*_PERSON, "country_code")


@dataclass(frozen=True, slots=True)
class Seller:
    """Who invoices. `small_business` (section 19 UStG) holds until the first of `changes`: (from that day, holds).

    `oss_from`: day of supply from which electronic services and goods for consumers of the Union bear the tax of
    their country (section 3a (5), section 3c UStG); None: below the threshold and not opted in.
    """

    country: str
    small_business: bool
    changes: tuple[tuple[date, bool], ...] = ()
    oss_from: date | None = None

    def is_small_business(self, on: date) -> bool:
        """Whether the small business's exemption holds for what is supplied on the day (INV-5)."""
        holds = self.small_business
        for day, then in self.changes:
            if day <= on:
                holds = then
        return holds

    def pays_abroad(self, on: date) -> bool:
        """Whether the tax of the consumer's country is due for what is supplied on the day (INV-11)."""
        return self.oss_from is not None and self.oss_from <= on


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who is invoiced. `vat_id` is given only when its check allows relying on it (INV-9).

    `owes_vat`: we hold the evidence that this recipient owes the VAT on supplies of section 13b UStG (INV-8).
    """

    country: str
    is_business: bool
    vat_id: str
    owes_vat: bool = False


class TaxCase(NamedTuple):
    """How a supply is taxed. `category` is the EN 16931 code (UNTDID 5305); `note_key` leads to NOTES ('' = none)."""

    code: str  # a key of TAX_CASES
    category: str  # S E AE O K G Z
    taxed: bool
    note_key: str


DOMESTIC = TaxCase("domestic", "S", True, "")
SMALL_BUSINESS = TaxCase("small_business", "E", False, "small_business")
REVERSE_CHARGE = TaxCase("reverse_charge", "AE", False, "reverse_charge")
SECTION_13B = TaxCase("section_13b", "AE", False, "reverse_charge")
OUTSIDE_SCOPE = TaxCase("outside_scope", "O", False, "outside_scope")
INTRA_EU_GOODS = TaxCase("intra_eu_goods", "K", False, "intra_eu_goods")
EXPORT = TaxCase("export", "G", False, "export")
UNION_CONSUMER = TaxCase("union_consumer", "S", True, "")  # the seller's rate, and it counts towards the threshold
OSS = TaxCase("oss", "S", True, "")  # the rate of the consumer's country
TAX_CASES: Mapping[str, TaxCase] = {
    case.code: case
    for case in (DOMESTIC, SMALL_BUSINESS, REVERSE_CHARGE, SECTION_13B, OUTSIDE_SCOPE, INTRA_EU_GOODS, EXPORT,
                 UNION_CONSUMER, OSS)
}  # fmt: skip

# What each case asks for beyond what every invoice needs, as fields of the recipient, however small the amount is:
# section 33 sentence 3 UStDV gives no relief for sections 3c, 6a and 13b (INV-4).
# `seller_vat_id`: section 14a (1) and (3) UStG.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "domestic": (),
    "small_business": (),
    "reverse_charge": (*_ABROAD, "vat_id", "seller_vat_id"),
    "section_13b": (*_PERSON, "vat_id"),
    "outside_scope": ("country_code",),
    "intra_eu_goods": (*_ABROAD, "vat_id", "seller_vat_id"),
    "export": _ABROAD,
    "union_consumer": ("country_code",),
    "oss": (*_ABROAD, "location_evidence"),
}


def decide(seller: Seller, buyer: Buyer, supply_kind: str, on: date, *, is_section_13b: bool = False) -> TaxCase:
    """The tax case of one supply ("service", "goods", "e_service") on its day (INV-5 to INV-11).

    `is_section_13b`: the product is one of section 13b (2) UStG; it counts where the buyer `owes_vat`.
    """
    if seller.is_small_business(on):
        return SMALL_BUSINESS
    if buyer.country in (seller.country, ""):
        return SECTION_13B if is_section_13b and buyer.owes_vat and buyer.is_business else DOMESTIC
    if buyer.country in eu_countries(on):
        return _inside_the_union(seller, buyer, supply_kind, on)
    return _third_country(buyer, supply_kind)


def tax_of(
    seller: Seller,
    buyer: Buyer,
    rates: RateTable,
    supply_kind: str,
    vat_category: str,
    on: date,
    *,
    is_section_13b: bool = False,
) -> tuple[TaxCase, str, Decimal]:
    """Case, EN 16931 category and per cent of one supply on its day.

    Raises Invalid("vat_category", "no_vat_rate") where the country has no rate on that day: nothing is guessed.
    """
    case = decide(seller, buyer, supply_kind, on, is_section_13b=is_section_13b)
    percent = rates.percent(rate_country(case, seller, buyer), vat_category, on) if case.taxed else ZERO
    return case, category_of(case, percent), percent


def rate_country(case: TaxCase, seller: Seller, buyer: Buyer) -> str:
    """Whose rates hold for a taxed case."""
    return buyer.country if case.code == OSS.code else seller.country


def category_of(case: TaxCase, percent: Decimal) -> str:
    """The EN 16931 category of one line: a taxed line at 0 % is Z, all others carry their case's."""
    return "Z" if case.taxed and not percent else case.category


def _inside_the_union(seller: Seller, buyer: Buyer, supply_kind: str, on: date) -> TaxCase:
    if buyer.is_business and buyer.vat_id:
        return INTRA_EU_GOODS if supply_kind == "goods" else REVERSE_CHARGE
    # Who names no VAT id is treated as a consumer (Art. 18 (2) of Regulation 282/2011). Where the place of other
    # services is the seller's (section 3a (1) UStG), it stays so for consumers abroad.
    if supply_kind == "service":
        return DOMESTIC
    return OSS if seller.pays_abroad(on) else UNION_CONSUMER


def _third_country(buyer: Buyer, supply_kind: str) -> TaxCase:
    if supply_kind == "goods":
        return EXPORT
    # Electronic services are supplied where the consumer lives (section 3a (5) sentence 1 UStG): showing German
    # VAT would make it owed (section 14c UStG, INV-6). The 10,000 EUR threshold knows Member States only.
    if buyer.is_business or supply_kind == "e_service":
        return OUTSIDE_SCOPE
    return DOMESTIC
