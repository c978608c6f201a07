"""A draft as the data of its paper, as if it were issued today."""

from __future__ import annotations

from datetime import date, timedelta
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.errors import NotFound
from billing.lines import Line
from documents.paper import InvoicePaper, Letterhead, PaperLine, PaperTax
from extensions import db
from models import Invoice, InvoiceLine
from services import clock, draft_lines, draft_totals, paper_texts, text_sets
from services.company import PRINTED, get_company
from services.draft_totals import Composed
from services.paper_data import last_day
from services.paper_heads import buyer_of, delivery_of, letterhead_of
from services.paper_notes import how_to_pay, notes_of
from services.paper_texts import Figures


def draft_paper(invoice_id: int) -> InvoicePaper:
    """A draft as it would be printed if it were issued today: nothing of it is frozen. NotFound once it is issued."""
    row: Invoice | None = db.session.get(Invoice, invoice_id)
    if row is None or row.status != "draft":
        raise NotFound("unknown_draft", invoice_id=invoice_id)
    session = cast(Session, db.session())
    stored = session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == row.id).order_by(InvoiceLine.position))
    made = draft_totals.compose(session, row, draft_lines.stored(stored.all()))
    company, today, language = get_company(), clock.today(), made.debtor.language_code
    head = letterhead_of({name: getattr(company, name) for name in PRINTED}, company.logo_file_id)
    words, periods = text_sets.current(language), [line.period for line in made.draft.lines if line.period]
    told = _figures(row, made, head, today)
    return InvoicePaper(
        kind="draft",
        number="",
        issued_on=today,
        due_on=told.due_on,
        service_from=min((period.start for period in periods), default=None),
        service_last=max((period.last_day for period in periods), default=None),
        title=row.title,
        introtext=row.introtext or paper_texts.intro_text(words, told),
        customer_number=made.debtor.number,
        letterhead=head,
        buyer=buyer_of(made.debtor.frozen, made.debtor.name),
        delivery=delivery_of(made.debtor.frozen),
        currency=row.currency_code,
        is_gross=row.is_gross,
        lines=tuple(_line(place, line) for place, line in enumerate(made.draft.lines, 1)),
        taxes=tuple(
            PaperTax(tax.percent, tax.category, tax.net_cents, tax.tax_cents,
                     paper_texts.tax_note(tax.note_key, language))
            for tax in made.totals.tax_lines
        ),
        net_cents=made.totals.net_cents,
        tax_cents=made.totals.tax_cents,
        gross_cents=made.totals.gross_cents,
        notes=notes_of(row, words, told),
        payment_text=how_to_pay(row, words, told),
        closing_text=paper_texts.closing_text(words, told),
        payment_type=row.payment_type,
        language=language,
        sandbox=company.mode == "sandbox",
    )  # fmt: skip


def _figures(row: Invoice, made: Composed, head: Letterhead, today: date) -> Figures:
    return Figures(
        number="",
        issued_on=today,
        due_on=today + timedelta(row.days_for_payment),
        service_from=row.service_from,
        service_last=last_day(row.service_to),
        owed_cents=made.totals.gross_cents,
        currency=row.currency_code,
        customer_name=made.debtor.name,
        customer_number=made.debtor.number,
        company_name=head.name,
        language=made.debtor.language_code,
    )


def _line(place: int, line: Line) -> PaperLine:
    period = line.period
    return PaperLine(
        place, line.article_number, line.title, line.description, line.quantity, line.unit_price, line.percent,
        line.amount_cents, period.start if period else None, period.last_day if period else None,
        tuple((each.text, each.cents) for each in line.discounts),
    )  # fmt: skip
