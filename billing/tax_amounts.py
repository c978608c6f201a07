"""The tax of a document: once per category and rate on the sum (RND-3), for gross prices by extraction (RND-5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from billing.errors import Invalid
from billing.money import divide_half_up, share_out

# The words of the law by category: one document has one case, so its category leads to its note.
_NOTE_OF_CATEGORY: Mapping[str, str] = {
    "E": "small_business",
    "AE": "reverse_charge",
    "O": "outside_scope",
    "K": "intra_eu_goods",
    "G": "export",
}


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
