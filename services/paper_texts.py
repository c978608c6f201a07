"""The sentences of a paper: the frozen words with the figures of the document, in the reader's language.

What the law words itself (no VAT shown, and why) is not among them and stays fixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from billing.money import Money
from billing.taxes import NOTES
from documents import figures
from services import template_walk
from services.text_catalogue import find, reader_of
from services.text_sets import Sentences

TRANSFER, DEBIT, CASH, PAYPAL, PREPAYMENT, CARD = range(1, 7)
_PAYMENT = {
    TRANSFER: "payment_transfer", DEBIT: "payment_debit", CASH: "payment_cash", PAYPAL: "payment_paypal",
    PREPAYMENT: "payment_prepayment", CARD: "payment_card",
}  # fmt: skip
_WAYS = {
    DEBIT: {"de": "per Lastschrift", "en": "by direct debit"},
    PAYPAL: {"de": "über PayPal", "en": "through PayPal"},
    CARD: {"de": "von Ihrer Karte", "en": "from your card"},
}
_CREDIT_USED = {
    "de": "Ihr Guthaben von {amount} ist verrechnet.",
    "en": "Your credit of {amount} has been used.",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What the sentences of one document tell. `owed_cents` is what is still to be paid of it."""

    number: str
    issued_on: date
    due_on: date | None
    service_from: date | None
    service_last: date | None
    owed_cents: int
    currency: str
    customer_name: str
    customer_number: str
    company_name: str
    language: str

    def values(self, **more: Mapping[str, str]) -> dict[str, Any]:
        """As the placeholders name them."""
        period = ""
        if self.service_from and self.service_last:
            period = figures.period(self.service_from, self.service_last, self.language)
        invoice = {
            "number": self.number,
            "date": figures.day(self.issued_on, self.language),
            "due": figures.day(self.due_on or self.issued_on, self.language),
            "amount": figures.money(self.owed_cents, self.currency, self.language),
            "period": period,
        }
        customer = {"name": self.customer_name, "number": self.customer_number}
        return {"invoice": invoice, "customer": customer, "company": {"name": self.company_name}, **more}


def intro_text(words: Sentences, told: Figures) -> str:
    """What stands above the lines, or nothing."""
    return sentence(words, "intro", told.values())


def closing_text(words: Sentences, told: Figures) -> str:
    """What stands at the end, or nothing."""
    return sentence(words, "closing", told.values())


def payment_text(words: Sentences, told: Figures, payment_type: int) -> str:
    """How and until when to pay what is still owed of the document."""
    name = _PAYMENT.get(payment_type, _PAYMENT[TRANSFER]) if told.owed_cents > 0 else "nothing_due"
    return sentence(words, name, told.values())


@dataclass(frozen=True, slots=True)
class Announced:
    """A debit as its invoice announces it (SEP-2). `account` is masked."""

    on: date
    account: str
    creditor: str
    mandate: str


def debit_text(words: Sentences, told: Figures, announced: Announced) -> str:
    """Which amount is collected when, by whom and by which mandate."""
    if told.owed_cents <= 0:
        return sentence(words, "nothing_due", told.values())
    debit = {
        "date": figures.day(announced.on, told.language), "account": announced.account,
        "creditor": announced.creditor, "mandate": announced.mandate,
    }  # fmt: skip
    return sentence(words, "debit_announced", told.values(debit=debit))


def collected_text(words: Sentences, told: Figures, payment_type: int, on: date) -> str:
    """That the money came before the invoice, when, and how (M2-19)."""
    ways = _WAYS.get(payment_type, _WAYS[CARD])
    payment = {"date": figures.day(on, told.language), "way": ways.get(reader_of(told.language), ways["en"])}
    return sentence(words, "collected", told.values(payment=payment))


def credit_text(told: Figures, prepaid_cents: int) -> str:
    """That the customer's paid credit was used (BT-113), or nothing."""
    if prepaid_cents <= 0:
        return ""
    words = _CREDIT_USED.get(reader_of(told.language), _CREDIT_USED["en"])
    return words.format(amount=figures.money(prepaid_cents, told.currency, told.language))


def discount_text(words: Sentences, told: Figures, percent: Decimal, days: int) -> str:
    """The agreed cash discount, or nothing. § 14(4) Nr. 7 UStG: it has to be named."""
    if percent <= 0 or told.owed_cents <= 0:
        return ""
    saved = Money(told.owed_cents, told.currency).times(percent / 100).cents
    discount = {
        "amount": figures.money(saved, told.currency, told.language),
        "date": figures.day(told.issued_on + timedelta(days), told.language),
        "percent": figures.percent(percent, told.language),
    }
    return sentence(words, "cash_discount", told.values(discount=discount))


def reference_text(words: Sentences, told: Figures, kind: str, number: str, issued_on: date) -> str:
    """Which document a correction or cancellation speaks of (COR-1)."""
    original = {"number": number, "date": figures.day(issued_on, told.language)}
    return sentence(words, "cancels" if kind == "cancellation" else "corrects", told.values(original=original))


def delivery_text(words: Sentences, told: Figures, text: str) -> str:
    """When it was delivered, where that is no period."""
    return sentence(words, "service_period", told.values(delivery={"text": text}))


def consumer_notice(words: Sentences, told: Figures) -> str:
    """What brings a consumer into default without a reminder (MAH-1); nothing where nothing is owed, and on papers
    that were issued before the house said it."""
    if told.owed_cents <= 0 or "consumer_notice" not in words:
        return ""
    return sentence(words, "consumer_notice", told.values())


def credited_text(words: Sentences, told: Figures, cents: int) -> str:
    """What becomes of money that had been paid for what a correction takes back (D-9), or nothing."""
    if not cents or "credited" not in words:
        return ""
    credit = {"amount": figures.money(cents, told.currency, told.language)}
    return sentence(words, "credited", told.values(credit=credit))


def tax_note(note_key: str, language: str) -> str:
    """The words the law wants where no VAT is shown (INV-5, INV-9)."""
    return NOTES.get(note_key, {}).get(reader_of(language), "")


def sentence(words: Sentences, name: str, values: Mapping[str, Any]) -> str:
    """One sentence with its values."""
    text = find("paper", name)
    return template_walk.render(words[name], text.placeholders, values, largest=text.largest).strip()
