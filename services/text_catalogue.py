"""Every text that staff may word themselves, with the placeholders that it offers. Law-given words are not among them.

A new mail: its files in templates/mail, what it tells in services/mail_facts.py, its line here, its words in
admin/text_words.py (CONTRIBUTING.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from billing.errors import NotFound
from services.templating import ADDRESS, LARGEST, LONG, SHORT, Known, Placeholder, known

LANGUAGES: Final = ("de", "en")
LONGEST_SUBJECT, LONGEST_MAIL, LONGEST_SENTENCE = 300, 10_000, 2_000
LARGEST_SENTENCE = 20_000  # a sentence of a paper with all its values


@dataclass(frozen=True, slots=True)
class TextKind:
    """One text. `kind` is mail or paper."""

    kind: str
    name: str
    placeholders: Known
    has_subject: bool = False
    may_be_empty: bool = False

    @property
    def longest(self) -> int:
        """Characters of the text itself."""
        return LONGEST_MAIL if self.kind == "mail" else LONGEST_SENTENCE

    @property
    def largest(self) -> int:
        """Characters of what it may become."""
        return LARGEST if self.kind == "mail" else LARGEST_SENTENCE


def _short(*names: str) -> tuple[Placeholder, ...]:
    return tuple(Placeholder(name, SHORT) for name in names)


def _lines(*names: str) -> tuple[Placeholder, ...]:
    return tuple(map(Placeholder, names))


_COMPANY = _lines("company.name", "company.contact", "company.phone", "company.email", "company.website")
_CLOSING = Placeholder("closing", LONG)
_LINK = Placeholder("link", ADDRESS)
_INVOICE = (
    *_lines("customer.greeting", "customer.name", "customer.organization", "customer.number", "invoice.kind"),
    *_short("invoice.number", "invoice.date", "invoice.due", "invoice.amount", "invoice.period"),
    Placeholder("invoice.payment", LONG),
    Placeholder("invoice.link", ADDRESS),
)
_RUN = (
    *_short("run.date", "run.due", "run.issued", "run.skipped", "run.failed", "run.more"),
    Placeholder("run.sums", parts=("net", "gross")),
    Placeholder("run.parked", parts=("customer", "reason")),
    _LINK,
)
_CHECK = (
    *_short("check.date", "check.count", "check.more", "check.seal_number", "check.seal_entries"),
    Placeholder("check.seal"),
    Placeholder("check.findings", parts=("rule", "table", "row", "code")),
    Placeholder("check.notes", parts=("what",)),
)

_INVITED = (*_lines("name", "role", "by"), *_short("until"), _LINK)
_CUSTOMER = _lines("customer.greeting", "customer.name", "customer.organization", "customer.number")
_ACCESS = (*_CUSTOMER, *_lines("email", "by"), _LINK)
_FIELDS = Placeholder("fields", parts=("name",))
_PAYMENT = (*_lines("payment.subject", "payment.method", "payment.reason"), *_short("payment.amount"))

_ASKED = _short(
    "reminder.level", "reminder.date", "reminder.until", "reminder.open", "reminder.fee", "reminder.interest",
    "reminder.lump_sum", "reminder.total",
)  # fmt: skip
_REMINDER = (*_ASKED, Placeholder("reminder.note", LONG))
REMINDERS: Final = 4  # texts for levels; the last one speaks for all beyond it

# What people may name in a message to one customer and in the templates that they keep for such.
MESSAGE_WORDS: Final = known((*_CUSTOMER, Placeholder("customer.data_link", ADDRESS), *_COMPANY))


def _mail(name: str, *placeholders: Placeholder) -> TextKind:
    return TextKind("mail", name, known((*placeholders, *_COMPANY, _CLOSING)), has_subject=True)


_PAPER = (
    *_lines("customer.name", "customer.number", "company.name"),
    *_short("invoice.number", "invoice.date", "invoice.due", "invoice.amount", "invoice.period"),
)


def _sentence(name: str, *more: Placeholder, may_be_empty: bool = False) -> TextKind:
    return TextKind("paper", name, known((*_PAPER, *more)), may_be_empty=may_be_empty)


MAILS: Final = (
    _mail("invoice", *_INVOICE),
    _mail("invoice_message", *_INVOICE, *_lines("message.subject"), Placeholder("message.text", LONG)),
    _mail("run_report", *_RUN),
    _mail("checks_report", *_CHECK),
    _mail("staff_access", *_INVITED),
    _mail("staff_reset", *_INVITED),
    _mail("staff_changed", *_lines("name", "role", "open"), _LINK),
    _mail("staff_password", *_lines("name"), *_short("at"), _LINK),
    _mail("staff_second_factor", *_lines("name"), *_short("at", "deed"), _LINK),
    _mail("customer_code", *_CUSTOMER, *_short("code", "minutes"), _FIELDS),
    _mail("customer_changed", *_CUSTOMER, *_short("date"), _FIELDS),
    *(_mail(name, *_ACCESS, *_short("until")) for name in ("customer_invitation", "customer_reset")),
    _mail("customer_password", *_ACCESS, *_short("at")),
    _mail("payment_data", *_CUSTOMER, *_lines("subscription.title"), _LINK),
    *(_mail(name, *_CUSTOMER, *_PAYMENT, _LINK) for name in ("payment_declined", "payment_action")),
    _mail("payment_expiring", *_CUSTOMER, *_lines("payment.method"), *_short("payment.until"), _LINK),
    _mail("debit_returned", *_CUSTOMER, *_PAYMENT, Placeholder("debit.next", LONG), *_short("debit.fee"), _LINK),
    _mail(
        "payment_charged_back",
        *_CUSTOMER,
        *_lines("payment.subject"),
        *_short("payment.amount", "debit.fee"),
        Placeholder("debit.next", LONG),
        _LINK,
    ),
    _mail(
        "refund_paid",
        *_CUSTOMER,
        *_lines("refund.document", "refund.way"),
        *_short("refund.amount", "refund.number", "refund.invoice"),
    ),
    _mail("debit_again", *_CUSTOMER, *_PAYMENT, Placeholder("debit.next", LONG)),
    _mail(
        "debit_cancelled",
        *_CUSTOMER,
        *_PAYMENT,
        Placeholder("debit.next", LONG),
        Placeholder("debit.items", parts=("number", "amount", "date")),
        _LINK,
    ),
    _mail(
        "reminder",
        *_CUSTOMER,
        *_short("invoice.number", "invoice.date", "invoice.due", "invoice.amount"),
        *_REMINDER,
        Placeholder("reminder.text", LONG),
        Placeholder("reminder.items", parts=("what", "amount")),
        *_lines("reminder.payee"),
        *_short("reminder.iban", "reminder.bic"),
    ),
    _mail("customer_message", *_CUSTOMER, *_lines("message.subject"), Placeholder("message.text", 3 * LONGEST_MAIL)),
    _mail("mail_test", *_lines("name")),
    TextKind("mail", "closing", known(_COMPANY), may_be_empty=True),
)
PAPERS: Final = (
    _sentence("intro", may_be_empty=True),
    *map(_sentence, (
        "payment_transfer", "payment_debit", "payment_cash", "payment_paypal", "payment_prepayment", "payment_card",
        "nothing_due",
    )),
    _sentence("cash_discount", *_short("discount.date", "discount.percent", "discount.amount")),
    *(_sentence(name, *_short("original.number", "original.date")) for name in ("corrects", "cancels")),
    _sentence("service_period", Placeholder("delivery.text", LONG)),
    _sentence("consumer_notice", may_be_empty=True),
    _sentence("debit_announced", *_short("debit.date", "debit.account", "debit.creditor", "debit.mandate")),
    _sentence("collected", *_short("payment.date", "payment.way")),
    _sentence("credited", *_short("credit.amount")),
    *(_sentence(f"reminder_{level}", *_REMINDER) for level in range(1, REMINDERS + 1)),
    _sentence("closing", may_be_empty=True),
)  # fmt: skip

CATALOGUE: Final[Mapping[tuple[str, str], TextKind]] = {(text.kind, text.name): text for text in (*MAILS, *PAPERS)}


def find(kind: str, name: str) -> TextKind:
    """NotFound for a text that nobody may word."""
    try:
        return CATALOGUE[kind, name]
    except KeyError:
        raise NotFound("text", kind=kind[:20], name=name[:40]) from None


def reader_of(language: str) -> str:
    """The language that a text is written in for a reader of `language`: German or English."""
    return "de" if language == "de" else "en"
