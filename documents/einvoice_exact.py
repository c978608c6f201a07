"""Our own rules, to the cent: the official ones leave slack (a cent of VAT, quantity times price, check digits).

KON-1 quantity times price less discounts is the line's net; KON-2 the lines add up; KON-3 VAT is that of its rate;
KON-4 the totals add up; KON-5 VAT ids have their check digits; KON-6 the document says what the frozen rows say.
KON-0 is a figure that cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Final

from lxml import etree
from stdnum.eu import vat

from documents.einvoice_data import EinvoiceData
from documents.einvoice_prices import cents_of, priced
from documents.einvoice_text import clean

_NAMES: Final = {
    name: f"urn:un:unece:uncefact:data:standard:{urn}:100"
    for name, urn in (
        ("rsm", "CrossIndustryInvoice"), ("ram", "ReusableAggregateBusinessInformationEntity"),
        ("udt", "UnqualifiedDataType"), ("qdt", "QualifiedDataType"),
    )
}  # fmt: skip
_LINES: Final = ".//ram:IncludedSupplyChainTradeLineItem"
_HEAD: Final = ".//ram:ApplicableHeaderTradeSettlement"
_SUMS: Final = _HEAD + "/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_LINE_NET: Final = "ram:SpecifiedLineTradeSettlement//ram:LineTotalAmount"
_CORRECTION: Final = "384"
Broken = tuple[str, str]


def exact_findings(root: etree._Element, data: EinvoiceData | None) -> Iterator[Broken]:
    """(rule, place) of everything that is not exact. Raises ArithmeticError for a figure that is none."""
    yield from _lines(root)
    yield from _sums(root)
    yield from _vat(root)
    yield from _vat_ids(root)
    if data is not None:
        yield from _same(root, data)


def told_lines(root: etree._Element) -> list[tuple[str, Decimal, Decimal, int, int]]:
    """Of each line: its id, quantity, price, discounts and net in cents."""
    return [
        (
            _text(line, "ram:AssociatedDocumentLineDocument/ram:LineID"),
            Decimal(_text(line, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity")),
            Decimal(_text(line, ".//ram:NetPriceProductTradePrice/ram:ChargeAmount")),
            sum(_all(line, ".//ram:SpecifiedTradeAllowanceCharge/ram:ActualAmount")),
            _cents(line, _LINE_NET),
        )
        for line in _find(root, _LINES)
    ]


def told_taxes(root: etree._Element) -> dict[tuple[str, Decimal], tuple[int, int]]:
    """Net and VAT in cents by category and rate."""
    return {
        (_text(row, "ram:CategoryCode"), Decimal(_text(row, "ram:RateApplicablePercent", "0"))): (
            _cents(row, "ram:BasisAmount"),
            _cents(row, "ram:CalculatedAmount"),
        )
        for row in _find(root, f"{_HEAD}/ram:ApplicableTradeTax")
    }


def told_sums(root: etree._Element) -> dict[str, int]:
    """The document's sums in cents."""
    names = {
        "lines": "LineTotalAmount", "net": "TaxBasisTotalAmount", "tax": "TaxTotalAmount", "gross": "GrandTotalAmount",
        "prepaid": "TotalPrepaidAmount", "due": "DuePayableAmount",
    }  # fmt: skip
    return {name: sum(_all(root, f"{_SUMS}/ram:{tag}")) for name, tag in names.items()}


def _lines(root: etree._Element) -> Iterator[Broken]:
    for name, quantity, price, discounts, net in told_lines(root):
        if cents_of(quantity * price) - discounts != net:
            yield "KON-1", name


def _sums(root: etree._Element) -> Iterator[Broken]:
    sums, taxes = told_sums(root), told_taxes(root).values()
    lines = sum(line[4] for line in told_lines(root))
    if not lines == sums["lines"] == sums["net"] == sum(net for net, _ in taxes):
        yield "KON-2", ""
    if sums["tax"] != sum(tax for _, tax in taxes) or sums["gross"] != sums["net"] + sums["tax"]:
        yield "KON-4", ""
    elif sums["due"] != sums["gross"] - sums["prepaid"]:
        yield "KON-4", "prepaid"


def _vat(root: etree._Element) -> Iterator[Broken]:
    """From the net sum, or taken out of the gross sum (RND-5), half up; parts of a correction may owe a cent to the
    last of them, which takes the remainder."""
    slack = 1 if _text(root, "rsm:ExchangedDocument/ram:TypeCode") == _CORRECTION else 0
    for (category, percent), (net, tax) in told_taxes(root).items():
        from_net = cents_of(Decimal(net) * percent / 10_000)
        from_gross = cents_of(Decimal(net + tax) / 100 * percent / (100 + percent))
        if min(abs(tax - from_net), abs(tax - from_gross)) > slack:
            yield "KON-3", f"{category} {percent}"


def _vat_ids(root: etree._Element) -> Iterator[Broken]:
    """A wrong check digit is caught by no official rule."""
    for number in _find(root, ".//ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']"):
        if not _is_vat_id(number.text or ""):
            yield "KON-5", ""


def _is_vat_id(number: str) -> bool:
    """Of the Union by its country's rule; others are believed."""
    union = number[:2].lower() in (*vat.MEMBER_STATES, "el")
    return not union or bool(vat.is_valid(number))


def _same(root: etree._Element, data: EinvoiceData) -> Iterator[Broken]:
    """Read back, it is what was put in: number, days, currency, every amount (L7)."""
    paper = data.paper
    told = [(line[1], line[3], line[4]) for line in told_lines(root)]
    lines = [(priced(line).quantity, sum(c for _, c in line.discounts), line.net_cents) for line in data.lines]
    taxes = {(tax.category, Decimal(tax.percent)): (tax.net_cents, tax.tax_cents) for tax in paper.taxes}
    sums = {"lines": paper.net_cents, "net": paper.net_cents, "tax": paper.tax_cents, "gross": paper.gross_cents,
            "prepaid": paper.prepaid_cents, "due": data.due_cents}  # fmt: skip
    pairs = {
        "lines": (told, lines),
        "taxes": (told_taxes(root), taxes),
        "sums": (told_sums(root), sums),
        "number": (_text(root, "rsm:ExchangedDocument/ram:ID"), clean(paper.number)),
        "issued": (_text(root, "rsm:ExchangedDocument//udt:DateTimeString"), f"{paper.issued_on:%Y%m%d}"),
        "currency": (_text(root, f"{_HEAD}/ram:InvoiceCurrencyCode"), paper.currency),
    }
    yield from (("KON-6", name) for name, (one, other) in pairs.items() if one != other)


def _text(node: etree._Element, path: str, default: str | None = None) -> str:
    found = _find(node, path)
    if not found:
        if default is None:
            raise ValueError("missing")
        return default
    return str(found[0].text or "").strip()


def _cents(node: etree._Element, path: str) -> int:
    return cents_of(Decimal(_text(node, path)))


def _all(node: etree._Element, path: str) -> list[int]:
    return [cents_of(Decimal(each.text or "")) for each in _find(node, path)]


def _find(node: etree._Element, path: str) -> list[etree._Element]:
    return list(_compiled(path)(node))


@cache
def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, namespaces=_NAMES)
