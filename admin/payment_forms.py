"""What people are asked when they write something down about money."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from admin import formats, words
from admin.fields import Form, day, decimal, select, text, yes
from billing.errors import Invalid
from billing.money import Money
from billing.payments import METHODS
from models import Payment

_TABLE = Payment.__table__.c


class OnceForm(Form):
    """A form that is done once however often it is sent: it carries a key of its own (F1)."""

    key = HiddenField(validators=[InputRequired(), Length(max=80)], default=lambda: secrets.token_hex(16))


class AmountForm(OnceForm):
    """A form with an amount of one currency."""

    amount = decimal(_l("Amount"), required=True)

    def in_currency(self, currency: str, most_cents: int | None = None) -> AmountForm:
        """Say the currency beside the field, and the most that is taken there, before anybody types more."""
        self.amount.label.text = gettext("Amount in %(currency)s", currency=currency)
        if most_cents is not None:
            self.amount.description = gettext("At most %(sum)s.", sum=formats.money(max(most_cents, 0), currency))
        return self

    def money(self, currency: str) -> Money:
        """What was typed. Raises Invalid("amount") for parts of a cent and for more than any bank can hold."""
        return money_of(self.amount.data, currency)


def money_of(amount: Decimal, currency: str) -> Money:
    cents = amount * 100
    if cents != cents.to_integral_value():
        raise Invalid("amount", "parts_of_a_cent")
    if abs(cents) >= 10**15:
        raise Invalid("amount", "amount_too_large")
    return Money(int(cents), currency)


def _method() -> Any:
    return select(_l("Paid by"), [(code, label) for code, label in words.choices("method") if code in METHODS])


def _reference() -> Any:
    return text(_l("Reference"), _TABLE.reference, help=_l("As it stands on the bank statement."))


def _hanging() -> Any:
    return yes(_l("What is more than open of the invoice pays its fees and interest"), default=True)


class ReceiptForm(AmountForm):
    received_on = day(_l("Received on"), required=True)
    method = _method()
    reference = _reference()
    note = text(_l("Note"), _TABLE.note)


class PaymentForm(ReceiptForm):
    discount = yes(_l("Grant the cash discount where the payment closes the invoice in time"), default=True)
    hanging = _hanging()
    surplus = yes(_l("Keep what is more than open as the customer's credit"))


class PaidForm(OnceForm):
    received_on = day(_l("Received on"), required=True)
    method = _method()
    hanging = yes(_l("The fees and interest are paid, too"), default=True)


class PrepaymentForm(ReceiptForm):
    currency = text(_l("Currency"), _TABLE.currency_code, required=True)


class PayoutForm(AmountForm):
    received_on = day(_l("Paid out on"), required=True)
    method = _method()
    reference = _reference()


class CreditForm(AmountForm):
    pass


class WriteOffForm(AmountForm):
    reason = text(_l("Reason"), _TABLE.note, required=True, help=_l("Why it is given up; stands in the books."))


class CancelForm(OnceForm):
    reason = text(_l("Reason"), _TABLE.note, required=True)


class MoveForm(OnceForm):
    invoice_id = text(_l("Number of the right invoice"), longest=40,
                      help=_l("Also of another customer. Empty: the amount becomes credit."))  # fmt: skip
    customer_id = text(_l("Number of the customer who gets the credit"), longest=40,
                       help=_l("Only without an invoice. Empty: the customer it stands with."))  # fmt: skip
    reason = text(_l("Note"), _TABLE.note)
