"""What a text looks like before it is saved: written by the very code that writes mails and papers, with example data
or with those of an issued invoice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from flask import current_app
from sqlalchemy import select

from documents import figures
from documents.paper import InvoicePaper, PaperLine, PaperTax, Party
from documents.words import words
from extensions import db
from models import Invoice
from services import (
    clock,
    customer_letters,
    debit_letter_facts,
    paper_data,
    paper_heads,
    paper_texts,
    payment_letter_facts,
    refund_letters,
    reminder_letters,
    text_sets,
    texts,
)
from services.company import PRINTED, get_company
from services.mail_facts import facts_of
from services.mail_texts import Letter, greeting, write_letter
from services.paper_texts import Figures
from services.text_catalogue import find, reader_of
from services.texts import Wording

OWED = 11_781  # cents: 99.00 net and 19 per cent
_BUYER = {"salutation": "mrs", "title_academic": "", "first_name": "Erika", "last_name": "Beispiel",
          "organization": "Beispiel & Töchter GmbH"}  # fmt: skip

_BY_HAND = {
    "de": {"subject": "Ihre Rechnung", "text": "Guten Tag,\n\nanbei die gewünschte Rechnung."},
    "en": {"subject": "Your invoice", "text": "Hello,\n\nhere is the invoice you asked for."},
}


def invoice_with(number: str) -> int | None:
    """The id of the issued invoice of that number."""
    if not number.isprintable():  # PostgreSQL takes no NUL, not even to compare
        return None
    return db.session.scalar(select(Invoice.id).where(Invoice.number == number, Invoice.issued_at.is_not(None)))


def mail_preview(name: str, language: str, wording: Wording, invoice_id: int | None = None) -> Letter:
    """The mail in these words. Raises Invalid(field) where they could not be saved."""
    texts.check(find("mail", name), wording.subject, wording.body)
    facts = example(language)
    if name == "invoice" and invoice_id is not None:
        facts |= facts_of(name, reader_of(language), invoice_id, {})
    return write_letter(name, language, facts, wording)


def sentence_preview(name: str, language: str, body: str, invoice_id: int | None = None) -> str:
    """The sentence of a paper. Raises Invalid("body") where it could not be saved."""
    texts.check(find("paper", name), "", body)
    told = paper_data.figures_of(invoice_id) if invoice_id is not None else None
    values = example(language) | (replace(told, language=language).values() if told else {})
    return paper_texts.sentence({name: body}, name, values)


def sample_paper(language: str, name: str = "", body: str = "") -> InvoicePaper:
    """An invoice that was never issued, with one sentence as it is being written. Raises as `sentence_preview`."""
    sentences = dict(text_sets.current(language))
    if name:
        texts.check(find("paper", name), "", body)
        sentences[name] = body
    return _paper(reader_of(language), sentences)


def example(language: str) -> dict[str, Any]:
    """A value for every placeholder of every text."""
    language = reader_of(language)
    day = figures.day(clock.today(), language)
    told, base = _figures(language), current_app.config["KONTOR"].base_url
    invoice = {
        "kind": words(language)["invoice"],
        "payment": paper_texts.payment_text(text_sets.current(language), told, paper_texts.TRANSFER),
        "link": f"{base}/download/…",
    }
    customer = {"greeting": greeting(_BUYER, language), "organization": _BUYER["organization"],
                "data_link": f"{base}/accountdata/…"}  # fmt: skip
    common = told.values()
    return {
        **common,
        "customer": common["customer"] | customer,
        "invoice": common["invoice"] | invoice,
        "discount": {"date": day, "percent": figures.percent(Decimal(2), language),
                     "amount": figures.money(236, "EUR", language)},
        "original": {"number": "RE-2026-00017", "date": day},
        "delivery": {"text": day},
        "debit": {"date": day, "account": "DE…3000", "creditor": "DE98ZZZ09999999999", "mandate": "M-000042",
                  **debit_letter_facts.example(language, day)},
        "credit": {"amount": figures.money(OWED, "EUR", language)},
        "message": _BY_HAND[language],
        "run": _run(language, day),
        "check": _check(day),
        **customer_letters.example(language, day),
        **payment_letter_facts.example_payment(language),
        **refund_letters.example(language),
        **reminder_letters.example(language, day),
        "email": "erika@beispiel.example",
        "subscription": {"title": "Rad im Abo"},
        "name": "Anke Beispiel", "role": "Support", "link": f"{base}/admin/", "by": "Yusuf Beispiel",
        "until": f"{day}, 12:00", "at": f"{day}, 09:30", "open": "yes", "deed": "on",
    }  # fmt: skip


def _figures(language: str) -> Figures:
    today = clock.today()
    return Figures(
        number="RE-2026-00042",
        issued_on=today,
        due_on=date.fromordinal(today.toordinal() + 14),
        service_from=today.replace(day=1),
        service_last=today,
        owed_cents=OWED,
        currency="EUR",
        customer_name=_BUYER["organization"],
        customer_number="K-1042",
        company_name=get_company().name,
        language=language,
    )


def _run(language: str, day: str) -> dict[str, Any]:
    missing = {"de": "Pflichtangaben der Rechnungsanschrift fehlen", "en": "details of the billing address are missing"}
    sums = [{"net": figures.money(840_000, "EUR", language), "gross": figures.money(999_600, "EUR", language)}]
    parked = [{"customer": "K-1007", "reason": missing[language]}, {"customer": "K-1042", "reason": missing[language]}]
    return {
        "date": day,
        "due": 122,
        "issued": 120,
        "skipped": 0,
        "failed": 2,
        "more": 0,
        "sums": sums,
        "parked": parked,
    }


def _check(day: str) -> dict[str, Any]:
    findings = [{"rule": "L6", "table": "invoices", "row": 4711, "code": "document_changed"}]
    return {"date": day, "count": 1, "more": 0, "findings": findings, "notes": [],
            "seal": "3f9a…", "seal_number": 12,
            "seal_entries": 4711}  # fmt: skip


def _paper(language: str, sentences: Mapping[str, str]) -> InvoicePaper:
    told, company = _figures(language), get_company()
    head = paper_heads.letterhead_of({name: getattr(company, name) for name in PRINTED}, company.logo_file_id)
    title = {"de": "Rad im Abo", "en": "Bicycle subscription"}[language]
    line = PaperLine(1, "RAD-1", title, "", Decimal(1), Decimal(99), Decimal(19), 9_900, told.service_from,
                     told.service_last)  # fmt: skip
    return InvoicePaper(
        kind="invoice",
        number=told.number,
        issued_on=told.issued_on,
        due_on=told.due_on,
        service_from=told.service_from,
        service_last=told.service_last,
        title="",
        introtext=paper_texts.intro_text(sentences, told),
        customer_number=told.customer_number,
        letterhead=head,
        buyer=Party(organization=told.customer_name, salutation="mrs", first_name="Erika", last_name="Beispiel",
                    address="Musterweg 7", zipcode="20095", city="Hamburg", country_code="DE"),
        delivery=None,
        currency="EUR",
        is_gross=False,
        lines=(line,),
        taxes=(PaperTax(Decimal(19), "S", 9_900, OWED - 9_900),),
        net_cents=9_900,
        tax_cents=OWED - 9_900,
        gross_cents=OWED,
        payment_text=paper_texts.payment_text(sentences, told, paper_texts.TRANSFER),
        closing_text=paper_texts.closing_text(sentences, told),
        language=language,
        sandbox=True,
    )  # fmt: skip
