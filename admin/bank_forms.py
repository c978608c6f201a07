"""What is asked about a movement on the account."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import lazy_gettext as _l

from admin.fields import Form, decimal, text, yes
from admin.payment_forms import AmountForm, money_of
from billing.errors import Invalid, NotFound
from queries.bank import LineRow
from queries.cards.payments import customer_by_number, invoice_by_number, invoice_money
from services import bank_booking, bank_orders, hanging
from services.actor import Actor
from services.bank_answers import LONGEST_REASON
from services.bank_booking import Share


class ChooseForm(AmountForm):
    invoice = text(_l("Number of the invoice"), longest=40,
                   help=_l("What is more than open of it pays its fees and interest. Several invoices: book one after "
                           "the other."))  # fmt: skip
    customer = text(_l("Number of the customer who gets the money as credit"), longest=40,
                    help=_l("Only without an invoice."))  # fmt: skip
    surplus = yes(_l("Keep what is more than open as the customer's credit"))


class TakeBackForm(Form):
    invoice = text(_l("Number of the invoice"), longest=40, required=True)
    fee = decimal(_l("Fee of the bank in it"), help=_l("What of the sum is the bank's fee. Empty: none."))


class IgnoreForm(Form):
    reason = text(
        _l("Reason"), longest=LONGEST_REASON, required=True, help=_l("Such as rent, or interest of the bank.")
    )


class UndoForm(Form):
    reason = text(_l("Reason"), longest=LONGEST_REASON, required=True)


def in_units(cents: int) -> Decimal | None:
    """Cents as a form shows an amount."""
    return Decimal(cents).scaleb(-2) if cents > 0 else None


def booking(actor: Actor, line: LineRow, form: ChooseForm) -> list[int]:
    """Book what the form says; gives the payments' ids. Raises as `bank_booking.book`, and for an unknown number."""
    cents = form.money(line.currency).cents
    if form.invoice.data:
        return _to_invoice(actor, line, form, cents)
    if not form.customer.data:
        raise Invalid("invoice", "missing")
    customer_id = customer_by_number(form.customer.data)
    if customer_id is None:
        raise NotFound("unknown_customer", field="customer")
    return bank_booking.book(actor, line.id, [], customer_id, cents, key=_key(form))


def taking_back(actor: Actor, line: LineRow, form: TakeBackForm) -> list[int]:
    """Raises as `bank_orders.take_back`, and NotFound for an unknown number."""
    invoice_id = invoice_by_number(form.invoice.data or "")
    if invoice_id is None:
        raise NotFound("unknown_invoice", field="invoice")
    fee = money_of(form.fee.data, line.currency).cents if form.fee.data else 0
    return bank_orders.take_back(actor, line.id, invoice_id, fee)


def _key(form: ChooseForm) -> str:
    return str(form.key.data)[:40]


def _to_invoice(actor: Actor, line: LineRow, form: ChooseForm, cents: int) -> list[int]:
    invoice_id = invoice_by_number(form.invoice.data)
    money = invoice_money(invoice_id) if invoice_id else None
    if money is None:
        raise NotFound("unknown_invoice", field="invoice")
    if money.currency != line.currency:
        raise Invalid("invoice", "other_currency")
    parts, left = hanging.shares(money.receivable_id, cents)
    if left and not form.surplus.data:
        raise Invalid("amount", "more_than_open")
    shares = [Share(receivable_id, paid) for receivable_id, paid in parts]
    return bank_booking.book(actor, line.id, shares, money.customer_id, left, key=_key(form))
