"""Why money is not booked, collected or paid back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from admin import refund_words

REFUSALS: Mapping[str, Any] = {
    **refund_words.REASONS,
    "approved": _l("This refund was approved already."),
    "by_provider": _l("This refund goes by the payment provider; nobody transfers it."),
    "four_eyes": _l("Whoever ordered a refund cannot approve it. Please ask another person."),
    "file_not_handed_in": _l("This refund stands in a file for the bank. Please mark that file as handed in, or throw "
                             "it away first."),
    "in_a_file": _l("This refund stands in a file for the bank. Please withdraw it there first."),
    "setups_open": _l("The customer has a page of the payment provider open to enter payment data. It closes by itself "
                      "within a day."),
    "setup_open": _l("One of the two has a page of the payment provider open to enter payment data. It closes by "
                     "itself within a day."),
    "refunds_under_way": _l("Money is on its way back to the customer. Please wait until it has ended."),
    "refunded": _l("Something of this payment went back to the customer, so it stays as it is."),
    "returned": _l("This has come back already."),
    **dict.fromkeys(("unknown_charge", "unknown_refund"), _l("This payment is not known here.")),
    "withdrawn": _l("This refund was withdrawn already."),
    "more_than_open": _l("This is more than is still open."),
    "more_than_credit": _l("This is more than the customer's credit."),
    "no_credit": _l("This customer has no paid credit."),
    "credit_used": _l("The credit that came of this was used or paid out since. Please undo that first."),
    "not_movable": _l("Only a payment can be moved."),
    "not_reversible": _l("What undoes something is not undone itself. Please enter it anew."),
    "taken_by_provider": _l(
        "A provider has taken this payment: it goes back by cancelling the invoice and refunding. If it belongs "
        "elsewhere, please move it."
    ),
    "nothing_to_pay": _l("There is no issued invoice of this number that could be paid."),
    "other_currency": _l("This is not the currency of the invoice."),
    "parts_of_a_cent": _l("Please enter an amount with at most two decimals."),
    "reversed": _l("This has already been undone."),
    "same_invoice": _l("The payment stands at this invoice already."),
    "settled": _l("Nothing is open any more."),
    "amount_too_large": _l("This amount is too large."),
    "method_not_active": _l("This payment method cannot be used any more."),
    "not_held": _l("This payment method is in use already."),
    "no_method": _l("There are no payment data that could be charged. Please ask the customer for them."),
    "attempt_under_way": _l("The payment is being tried, and its outcome is not known yet. Please wait for it."),
    "tried_meanwhile": _l("This payment has been tried in the meantime. Please look at its outcome first."),
    "refund_not_gone": _l("This refund has not gone, or came back, so nobody is told of it."),
    "paid_meanwhile": _l("This invoice has been paid in the meantime, so nobody is reminded of it."),
    "not_ascending_days": _l("Please enter at most ten whole days from 1 to 90 in ascending order, such as 3, 7, 14."),
}  # fmt: skip
