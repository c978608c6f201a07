"""The words for what the database calls by codes: states with their colour, and kinds. One list each."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l

from admin.formats import percent

# (label, tone): the tone is a colour of the stylesheet and never the only sign of the state.
STATES: Mapping[str, Mapping[str, tuple[Any, str]]] = {
    "customer": {
        "active": (_l("Active"), "good"),
        "blocked": (_l("Blocked"), "warn"),
        "deactivated": (_l("Deactivated"), "plain"),
    },
    "subscription": {
        "trial": (_l("In trial"), "info"),
        "active": (_l("Active"), "good"),
        "paused": (_l("Paused"), "warn"),
        "cancelled": (_l("Cancelled"), "warn"),
        "closed": (_l("Ended"), "plain"),
        "deactivated": (_l("Deactivated"), "plain"),
    },
    "invoice": {
        "draft": (_l("Draft"), "plain"),
        "awaiting_payment": (_l("Waiting for payment"), "info"),
        "issued": (_l("Issued"), "good"),
    },
    "document": {
        "draft": (_l("Draft"), "plain"),
        "awaiting_payment": (_l("Another try follows"), "warn"),
        "collecting": (_l("Being collected"), "info"),
        "unclear": (_l("Answer is missing"), "warn"),
        "needs_action": (_l("Customer has to confirm"), "warn"),
        "given_up": (_l("Payment given up"), "bad"),
        "released": (_l("Released"), "plain"),
        "issued": (_l("Issued"), "info"),
        "overdue": (_l("Overdue"), "bad"),
        "paid": (_l("Paid"), "good"),
        "written_off": (_l("Written off"), "warn"),
        "partly_written_off": (_l("Partly written off"), "warn"),
        "cancelled": (_l("cancelled"), "plain"),
    },
    "receivable": {
        "open": (_l("Open"), "info"),
        "overdue": (_l("Overdue"), "bad"),
        "settled": (_l("Settled"), "good"),
        "credit": (_l("Credit balance"), "info"),
    },
    "movement": {
        "booked": (_l("Booked"), "good"),
        "undone": (_l("Taken back"), "plain"),
        "moved": (_l("Moved"), "warn"),
    },
    "shipment": {
        "planned": (_l("Planned"), "info"),
        "shipped": (_l("On its way"), "info"),
        "delivered": (_l("Delivered"), "good"),
        "returned": (_l("Returned"), "bad"),
    },
    "redemption": {
        "running": (_l("Running"), "good"),
        "over": (_l("Over"), "plain"),
    },
    "coupon": {
        "open": (_l("Can be redeemed"), "good"),
        "early": (_l("Not yet"), "info"),
        "over": (_l("Expired"), "plain"),
        "used_up": (_l("Used up"), "plain"),
        "off": (_l("Switched off"), "warn"),
    },
    "paper": {
        "pending": (_l("Waiting"), "info"),
        "drawn": (_l("Drawn"), "good"),
        "failed": (_l("Failed"), "bad"),
    },
    "message": {
        "pending": (_l("Waiting"), "info"),
        "sent": (_l("Sent"), "good"),
        "failed": (_l("Failed"), "bad"),
        "stopped": (_l("Stopped"), "plain"),
    },
    "claim": {
        "billed": (_l("Billed"), "good"),
        "elsewhere": (_l("Billed elsewhere"), "plain"),
        "skipped": (_l("Skipped"), "warn"),
        "reserved": (_l("Reserved"), "info"),
        "given_up": (_l("Given up"), "bad"),
    },
    "attempt": {
        "planned": (_l("Being collected"), "info"),
        "prepared": (_l("Being collected"), "info"),
        "sent": (_l("Being collected"), "info"),
        "unknown": (_l("Answer is missing"), "warn"),
        "needs_action": (_l("Customer has to confirm"), "warn"),
        "accepted": (_l("Paid"), "good"),
        "declined": (_l("Declined"), "bad"),
        "cancelled": (_l("cancelled"), "plain"),
    },
    "export": {
        "pending": (_l("Waiting"), "info"),
        "running": (_l("In progress"), "info"),
        "done": (_l("Completed"), "good"),
        "failed": (_l("Failed"), "bad"),
    },
    "deletion": {
        "erased": (_l("Erased for good"), "plain"),
        "restricted": (_l("Erased, papers kept"), "info"),
        "purged": (_l("Purged"), "plain"),
    },
    "refund": {
        "waiting": (_l("Waits for approval"), "warn"),
        "ordered": (_l("Ordered, not sent yet"), "info"),
        "approved": (_l("Approved"), "info"),
        "sent": (_l("Under way"), "info"),
        "pending": (_l("The provider works on it"), "info"),
        "unknown": (_l("No answer yet"), "warn"),
        "succeeded": (_l("Paid back"), "good"),
        "failed": (_l("Did not go"), "bad"),
        "withdrawn": (_l("Withdrawn"), "plain"),
    },
    "debit": {
        "planned": (_l("Announced"), "info"),
        "in_file": (_l("In a file"), "info"),
        "submitted": (_l("At the bank"), "info"),
        "paid": (_l("Credited"), "good"),
        "returned": (_l("Given back"), "bad"),
        "withdrawn": (_l("Not collected"), "plain"),
    },
    "payment_file": {
        "made": (_l("Made"), "info"),
        "submitted": (_l("Handed in"), "good"),
        "discarded": (_l("Thrown away"), "plain"),
    },
    "mandate": {
        "active": (_l("Active"), "good"),
        "revoked": (_l("Revoked by the customer"), "plain"),
        "stopped": (_l("Stopped by the bank"), "bad"),
        "lapsed": (_l("Lapsed"), "plain"),
        "replaced": (_l("Replaced"), "plain"),
    },
    "run": {"running": (_l("Running"), "info"), "finished": (_l("Finished"), "good")},
    "chunk": {"pending": (_l("Waiting"), "info"), "done": (_l("Completed"), "good")},
    "api_key": {"valid": (_l("Valid"), "good"), "revoked": (_l("Revoked"), "plain")},
    "staff": {
        "active": (_l("Active"), "good"),
        "invited": (_l("Invited"), "info"),
        "locked": (_l("Locked out"), "plain"),
    },
    "login": {
        "active": (_l("Active"), "good"),
        "invited": (_l("invited"), "info"),
        "lapsed": (_l("Invitation over"), "warn"),
        "temporary": (_l("Temporary password"), "info"),
        "locked": (_l("Locked by the status"), "plain"),
    },
    "check": {"holds": (_l("Check passed"), "good"), "broken": (_l("Check failed"), "bad")},
    "yes_no": {"True": (_l("Yes"), "good"), "False": (_l("No"), "plain")},
}

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_WRITTEN = (f"{_OFFICE}wordprocessingml.document", f"{_OPEN}text")
_SHEETS = (f"{_OFFICE}spreadsheetml.sheet", f"{_OPEN}spreadsheet")

KINDS: Mapping[str, Mapping[Any, Any]] = {
    "customer": {"business": _l("Company"), "consumer": _l("Consumer")},
    "salutation": {"": "", "mr": _l("Mr"), "mrs": _l("Ms"), "family": _l("Family")},
    "product": {"plan": _l("Plan"), "addon": _l("Add-on"), "article": _l("Article")},
    "item": {"plan": _l("Plan"), "addon": _l("Add-on"), "setup": _l("Set-up fee")},
    "claim": {"period": _l("Period"), "setup": _l("Set-up fee"), "once": _l("Once")},
    "invoice": {"invoice": _l("Invoice"), "cancellation": _l("Cancellation invoice"),
                "correction": _l("Correction invoice")},
    "payment_file": {"debit": _l("Direct debits"), "transfer": _l("Transfers")},
    "receivable": {"invoice": _l("Invoice"), "fee": _l("Fee"), "interest": _l("Interest"),
                   "lump_sum": _l("Lump sum"), "deposit": _l("Deposit")},
    "entry": {"invoice": _l("Invoice"), "cancellation": _l("Cancellation"), "correction": _l("Correction"),
              "payment": _l("Payment"),
              "refund": _l("Refund"), "chargeback": _l("Chargeback"), "write_off": _l("Write-off"),
              "cash_discount": _l("Cash discount"), "payment_reversal": _l("Payment undone"),
              "credit_applied": _l("Credit used"), "credit_used": _l("Credit used"),
              "credit_reversal": _l("Use of credit undone"), "payout": _l("Credit paid out"), "reversal": _l("Undone"),
              "fee": _l("Fee"), "interest": _l("Interest"), "lump_sum": _l("Lump sum"),
              "refund_ordered": _l("Refund ordered"), "refund_returned": _l("Refund not sent, or come back"),
              "double_payout": _l("Paid out twice"), "provider_fee": _l("Fee of the bank or the provider"),
              "fee_reversal": _l("Fee taken off")},
    "movement": {"payment": _l("Payment"), "cash_discount": _l("Cash discount"), "write_off": _l("Write-off"),
                 "credit_applied": _l("Credit used"), "payout": _l("Credit paid out"), "reversal": _l("Undone"),
                 "refund": _l("Refund"),
                 "chargeback": _l("Chargeback")},
    "refund_way": {"provider": _l("By the payment provider"), "transfer": _l("By bank transfer")},
    "note": {"note": _l("Note"), "call": _l("Call"), "letter": _l("Letter")},
    "method": {"": "", "bank": _l("Bank transfer"), "cash": _l("Cash"), "other": _l("Other"),
               "card": _l("Credit card"), "paypal": _l("PayPal"), "sepa_debit": _l("Direct debit")},
    "vat": {"standard": _l("Standard rate"), "reduced": _l("Reduced rate"), "zero": _l("Zero rate")},
    "tax_mode": {"regular": _l("Regular VAT"), "small_business": _l("Small business, section 19 UStG")},
    "vat_check": {"before_issue": _l("Before invoices are issued"), "off": _l("Not at all")},
    "vat_unconfirmed": {"hold": _l("The invoice waits"), "charge": _l("The invoice bears VAT, as to a consumer")},
    "vat_result": {"valid": _l("valid"), "invalid": _l("not valid"), "unavailable": _l("no answer: not available"),
                   "timeout": _l("no answer in time"), "decided": _l("relied on by decision")},
    "ec_sales": {"S": _l("Services (S)"), "L": _l("Goods (L)")},
    "vat_reason": {"sandbox": _l("Answered by the sandbox itself, by the check digits"),
                   "check_digit": _l("The check digits are wrong")},
    "vat_match": {"match": _l("fits"), "mismatch": _l("differs"), "": "–"},
    "vat_origin": {"law": _l("came along"), "proposal": _l("to be checked"), "staff": _l("entered here")},
    "rate_state": {"now": _l("in force"), "later": _l("later"), "past": _l("past")},
    "supply": {"service": _l("Service"), "goods": _l("Goods"), "e_service": _l("Electronic service")},
    "tax_case": {"domestic": _l("Domestic"), "small_business": _l("Small business, section 19 UStG"),
                 "reverse_charge": _l("Reverse charge"), "intra_eu_goods": _l("Intra-Community supply of goods"),
                 "outside_scope": _l("Not taxable in Germany"), "export": _l("Export"),
                 "section_13b": _l("Reverse charge in Germany, section 13b UStG"),
                 "union_consumer": _l("Consumer in the Union, German rate"),
                 "oss": _l("Consumer in the Union, rate of their country (OSS)")},
    "payment": {1: _l("Bank transfer"), 2: _l("Direct debit"), 3: _l("Cash"), 4: _l("PayPal"), 5: _l("Prepayment"),
                6: _l("Credit card")},
    "method_kind": {"transfer": _l("Bank transfer"), "sepa_debit": _l("Direct debit"), "card": _l("Credit card"),
                    "paypal": _l("PayPal"), "cash": _l("Cash"), "prepayment": _l("Prepayment")},
    "on_declined": {"no_invoice": _l("No invoice; a person decides"),
                    "issue_open": _l("The invoice is issued unpaid and reminded of")},
    "after_giving_up": {"keep": _l("left as it is"), "pause": _l("paused"), "close": _l("ended")},
    "delivery": {"none": _l("Not at all"), "mail": _l("By e-mail"), "post": _l("By post"),
                 "both": _l("By e-mail and by post")},
    "einvoice": {"zugferd": _l("ZUGFeRD (PDF with data)"), "xrechnung": _l("XRechnung"), "pdf": _l("PDF only")},
    "language": {"de": _l("German"), "en": _l("English")},
    "deletion_reason": {
        "asked": _l("The person asked for it (Art. 17 GDPR)"), "purpose_over": _l("No longer needed"),
        "consent_withdrawn": _l("Consent withdrawn"), "by_mistake": _l("Created by mistake"),
        "by_call": _l("By call of the interface"), "time_over": _l("Time of storage over"),
    },
    "actor": {"staff": _l("Staff"), "system": _l("System"), "customer": _l("Customer"), "api": _l("Interface")},
    "theme": {"auto": _l("As the device"), "light": _l("Light"), "dark": _l("Dark")},
    "scope": {"full": _l("Read and write"), "read": _l("Read only")},
    "sent": {"smtp": _l("Mail server"), "outbox": _l("Outbox only, it left for nobody")},
    "range": {"customer": _l("Customer numbers"), "invoice": _l("Invoices"),
              "cancellation": _l("Cancellation invoices"), "correction": _l("Correction invoices"),
              "mandate": _l("SEPA mandates")},
    "coupon": {"percent": _l("Percent"), "amount": _l("Amount a time"), "voucher": _l("Voucher with an amount")},
    "lasts": {"events": _l("For a number of invoices"), "time": _l("For a time"), "ever": _l("For ever")},
    "object": {"coupon": _l("Coupon"),
               "customer": _l("Customer"), "tag": _l("Tag"), "product": _l("Product"), "run": _l("Billing run"),
               "dunning": _l("Dunning"), "dunning_run": _l("Dunning run"), "reminder": _l("Reminder"),
               "subscription": _l("Subscription"), "invoice": _l("Invoice"), "message": _l("Message"),
               "paper": _l("Paper"), "staff": _l("Staff member"), "role": _l("Role"), "api_key": _l("API key"),
               "company": _l("Company"), "number_range": _l("Number range"), "text": _l("Text"),
               "mandate": _l("SEPA direct debit mandate"), "payment_file": _l("File for the bank"),
               "debit": _l("SEPA direct debit"),
               "bank_line": _l("Bank movement"), "bank_statement": _l("Bank statement"),
               "csv_layout": _l("CSV layout"),
               "payment_method": _l("Kept payment method"),
               "export": _l("Exported list"), "journal_entry": _l("Journal entry"), "payment": _l("Payment"),
               "refund": _l("Refund"),
               "shipment": _l("Shipment"), "note": _l("Note"), "clock_move": _l("Way of the test clock"),
               "login": _l("Login"), "document": _l("Document"),
               "message_template": _l("Message template")},
    "paper": {"pdf": _l("PDF"), "xml": _l("XRechnung")},
    "media": {"application/pdf": _l("PDF"), "text/plain": _l("Text"), **dict.fromkeys(_PICTURES, _l("Picture")),
              "application/xml": _l("XRechnung"), **dict.fromkeys(_WRITTEN, _l("Text document")),
              **dict.fromkeys(_SHEETS, _l("Spreadsheet"))},
    "media_short": {"application/pdf": "PDF", "text/plain": "TXT", "application/xml": "XML",
                    **dict.fromkeys(_PICTURES, "…"), **dict.fromkeys(_WRITTEN, "DOC"), **dict.fromkeys(_SHEETS, "XLS")},
    "list": {"customers": _l("Customers"), "invoices": _l("Invoices"), "receivables": _l("Receivables"),
             "ledger": _l("Ledger"), "payments": _l("Payments")},
    "format": {"csv": _l("CSV"), "xlsx": _l("Excel"), "json": _l("JSON")},
    "mode": {"sandbox": _l("Sandbox"), "live": _l("Live")},
    "template": {"invoice": _l("Invoice"), "invoice_message": _l("Invoice sent once more"),
                 "run_report": _l("Report of a billing run"),
                 "checks_report": _l("Report of the checks"),
                 "staff_access": _l("Invitation to the back office"), "staff_reset": _l("Link for a new password"),
                 "staff_changed": _l("Access to the back office changed"), "staff_password": _l("Password changed"),
                 "staff_second_factor": _l("News of the second factor"), "mail_test": _l("Test message"),
                 "customer_code": _l("Code for changing data"), "customer_changed": _l("Notice of changed data"),
                 "customer_message": _l("Message"),
                 "customer_invitation": _l("Invitation to the customer portal"),
                 "customer_reset": _l("Link for a new portal password"),
                 "customer_password": _l("Portal password changed"),
                 "payment_data": _l("Please complete the payment data"),
                 "payment_declined": _l("Payment not taken"), "payment_action": _l("Please confirm the payment"),
                 "payment_expiring": _l("Payment method ends soon"),
                 "reminder": _l("Reminder"),
                 "closing": _l("Closing words of all mails")},
    "account": {"receivable": _l("Receivables"), "revenue": _l("Revenue"), "vat": _l("VAT"), "bank": _l("Bank"),
                "cash": _l("Till"), "credit": _l("Credit balances"),
                "refunds_under_way": _l("Refunds under way"), "writeoff": _l("Write-offs"), "fee": _l("Fees"),
                "interest": _l("Interest"), "lumpsum": _l("Lump sums"), "provider_fee": _l("Provider's fees"),
                "deposit": _l("Deposits"), "clearing": _l("Money at a provider")},
}  # fmt: skip

UNITS: Mapping[str, tuple[Any, Any]] = {
    "day": (_l("every day"), _l("every %(count)s days")),
    "week": (_l("every week"), _l("every %(count)s weeks")),
    "month": (_l("every month"), _l("every %(count)s months")),
    "year": (_l("every year"), _l("every %(count)s years")),
}


def state_label(machine: str, state: Any) -> tuple[Any, str]:
    """(label, tone) of a state; an unknown one is shown as it is."""
    return STATES.get(machine, {}).get(str(state), (state, "plain"))


def kind_label(group: str, value: Any) -> Any:
    """The word for a code; an unknown one is shown as it is."""
    return KINDS.get(group, {}).get(value, "" if value is None else value)


def account_label(account: str) -> str:
    """An account of `billing.ledger` in words: "Revenue 19 % (S)", "Money at a provider (stripe)"."""
    name, _, rest = account.partition(":")
    label = str(kind_label("account", name))
    category, _, rate = rest.partition(":")
    if rate:
        return f"{label} {percent(Decimal(rate))} ({category})"
    return f"{label} ({category})" if category else label


def rhythm(unit: str | None, count: int) -> str:
    """How often: every month, every 3 months."""
    if not unit:
        return ""
    one, many = UNITS[unit]
    return str(one) if count == 1 else str(many) % {"count": count}


def choices(group: str) -> list[tuple[Any, Any]]:
    """The codes of a kind with their words, for a select."""
    return list(KINDS[group].items())


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        state_label=state_label, kind_label=kind_label, account_label=account_label, rhythm=rhythm
    )  # fmt: skip
