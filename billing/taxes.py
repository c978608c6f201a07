"""Value added tax: which case a supply is, which rate holds on its day, and the tax of a document.

Rates are dated data chosen by the day of supply, never constants (0.7). VAT is computed once per
category and rate on the document's sum (RND-3), for gross prices by extraction (RND-5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from billing.errors import Invalid
from billing.money import divide_half_up, share_out

ZERO = Decimal("0.00")

# First and last day of membership for VAT; None: since before 1993, or still a member.
# GR answers to EL in VAT ids. Northern Ireland (XI) is in the Union for goods only and is not listed.
EU_MEMBERSHIP: Mapping[str, tuple[date | None, date | None]] = {
    **dict.fromkeys(("BE", "DE", "DK", "ES", "FR", "GR", "IE", "IT", "LU", "NL", "PT"), (None, None)),
    **dict.fromkeys(("AT", "FI", "SE"), (date(1995, 1, 1), None)),
    **dict.fromkeys(("CY", "CZ", "EE", "HU", "LT", "LV", "MT", "PL", "SI", "SK"), (date(2004, 5, 1), None)),
    **dict.fromkeys(("BG", "RO"), (date(2007, 1, 1), None)),
    "HR": (date(2013, 7, 1), None),
    "GB": (None, date(2020, 12, 31)),  # the end of the transition counts for VAT, not 31 January 2020
}


def eu_countries(on: date) -> frozenset[str]:
    """The Member States on a day, as ISO codes."""
    return frozenset(
        country
        for country, (since, until) in EU_MEMBERSHIP.items()
        if (since is None or since <= on) and (until is None or on <= until)
    )


EU_COUNTRIES = eu_countries(date(2026, 1, 1))

# The words that the law wants on the paper, by note_key and language.
NOTES: Mapping[str, Mapping[str, str]] = {
    "small_business": {
        "de": "Steuerbefreiung für Kleinunternehmer (§ 19 UStG)",
        "en": "VAT exempt: small business (section 19 of the German VAT Act)",
    },
    "reverse_charge": {
        "de": "Steuerschuldnerschaft des Leistungsempfängers",
        "en": "Reverse charge: the recipient of the supply is liable for the VAT",
    },
    "outside_scope": {
        "de": "Nicht im Inland steuerbare Leistung (§ 3a UStG)",
        "en": "Supply not taxable in Germany (section 3a of the German VAT Act)",
    },
    "intra_eu_goods": {
        "de": "Steuerfreie innergemeinschaftliche Lieferung (§ 4 Nr. 1 Buchst. b, § 6a UStG)",
        "en": "VAT exempt intra-Community supply (section 4 no. 1 (b), section 6a of the German VAT Act)",
    },
    "export": {
        "de": "Steuerfreie Ausfuhrlieferung (§ 4 Nr. 1 Buchst. a, § 6 UStG)",
        "en": "VAT exempt export (section 4 no. 1 (a), section 6 of the German VAT Act)",
    },
}
_NOTE_OF_CATEGORY: Mapping[str, str] = {
    "E": "small_business",
    "AE": "reverse_charge",
    "O": "outside_scope",
    "K": "intra_eu_goods",
    "G": "export",
}


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate in force from `valid_from` to `valid_to` (exclusive; None: until further notice)."""

    country: str
    category: str  # "standard" | "reduced" | "zero"
    percent: Decimal
    valid_from: date
    valid_to: date | None


# Germany since 2007, with the half-year of 2020. Others come with OSS, as data.
GERMAN_RATES: tuple[Rate, ...] = (
    Rate("DE", "standard", Decimal("19.00"), date(2007, 1, 1), date(2020, 7, 1)),
    Rate("DE", "standard", Decimal("16.00"), date(2020, 7, 1), date(2021, 1, 1)),
    Rate("DE", "standard", Decimal("19.00"), date(2021, 1, 1), None),
    Rate("DE", "reduced", Decimal("7.00"), date(1983, 7, 1), date(2020, 7, 1)),
    Rate("DE", "reduced", Decimal("5.00"), date(2020, 7, 1), date(2021, 1, 1)),
    Rate("DE", "reduced", Decimal("7.00"), date(2021, 1, 1), None),
    Rate("DE", "zero", ZERO, date(1968, 1, 1), None),
)


class RateTable:
    """Looks a rate up by day. Refuses a table in which two rates claim the same day."""

    __slots__ = ("_found", "_rates")

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._rates: dict[tuple[str, str], list[Rate]] = {}
        self._found: dict[tuple[str, str, date], Decimal] = {}
        for rate in sorted(rates, key=lambda r: r.valid_from):
            self._add(rate)

    def percent(self, country: str, category: str, on: date) -> Decimal:
        """The rate in percent on the day of supply. Raises Invalid("vat_category") if there is none."""
        key = (country, category, on)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._search(country, category, on)
        return found

    def _add(self, rate: Rate) -> None:
        known = self._rates.setdefault((rate.country, rate.category), [])
        if known and (known[-1].valid_to is None or known[-1].valid_to > rate.valid_from):
            raise Invalid("valid_from", "rates_overlap", country=rate.country, category=rate.category)
        known.append(rate)

    def _search(self, country: str, category: str, on: date) -> Decimal:
        for rate in self._rates.get((country, category), ()):
            if rate.valid_from <= on and (rate.valid_to is None or on < rate.valid_to):
                return rate.percent
        raise Invalid("vat_category", "no_vat_rate", country=country, category=category, on=on.isoformat())


@dataclass(frozen=True, slots=True)
class Seller:
    """Who invoices. `small_business`: section 19 UStG."""

    country: str
    small_business: bool


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who is invoiced. `vat_id` is given only when its check allows relying on it (INV-9)."""

    country: str
    is_business: bool
    vat_id: str


class TaxCase(NamedTuple):
    """How a supply is taxed. `category` is the EN 16931 code (UNTDID 5305); `note_key` leads to NOTES ('' = none)."""

    code: str  # domestic, small_business, reverse_charge, outside_scope, intra_eu_goods, export
    category: str  # S E AE O K G Z
    taxed: bool
    note_key: str


DOMESTIC = TaxCase("domestic", "S", True, "")
SMALL_BUSINESS = TaxCase("small_business", "E", False, "small_business")
REVERSE_CHARGE = TaxCase("reverse_charge", "AE", False, "reverse_charge")
OUTSIDE_SCOPE = TaxCase("outside_scope", "O", False, "outside_scope")
INTRA_EU_GOODS = TaxCase("intra_eu_goods", "K", False, "intra_eu_goods")
EXPORT = TaxCase("export", "G", False, "export")
TAX_CASES: Mapping[str, TaxCase] = {
    case.code: case for case in (DOMESTIC, SMALL_BUSINESS, REVERSE_CHARGE, OUTSIDE_SCOPE, INTRA_EU_GOODS, EXPORT)
}


def decide(seller: Seller, buyer: Buyer, supply_kind: str) -> TaxCase:
    """The tax case of one kind of supply ("service", "goods", "e_service") between two parties (INV-5, 7, 10)."""
    if seller.small_business:
        return SMALL_BUSINESS
    if buyer.country in (seller.country, ""):
        return DOMESTIC
    if buyer.country in EU_COUNTRIES:
        return _inside_the_union(buyer, supply_kind)
    return _third_country(buyer, supply_kind)


def category_of(case: TaxCase, percent: Decimal) -> str:
    """The EN 16931 category of one line: a taxed line at 0 % is Z, all others carry their case's."""
    return "Z" if case.taxed and not percent else case.category


def note(note_key: str, language: str) -> str:
    """The text the law asks for; German where the language has none; '' for no note."""
    texts = NOTES.get(note_key)
    return "" if texts is None else texts.get(language, texts["de"])


class TaxLine(NamedTuple):
    """One row of a document's VAT table. net + tax = gross."""

    category: str
    percent: Decimal
    net_cents: int
    tax_cents: int
    gross_cents: int
    note_key: str


class Amounts(NamedTuple):
    """One line's share of the document: net + tax = gross."""

    net_cents: int
    tax_cents: int
    gross_cents: int


Taxable = tuple[str, Decimal, int]  # category, percent, cents in the document's price mode


def tax_lines(amounts: Iterable[Taxable], is_gross: bool) -> tuple[TaxLine, ...]:
    """One tax line per (category, rate), ordered by category and falling rate; VAT rounded once on the sum."""
    sums: dict[tuple[str, Decimal], int] = {}
    for category, percent, cents in amounts:
        key = (category, percent)
        sums[key] = sums.get(key, 0) + cents
    rows = sums.items() if len(sums) == 1 else sorted(sums.items(), key=lambda row: (row[0][0], -row[0][1]))
    return tuple([_tax_line(category, percent, cents, is_gross) for (category, percent), cents in rows])


def spread(amounts: Sequence[Taxable], is_gross: bool, lines: Sequence[TaxLine]) -> tuple[Amounts, ...]:
    """Net, tax and gross of every line, adding up exactly to the tax lines made from the same amounts."""
    if len(amounts) == 1:
        return (Amounts(*lines[0][2:5]),)
    result: dict[int, Amounts] = {}
    for line in lines:
        members = [i for i, (category, percent, _) in enumerate(amounts) if line[:2] == (category, percent)]
        taxes = _spread_tax([amounts[i][2] for i in members], line, is_gross)
        result.update((i, _with_tax(amounts[i][2], tax, is_gross)) for i, tax in zip(members, taxes, strict=True))
    return tuple([result[i] for i in range(len(amounts))])


def _inside_the_union(buyer: Buyer, supply_kind: str) -> TaxCase:
    # Consumers: German VAT below the OSS threshold of 10,000 EUR (section 3a (5) UStG); OSS adds to this place.
    if not (buyer.is_business and buyer.vat_id):
        return DOMESTIC
    return INTRA_EU_GOODS if supply_kind == "goods" else REVERSE_CHARGE


def _third_country(buyer: Buyer, supply_kind: str) -> TaxCase:
    if supply_kind == "goods":
        return EXPORT
    # Electronic services are supplied where the consumer lives (section 3a (5) sentence 1 UStG): showing German
    # VAT would make it owed (section 14c UStG, INV-6). The 10,000 EUR threshold knows Member States only.
    if buyer.is_business or supply_kind == "e_service":
        return OUTSIDE_SCOPE
    return DOMESTIC


def _tax_line(category: str, percent: Decimal, cents: int, is_gross: bool) -> TaxLine:
    top, bottom = _percent_ratio(percent)
    note_key = _NOTE_OF_CATEGORY.get(category, "")
    if is_gross:
        tax = divide_half_up(cents * top, bottom + top)
        return TaxLine(category, percent, cents - tax, tax, cents, note_key)
    tax = divide_half_up(cents * top, bottom)
    return TaxLine(category, percent, cents, tax, cents + tax, note_key)


def _spread_tax(cents: list[int], line: TaxLine, is_gross: bool) -> list[int]:
    """Each line's own exact tax rounded down or up so that they add up: holds with discounts (negative lines), too."""
    top, bottom = _percent_ratio(line.percent)
    return share_out([amount * top for amount in cents], bottom + top if is_gross else bottom, line.tax_cents)


def _with_tax(cents: int, tax: int, is_gross: bool) -> Amounts:
    return Amounts(cents - tax, tax, cents) if is_gross else Amounts(cents, tax, cents + tax)


@lru_cache(maxsize=256)
def _percent_ratio(percent: Decimal) -> tuple[int, int]:
    """19 % as 19/100, in integers: no rounding before the one that counts."""
    if not 0 <= percent < 100:
        raise Invalid("percent", "percent_out_of_range", percent=str(percent))
    top, bottom = percent.as_integer_ratio()
    return top, bottom * 100
