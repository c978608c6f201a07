"""The sentences of an invoice that follow from its figures, in the reader's language."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from billing.money import Money
from billing.taxes import NOTES
from documents import figures

TRANSFER, DEBIT, CASH, PAYPAL, PREPAYMENT, CARD = range(1, 7)

_PAYMENT = {
    TRANSFER: (
        "Bitte überweisen Sie {amount} bis zum {due} unter Angabe der Rechnungsnummer {number}.",
        "Please transfer {amount} by {due}, quoting invoice number {number}.",
    ),
    DEBIT: (
        "Wir ziehen {amount} zum {due} per Lastschrift ein. Sie brauchen nichts zu tun.",
        "We will collect {amount} by direct debit on {due}. There is nothing you need to do.",
    ),
    CASH: ("Bitte zahlen Sie {amount} bis zum {due} in bar.", "Please pay {amount} in cash by {due}."),
    PAYPAL: ("Bitte zahlen Sie {amount} bis zum {due} über PayPal.", "Please pay {amount} by {due} through PayPal."),
    PREPAYMENT: (
        "Bitte überweisen Sie {amount} im Voraus, spätestens bis zum {due}, unter Angabe der Rechnungsnummer {number}.",
        "Please transfer {amount} in advance, by {due} at the latest, quoting invoice number {number}.",
    ),
    CARD: (
        "Wir belasten Ihre Kreditkarte mit {amount}. Sie brauchen nichts zu tun.",
        "We will charge {amount} to your credit card. There is nothing you need to do.",
    ),
}
_NOTHING_DUE = ("Es ist nichts zu zahlen.", "There is nothing to pay.")
# § 14(4) Nr. 7 UStG: an agreed reduction of the price has to be named.
_DISCOUNT = (
    "Bei Zahlung bis zum {day} gewähren wir {percent} Skonto ({saved}).",
    "If you pay by {day}, you may deduct a cash discount of {percent} ({saved}).",
)
_CORRECTS = (
    "Diese Rechnung korrigiert die Rechnung {number} vom {day}.",
    "This document corrects invoice {number} of {day}.",
)
_CANCELS = (
    "Diese Rechnung hebt die Rechnung {number} vom {day} auf.",
    "This document cancels invoice {number} of {day}.",
)
_DELIVERED = ("Leistungszeitraum: {text}", "Service period: {text}")


def payment_text(
    payment_type: int, cents: int, currency: str, number: str, issued_on: date, due_on: date | None, language: str
) -> str:
    """How and until when to pay `cents`, what is still owed of the document."""
    if cents <= 0:
        return _in(_NOTHING_DUE, language)
    amount = figures.money(cents, currency, language)
    due = figures.day(due_on or issued_on, language)
    return _in(_PAYMENT.get(payment_type, _PAYMENT[TRANSFER]), language).format(amount=amount, due=due, number=number)


def discount_text(percent: Decimal, days: int, cents: int, currency: str, issued_on: date, language: str) -> str:
    """The agreed cash discount, or nothing."""
    if percent <= 0 or cents <= 0:
        return ""
    saved = figures.money(Money(cents, currency).times(percent / 100).cents, currency, language)
    day = figures.day(issued_on + timedelta(days), language)
    return _in(_DISCOUNT, language).format(day=day, percent=figures.percent(percent, language), saved=saved)


def reference_text(kind: str, number: str, issued_on: date, language: str) -> str:
    """Which document a correction or cancellation speaks of (COR-1)."""
    pair = _CANCELS if kind == "cancellation" else _CORRECTS
    return _in(pair, language).format(number=number, day=figures.day(issued_on, language))


def delivery_text(text: str, language: str) -> str:
    return _in(_DELIVERED, language).format(text=text)


def tax_note(note_key: str, language: str) -> str:
    """The words the law wants where no VAT is shown (INV-5, INV-9)."""
    words = NOTES.get(note_key, {})
    return words.get("de" if language == "de" else "en", "")


def _in(pair: tuple[str, str], language: str) -> str:
    return pair[0] if language == "de" else pair[1]
