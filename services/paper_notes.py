"""Which sentences stand under an invoice: notes the law asks for, and how it is paid. Words are in paper_texts."""

from __future__ import annotations

from datetime import date
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.taxes import CASH_NOTE_FROM
from extensions import db
from models import Debit, Invoice, Mandate, PaymentAttempt, Receivable
from models import Letterhead as FrozenLetterhead
from services import clock, paper_texts
from services.corrections import paid_part
from services.paper_texts import Announced, Figures
from services.text_sets import Sentences


def notes_of(row: Invoice, words: Sentences, told: Figures) -> tuple[str, ...]:
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
    if _collected_on(row, words) is not None:
        return ""
    return paper_texts.consumer_notice(words, told) if row.buyer.get("customer_type") == "consumer" else ""


def _is_cash_accounting(row: Invoice) -> bool:
    """§ 14(4) Nr. 6a UStG: from 2028, for whoever accounts for VAT when paid, and shows any (INV-14)."""
    frozen: FrozenLetterhead = db.session.get_one(FrozenLetterhead, row.letterhead_id)
    is_named = bool(frozen.data.get("cash_accounting")) and row.tax_case != "small_business"
    return is_named and row.issued_on is not None and row.issued_on >= CASH_NOTE_FROM


def how_to_pay(row: Invoice, words: Sentences, told: Figures) -> str:
    """How to pay an invoice; a correction asks for nothing."""
    if row.kind != "invoice":
        return ""
    used = paper_texts.credit_text(told, row.prepaid_cents)
    if (on := _collected_on(row, words)) is not None:
        return " ".join(filter(None, (used, paper_texts.collected_text(words, told, row.payment_type, on))))
    discount = paper_texts.discount_text(words, told, row.cash_discount_percent, row.cash_discount_days)
    announced = _announced(row) if _is_own_debit(row, words) else None
    if announced is not None:
        how = paper_texts.debit_text(words, told, announced)
    else:
        how = paper_texts.payment_text(words, told, paid_by(row, words))
    return " ".join(filter(None, (used, how, discount)))


def paid_by(row: Invoice, words: Sentences) -> int:
    """The payment type that the paper tells: where nobody collects, it asks for a transfer: without a mandate, and
    where a payment was given up and the invoice issued all the same."""
    if row.status == "draft":
        return row.payment_type
    if _is_own_debit(row, words) and _announced(row) is None:
        return paper_texts.TRANSFER
    if _is_charged_first(row, words) and _collected_on(row, words) is None:
        return paper_texts.TRANSFER
    return row.payment_type


def _is_charged_first(row: Invoice, words: Sentences) -> bool:
    """Papers of before the house said so say what they always said."""
    return row.kind == "invoice" and row.collection == "charge_first" and "collected" in words


def _collected_on(row: Invoice, words: Sentences) -> date | None:
    """The day on which the provider accepted the payment that the invoice was made for; it stays so, whatever comes."""
    if row.status == "draft" or not _is_charged_first(row, words):
        return None
    accepted = (PaymentAttempt.purpose == "issue", PaymentAttempt.state == "accepted")
    query = select(PaymentAttempt.resolved_at).where(PaymentAttempt.invoice_id == row.id, *accepted)
    found = db.session.scalar(query)
    return clock.berlin(found).date() if found else None


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
