"""The e-invoice: UN/CEFACT CII after EN 16931, as ZUGFeRD 2.5 / Factur-X (profile EN 16931) and as XRechnung 3.0.

The mapping lives here and in `einvoice_parties` and `einvoice_payment` alone, apart from the paper (EIN-9): the next
edition of the norm is a change of these files.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import date
from decimal import Decimal
from typing import Final

from drafthorse.models import NS_QDT, NS_RAM, NS_RSM, NS_UDT
from drafthorse.models.accounting import ApplicableTradeTax, BillingSpecifiedPeriod, TradeAllowanceCharge
from drafthorse.models.document import Document
from drafthorse.models.note import IncludedNote
from drafthorse.models.tradelines import LineItem

from billing.tax_cases import TAX_CASES
from billing.tax_notes import exemption
from documents.einvoice_data import PROCESS, PROFILES, EinvoiceData, EinvoiceLine
from documents.einvoice_parties import put_buyer, put_delivery, put_seller
from documents.einvoice_payment import put_payment
from documents.einvoice_prices import priced
from documents.einvoice_text import amount, clean, plain
from documents.einvoice_units import is_known, unit_code
from documents.errors import PaperError
from documents.paper import PaperTax

INVOICE: Final = "380"
# A corrected invoice keeps the signs of its paper and its rows, so that all three say the same (EIN-4); a credit note
# (381) would turn every sign, and its German name "Gutschrift" means self-billing in the law (COR-2).
CORRECTION: Final = "384"
# Why no VAT is shown, for machines (BT-121). Small businesses have no code: their words suffice (BR-E-10).
REASON_CODES: Final = {told.category: told.vatex for told in map(exemption, TAX_CASES) if told.vatex}
UNTAXED: Final = frozenset({"E", "AE", "K", "G", "O"})
SAMPLE: Final = "MUSTER"

for _prefix, _uri in (("rsm", NS_RSM), ("ram", NS_RAM), ("udt", NS_UDT), ("qdt", NS_QDT)):
    ET.register_namespace(_prefix, _uri)


def build_einvoice(data: EinvoiceData, kind: str) -> bytes:
    """The XML of an issued document; `kind` is zugferd or xrechnung. The same data give the same bytes.

    Raises PaperError("einvoice_unbuildable") where data cannot be said in the format at all.
    """
    try:
        return _serialised(_document(data, kind))
    except (ValueError, ArithmeticError, TypeError, AttributeError) as error:
        raise PaperError("einvoice_unbuildable", kind=type(error).__name__) from None


def _serialised(document: Document) -> bytes:
    root = document.to_etree()
    ET.indent(root, " ")
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True))


def _document(data: EinvoiceData, kind: str) -> Document:
    paper, document = data.paper, Document()
    document.context.business_parameter.id = PROCESS
    document.context.guideline_parameter.id = PROFILES[kind]
    document.header.id = clean(paper.number)
    document.header.type_code = INVOICE if paper.kind == "invoice" else CORRECTION
    document.header.issue_date_time = paper.issued_on
    for note in _notes(data):
        document.header.notes.add(IncludedNote(content=note))
    document.trade.agreement.buyer_reference = clean(data.buyer_reference or paper.customer_number)
    put_seller(document.trade.agreement.seller, data)
    put_buyer(document.trade.agreement.buyer, data)
    put_delivery(document.trade.delivery, data)
    for line in data.lines:
        document.trade.items.add(_line(line))
    put_payment(document.trade.settlement, data)
    _put_sums(document, data)
    return document


def _notes(data: EinvoiceData) -> list[str]:
    """What the paper says in sentences (BG-1)."""
    paper = data.paper
    told = (SAMPLE if paper.sandbox else "", paper.title, paper.introtext, *paper.notes)
    return [note for text in told if (note := clean(text))]


def _line(line: EinvoiceLine) -> LineItem:
    item, value = LineItem(), priced(line)
    item.document.line_id = str(line.position)
    item.product.name = clean(line.title) or clean(line.article_number) or str(line.position)
    item.product.description = clean(_description(line))
    if line.article_number:
        item.product.seller_assigned_id = clean(line.article_number)
    item.agreement.net.amount = plain(value.price)
    item.delivery.billed_quantity = (plain(value.quantity), unit_code(line.unit))
    tax = item.settlement.trade_tax
    tax.type_code, tax.category_code = "VAT", line.category
    if line.category != "O":  # BR-O-05: what lies outside VAT has no rate
        tax.rate_applicable_percent = plain(line.percent)
    _put_period(item.settlement.period, line.period_start, line.period_last)
    for text, cents in line.discounts:
        item.settlement.allowance_charge.add(_allowance(text, cents))
    item.settlement.monetary_summation.total_amount = amount(line.net_cents)
    return item


def _description(line: EinvoiceLine) -> str:
    """With the unit in words where no code says it."""
    return line.description if is_known(line.unit) else f"{line.description}\n({line.unit})"


def _allowance(text: str, cents: int) -> TradeAllowanceCharge:
    """A discount on its line (BG-27), with its reason (BR-42)."""
    allowance = TradeAllowanceCharge()
    allowance.indicator = False
    allowance.actual_amount = amount(cents)
    allowance.reason = clean(text) or "Rabatt"
    return allowance


def _put_period(period: BillingSpecifiedPeriod, first: date | None, last: date | None) -> None:
    start, end = first or last, last or first
    if start is not None and end is not None:
        period.start, period.end = start, end


def _put_sums(document: Document, data: EinvoiceData) -> None:
    paper, settlement = data.paper, document.trade.settlement
    settlement.currency_code = paper.currency
    settlement.payment_reference = clean(paper.number)
    if paper.service_from != paper.service_last:  # a single day is a day of delivery (BT-72)
        _put_period(settlement.period, paper.service_from, paper.service_last)
    for tax in paper.taxes:
        settlement.trade_tax.add(_tax(tax))
    if data.original is not None:
        settlement.invoice_referenced_document.issuer_assigned_id = clean(data.original[0])
        settlement.invoice_referenced_document.issue_date_time = data.original[1]
    sums = settlement.monetary_summation
    sums.line_total = amount(sum(line.net_cents for line in data.lines))
    sums.tax_basis_total = (amount(paper.net_cents), None)
    sums.tax_total = (amount(paper.tax_cents), paper.currency)
    sums.grand_total = (amount(paper.gross_cents), None)
    if paper.prepaid_cents:
        sums.prepaid_total = amount(paper.prepaid_cents)
    sums.due_amount = amount(data.due_cents)


def _tax(tax: PaperTax) -> ApplicableTradeTax:
    """One row of the VAT table (BG-23), with its reason where none is shown."""
    row = ApplicableTradeTax()
    row.calculated_amount, row.basis_amount = amount(tax.tax_cents), amount(tax.net_cents)
    row.type_code, row.category_code = "VAT", tax.category
    if tax.category in UNTAXED:
        row.exemption_reason = clean(tax.note)
        row.exemption_reason_code = REASON_CODES.get(tax.category, "")
    row.rate_applicable_percent = plain(Decimal(tax.percent))  # BR-DE-14: always, 0 even for what bears no VAT
    return row
