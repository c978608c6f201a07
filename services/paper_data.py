"""The frozen rows of an issued document as the data of its paper. Nothing that may change later is looked at."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from billing.errors import NotFound
from documents import figures
from documents.paper import InvoicePaper, Letterhead, PaperLine, PaperTax
from extensions import db
from models import Invoice, InvoiceLine, InvoiceTaxLine
from services import paper_texts, text_sets
from services.paper_heads import buyer_of, delivery_of, frozen_letterhead
from services.paper_notes import how_to_pay, notes_of, paid_by
from services.paper_texts import Figures

_DAY = timedelta(days=1)


def invoice_paper(invoice_id: int, *, with_logo: bool = True) -> InvoicePaper:
    """Everything that is printed of an issued invoice. NotFound for a draft.

    Raises files.Damaged or NotFound("file") when the frozen logo cannot be read.
    """
    row: Invoice | None = db.session.get(Invoice, invoice_id)
    if row is None or row.number is None or row.issued_on is None:
        raise NotFound("invoice", invoice_id=invoice_id)
    lines = db.session.scalars(
        select(InvoiceLine).where(InvoiceLine.invoice_id == row.id).order_by(InvoiceLine.position, InvoiceLine.id)
    )
    taxes = db.session.scalars(select(InvoiceTaxLine).where(InvoiceTaxLine.invoice_id == row.id))
    head, sandbox = frozen_letterhead(row.letterhead_id, with_logo)
    words, told = text_sets.sentences(row.text_set_id, row.language_code), _figures(row, head)
    return InvoicePaper(
        kind=row.kind,
        number=row.number,
        issued_on=row.issued_on,
        due_on=row.due_on if row.kind == "invoice" else None,  # a correction asks for nothing
        service_from=row.service_from,
        service_last=last_day(row.service_to),
        title=row.title,
        introtext=row.introtext or paper_texts.intro_text(words, told),
        customer_number=row.customer_number,
        letterhead=head,
        buyer=buyer_of(row.buyer, row.buyer_name),
        delivery=delivery_of(row.buyer),
        currency=row.currency_code,
        is_gross=row.is_gross,
        lines=tuple(_line(line, row.is_gross) for line in lines),
        taxes=tuple(sorted((_tax(tax, row.language_code) for tax in taxes), key=lambda t: (-t.percent, t.category))),
        net_cents=row.net_cents,
        tax_cents=row.tax_cents,
        gross_cents=row.gross_cents,
        notes=notes_of(row, words, told),
        payment_text=how_to_pay(row, words, told),
        closing_text=paper_texts.closing_text(words, told),
        payment_type=paid_by(row, words),
        prepaid_cents=row.prepaid_cents,
        language=row.language_code,
        sandbox=sandbox,
        template_version=row.template_version,
        original=_original(row),
    )


def _original(row: Invoice) -> str:
    """Number and date of the document that is corrected (§ 31 (5) UStDV)."""
    if row.original_id is None:
        return ""
    original = db.session.get_one(Invoice, row.original_id)
    return f"{original.number}, {figures.day(original.issued_on or date.min, row.language_code)}"


def figures_of(invoice_id: int) -> Figures:
    """What the sentences of an issued invoice tell. NotFound as `invoice_paper`."""
    row: Invoice | None = db.session.get(Invoice, invoice_id)
    if row is None or row.number is None:
        raise NotFound("invoice", invoice_id=invoice_id)
    return _figures(row, frozen_letterhead(row.letterhead_id, False)[0])


def _line(row: InvoiceLine, is_gross: bool) -> PaperLine:
    return PaperLine(
        position=row.position,
        article_number=row.article_number,
        title=row.title,
        description=row.description,
        quantity=row.quantity,
        unit_price=row.unit_price,
        vat_percent=row.vat_percent,
        amount_cents=row.gross_cents if is_gross else row.net_cents,
        period_start=row.period_start,
        period_last=last_day(row.period_end),
        discounts=tuple((text, cents) for text, cents in row.discounts),
    )


def _tax(row: InvoiceTaxLine, language: str) -> PaperTax:
    note = paper_texts.tax_note(row.note_key, language)
    return PaperTax(row.vat_percent, row.vat_category, row.net_cents, row.tax_cents, note)


def _figures(row: Invoice, head: Letterhead) -> Figures:
    return Figures(
        number=row.number or "",
        issued_on=row.issued_on or date.min,
        due_on=row.due_on,
        service_from=row.service_from,
        service_last=last_day(row.service_to),
        owed_cents=row.gross_cents - row.prepaid_cents,
        currency=row.currency_code,
        customer_name=row.buyer_name,
        customer_number=row.customer_number,
        company_name=head.name,
        language=row.language_code,
    )


def last_day(end: date | None) -> date | None:
    """Stored exclusive, printed inclusive (EB-9)."""
    return end - _DAY if end else None
