"""What is said before money is booked, with figures."""

from __future__ import annotations

from flask_babel import gettext

from admin import formats
from queries.cards.payments import InvoiceMoney, PaymentRow


def standing(money: InvoiceMoney) -> list[str]:
    """Whose invoice, what is open, of what hangs on it, too, and the discount that may still be taken."""
    return [*_of_itself(money), *beside(money)]


def beside(money: InvoiceMoney) -> list[str]:
    """What hangs on the invoice, and what both come to."""
    if not money.hanging_cents:
        return []
    return [gettext("%(hanging)s of fees and interest hang on this invoice; together %(sum)s are open.",
                    hanging=formats.money(money.hanging_cents, money.currency),
                    sum=formats.money(money.whole_cents, money.currency))]  # fmt: skip


def _of_itself(money: InvoiceMoney) -> list[str]:
    if money.open_cents <= 0 and money.hanging_cents:
        return [gettext("Nothing is open of invoice %(number)s of %(customer)s itself.", number=money.number,
                        customer=money.customer)]  # fmt: skip
    if money.open_cents <= 0:
        return [gettext("Nothing is open of invoice %(number)s of %(customer)s. What comes now becomes credit.",
                        number=money.number, customer=money.customer)]  # fmt: skip
    said = [gettext("%(sum)s are open of invoice %(number)s of %(customer)s, due on %(day)s.",
                    sum=formats.money(money.open_cents, money.currency), number=money.number, customer=money.customer,
                    day=formats.day(money.due_on))]  # fmt: skip
    if money.discount_cents and money.discount_until:
        said.append(gettext("Who pays until %(day)s may keep back %(percent)s, %(sum)s.",
                            day=formats.day(money.discount_until), percent=formats.percent(money.discount_percent),
                            sum=formats.money(money.discount_cents, money.currency)))  # fmt: skip
    return said


def undoing(payment: PaymentRow) -> str:
    """What undoing a row does."""
    facts = {"sum": formats.money(payment.amount_cents, payment.currency), "day": formats.day(payment.received_on)}
    if payment.kind in ("credit_applied", "payout"):
        return gettext("%(sum)s of %(day)s become the customer's credit again.", **facts)
    if payment.kind == "payment" and not payment.invoice_id:
        return gettext("%(sum)s of %(day)s are taken out of the customer's credit.", **facts)
    return gettext("%(sum)s of %(day)s are owed again for invoice %(number)s. What was written down stays visible.",
                   number=payment.invoice_number, **facts)  # fmt: skip
