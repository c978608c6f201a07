"""Why a customer's record, login, document or note is not changed: status, deletion, merging."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

REFUSALS: Mapping[str, Any] = {
    "already_active": _l("This customer is active already."),
    "already_blocked": _l("This customer is blocked already."),
    "already_deactivated": _l("This customer is deactivated already."),
    "customer_blocked": _l("The customer is blocked, so nothing new can be booked."),
    "customer_deactivated": _l("The customer is deactivated, so nothing new can be booked."),
    "erased": _l("This record has been deleted."),
    "open_items": _l("Something is still to be paid. Please settle it first."),
    "credit_left": _l("The customer has paid credit. Please use it for an invoice or pay it out first."),
    "running_subscriptions": _l("There are still running subscriptions. Please end them first."),
    "deactivated_subscriptions": _l("A deactivated subscription is not cancelled and could be activated again. Please "
                                    "cancel it first."),
    "unfinished_documents": _l("A payment is under way. Please wait until it has ended."),
    "legal_hold": _l("This record must be kept: a legal hold is set."),
    "run_under_way": _l("A billing run still has to bill one of the two. Please wait until it is finished."),
    "already_merged": _l("One of the two was merged into another record meanwhile. Please open the card again."),
    "same_record": _l("This is one and the same record. Please choose another one."),
    "email_taken": _l("Somebody already logs in with this e-mail address."),
    "login_stopped": _l("This customer is deactivated and cannot enter the customer portal. Please activate the record "
                        "first."),
    "login_taken": _l("This e-mail address opens the customer portal for %(number)s already. Please take another one, "
                      "or delete that login."),
    "note_struck": _l("This note was struck and is not changed any more."),
    "document_in_waiting_mail": _l("A message that waits to be sent brings this document. Please stop the message "
                                   "first, or wait until it is sent."),
    "files_full": _l("No more is kept for this customer: %(most)s MB and %(limit)s files is all there is room for. "
                     "Please delete some that nobody needs."),
    "needed_to_ask": _l("Without an e-mail address the customer cannot be asked. Please enter one."),
    "several_customers": _l("Several customers fit: %(names)s. Please type the number."),
    "unknown_customer": _l("There is no customer with this number."),
    "of_another_customer": _l("This invoice belongs to another customer."),
    "other_customer": _l("It belongs to another customer."),
    "comma_in_tag": _l("A tag cannot contain a comma."),
    "debits_under_way": _l("A direct debit is announced or at the bank."),
    "debits_returnable": _l("The bank may still take back a direct debit (13 months)."),
    "debit_at_bank": _l("A direct debit is in a file for the bank. Please wait until the bank has answered."),
    "refund_under_way": _l("Money is on its way back to one of the two. Please wait until it has ended."),
}  # fmt: skip
