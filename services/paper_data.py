"""The frozen rows of an issued document as the data of its paper. Nothing that may change later is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.errors import NotFound
from billing.lines import Line
from billing.taxes import CASH_NOTE_FROM
from documents import figures
from documents.paper import InvoicePaper, Letterhead, PaperLine, PaperTax, Party
from extensions import db
from models import Debit, Invoice, InvoiceLine, InvoiceTaxLine, Mandate, Receivable
from models import Letterhead as FrozenLetterhead
from services import clock, draft_lines, draft_totals, files, paper_texts, text_sets
from services.company import PRINTED, get_company
from services.corrections import paid_part
from services.draft_totals import Composed
from services.paper_texts import Announced, Figures
from services.text_sets import Sentences

_DAY = timedelta(days=1)
_SAME_NAMES = (
    "name", "legal_form", "zipcode", "city", "country_code", "phone", "email", "website", "tax_number", "vat_id",
    "register_court", "register_number", "managing_directors", "seat", "bank_name", "bank_owner", "iban", "bic",
    "accent",
)  # fmt: skip
_PARTY = (
    "organization", "salutation", "first_name", "last_name", "address", "address_2", "zipcode", "city", "state",
    "country_code", "vat_id",
)  # fmt: skip


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
    head, sandbox = _letterhead(row.letterhead_id, with_logo)
    words, told = text_sets.sentences(row.text_set_id, row.language_code), _figures(row, head)
    return InvoicePaper(
        kind=row.kind,
        number=row.number,
        issued_on=row.issued_on,
        due_on=row.due_on if row.kind == "invoice" else None,  # a correction asks for nothing
        service_from=row.service_from,
        service_last=_last(row.service_to),
        title=row.title,
        introtext=row.introtext or paper_texts.intro_text(words, told),
        customer_number=row.customer_number,
        letterhead=head,
        buyer=_buyer(row.buyer, row.buyer_name),
        delivery=_delivery(row.buyer),
        currency=row.currency_code,
        is_gross=row.is_gross,
        lines=tuple(_line(line, row.is_gross) for line in lines),
        taxes=tuple(sorted((_tax(tax, row.language_code) for tax in taxes), key=lambda t: (-t.percent, t.category))),
        net_cents=row.net_cents,
        tax_cents=row.tax_cents,
        gross_cents=row.gross_cents,
        notes=_notes(row, words, told),
        payment_text=_payment(row, words, told),
        closing_text=paper_texts.closing_text(words, told),
        payment_type=_paid_by(row, words),
        prepaid_cents=row.prepaid_cents,
        language=row.language_code,
        sandbox=sandbox,
        template_version=row.template_version,
        original=_original(row),
    )


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
    told = _draft_figures(row, made, head, today)
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
        buyer=_buyer(made.debtor.frozen, made.debtor.name),
        delivery=_delivery(made.debtor.frozen),
        currency=row.currency_code,
        is_gross=row.is_gross,
        lines=tuple(_draft_line(place, line) for place, line in enumerate(made.draft.lines, 1)),
        taxes=tuple(
            PaperTax(tax.percent, tax.category, tax.net_cents, tax.tax_cents,
                     paper_texts.tax_note(tax.note_key, language))
            for tax in made.totals.tax_lines
        ),
        net_cents=made.totals.net_cents,
        tax_cents=made.totals.tax_cents,
        gross_cents=made.totals.gross_cents,
        notes=_notes(row, words, told),
        payment_text=_payment(row, words, told),
        closing_text=paper_texts.closing_text(words, told),
        payment_type=row.payment_type,
        language=language,
        sandbox=company.mode == "sandbox",
    )  # fmt: skip


def _draft_figures(row: Invoice, made: Composed, head: Letterhead, today: date) -> Figures:
    return Figures(
        number="",
        issued_on=today,
        due_on=today + timedelta(row.days_for_payment),
        service_from=row.service_from,
        service_last=_last(row.service_to),
        owed_cents=made.totals.gross_cents,
        currency=row.currency_code,
        customer_name=made.debtor.name,
        customer_number=made.debtor.number,
        company_name=head.name,
        language=made.debtor.language_code,
    )


def _draft_line(place: int, line: Line) -> PaperLine:
    period = line.period
    return PaperLine(
        place, line.article_number, line.title, line.description, line.quantity, line.unit_price, line.percent,
        line.amount_cents, period.start if period else None, period.last_day if period else None,
        tuple((each.text, each.cents) for each in line.discounts),
    )  # fmt: skip


def _original(row: Invoice) -> str:
    """Number and date of the document that is corrected (§ 31 (5) UStDV)."""
    if row.original_id is None:
        return ""
    original = db.session.get_one(Invoice, row.original_id)
    return f"{original.number}, {figures.day(original.issued_on or date.min, row.language_code)}"


def _letterhead(letterhead_id: int | None, with_logo: bool) -> tuple[Letterhead, bool]:
    row: FrozenLetterhead | None = db.session.get(FrozenLetterhead, letterhead_id) if letterhead_id else None
    if row is None:
        raise NotFound("letterhead", letterhead_id=letterhead_id)
    return letterhead_of(row.data, row.logo_file_id if with_logo else None), row.data.get("mode") == "sandbox"


def letterhead_of(data: Mapping[str, Any], logo_file_id: int | None) -> Letterhead:
    """The seller as printed; `data` has the names of `company.PRINTED`. Raises as `invoice_paper` for the logo."""
    logo = files.read(logo_file_id) if logo_file_id else None
    return Letterhead(
        **{name: data.get(name, "") for name in _SAME_NAMES},
        address_lines=tuple(line for line in (data.get("address"), data.get("address_2")) if line),
        logo=logo.content if logo else None,
        logo_media_type=logo.media_type if logo else "",
    )


def figures_of(invoice_id: int) -> Figures:
    """What the sentences of an issued invoice tell. NotFound as `invoice_paper`."""
    row: Invoice | None = db.session.get(Invoice, invoice_id)
    if row is None or row.number is None:
        raise NotFound("invoice", invoice_id=invoice_id)
    return _figures(row, _letterhead(row.letterhead_id, False)[0])


def _buyer(frozen: Mapping[str, Any], name: str) -> Party:
    party = Party(title=frozen.get("title_academic", ""), **{field: frozen.get(field, "") for field in _PARTY})
    nameless = not (party.organization or party.first_name or party.last_name)
    return Party(organization=name) if nameless and not frozen else party


def _delivery(frozen: Mapping[str, Any]) -> Party | None:
    if not frozen.get("delivery_address") and not frozen.get("delivery_city"):
        return None
    places = ("address", "address_2", "zipcode", "city", "country_code")
    return Party(
        organization=frozen.get("delivery_recipient", ""),
        **{place: frozen.get(f"delivery_{place}", "") for place in places},
    )


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
        period_last=_last(row.period_end),
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
        service_last=_last(row.service_to),
        owed_cents=row.gross_cents - row.prepaid_cents,
        currency=row.currency_code,
        customer_name=row.buyer_name,
        customer_number=row.customer_number,
        company_name=head.name,
        language=row.language_code,
    )


def _notes(row: Invoice, words: Sentences, told: Figures) -> tuple[str, ...]:
    """Beside the tax notes, which stand with their rates."""
    notes: list[str] = []
    if row.letterhead_id is not None and _is_cash_accounting(row):
        notes.append(paper_texts.tax_note("cash_accounting", row.language_code))
    if row.original_id is not None:
        original = db.session.get_one(Invoice, row.original_id)
        if original.number and original.issued_on:
            notes.append(paper_texts.reference_text(words, told, row.kind, original.number, original.issued_on))
    if row.delivery_text and row.service_from is None:
        notes.append(paper_texts.delivery_text(words, told, row.delivery_text))
    notes.append(_of_payment(row, words, told))
    return tuple(filter(None, notes))


def _of_payment(row: Invoice, words: Sentences, told: Figures) -> str:
    """Of an invoice to a consumer what the law lets follow from it; of a correction what becomes of money paid."""
    if row.kind != "invoice":
        return paper_texts.credited_text(words, told, paid_part(cast(Session, db.session()), row.id))
    return paper_texts.consumer_notice(words, told) if row.buyer.get("customer_type") == "consumer" else ""


def _is_cash_accounting(row: Invoice) -> bool:
    """§ 14(4) Nr. 6a UStG: from 2028, for whoever accounts for VAT when paid, and shows any (INV-14)."""
    frozen: FrozenLetterhead = db.session.get_one(FrozenLetterhead, row.letterhead_id)
    is_named = bool(frozen.data.get("cash_accounting")) and row.tax_case != "small_business"
    return is_named and row.issued_on is not None and row.issued_on >= CASH_NOTE_FROM


def _payment(row: Invoice, words: Sentences, told: Figures) -> str:
    """How to pay an invoice; a correction asks for nothing."""
    if row.kind != "invoice":
        return ""
    used = paper_texts.credit_text(told, row.prepaid_cents)
    discount = paper_texts.discount_text(words, told, row.cash_discount_percent, row.cash_discount_days)
    announced = _announced(row) if _is_own_debit(row, words) else None
    if announced is not None:
        how = paper_texts.debit_text(words, told, announced)
    else:
        how = paper_texts.payment_text(words, told, _paid_by(row, words))
    return " ".join(filter(None, (used, how, discount)))


def _paid_by(row: Invoice, words: Sentences) -> int:
    """The payment type that the paper tells: without a mandate nobody collects, so it asks for a transfer."""
    if _is_own_debit(row, words) and row.status != "draft" and _announced(row) is None:
        return paper_texts.TRANSFER
    return row.payment_type


def _is_own_debit(row: Invoice, words: Sentences) -> bool:
    """Whether we would collect it ourselves; papers of before the house did say what they always said."""
    return (
        row.kind == "invoice"
        and row.payment_type == paper_texts.DEBIT
        and row.collection == "invoice_first"
        and "debit_announced" in words
    )


def _announced(row: Invoice) -> Announced | None:
    """The debit that was planned when it was issued; what came later, a second try, is announced by itself."""
    query = (
        select(Debit.collect_on, Mandate.iban, Mandate.reference)
        .join(Mandate, Mandate.id == Debit.mandate_id)
        .join(Receivable, Receivable.id == Debit.receivable_id)
        .where(Receivable.invoice_id == row.id)
        .order_by(Debit.id)
        .limit(1)
    )
    found = db.session.execute(query).one_or_none()
    if found is None:
        return None
    head = db.session.get(FrozenLetterhead, row.letterhead_id) if row.letterhead_id else None
    creditor = str(head.data.get("creditor_id", "")) if head else ""
    account = f"{found.iban[:2]}…{found.iban[-4:]}"
    return Announced(found.collect_on, account, creditor, found.reference)


def _last(end: date | None) -> date | None:
    """Stored exclusive, printed inclusive (EB-9)."""
    return end - _DAY if end else None
