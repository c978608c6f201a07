"""The words for what the database calls by codes: states with their colour, kinds, refusals. One list each."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Flask
from flask_babel import gettext
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
    "receivable": {
        "open": (_l("Open"), "info"),
        "overdue": (_l("Overdue"), "bad"),
        "settled": (_l("Settled"), "good"),
        "credit": (_l("Credit balance"), "info"),
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
    "export": {
        "pending": (_l("Waiting"), "info"),
        "running": (_l("In progress"), "info"),
        "done": (_l("Completed"), "good"),
        "failed": (_l("Failed"), "bad"),
    },
    "run": {"running": (_l("Running"), "info"), "finished": (_l("Finished"), "good")},
    "chunk": {"pending": (_l("Waiting"), "info"), "done": (_l("Completed"), "good")},
    "api_key": {"valid": (_l("Valid"), "good"), "revoked": (_l("Revoked"), "plain")},
    "staff": {
        "active": (_l("Active"), "good"),
        "invited": (_l("Invited"), "info"),
        "locked": (_l("Locked out"), "plain"),
    },
    "yes_no": {"True": (_l("Yes"), "good"), "False": (_l("No"), "plain")},
}

KINDS: Mapping[str, Mapping[Any, Any]] = {
    "customer": {"business": _l("Company"), "consumer": _l("Consumer")},
    "salutation": {"": "", "mr": _l("Mr"), "mrs": _l("Ms"), "family": _l("Family")},
    "product": {"plan": _l("Plan"), "addon": _l("Add-on"), "article": _l("Article")},
    "item": {"plan": _l("Plan"), "addon": _l("Add-on"), "setup": _l("Set-up fee")},
    "claim": {"period": _l("Period"), "setup": _l("Set-up fee"), "once": _l("Once")},
    "invoice": {"invoice": _l("Invoice"), "cancellation": _l("Cancellation invoice"),
                "correction": _l("Correction invoice")},
    "receivable": {"invoice": _l("Invoice"), "fee": _l("Fee"), "interest": _l("Interest"),
                   "lump_sum": _l("Lump sum"), "deposit": _l("Deposit")},
    "entry": {"invoice": _l("Invoice"), "cancellation": _l("Cancellation"), "payment": _l("Payment"),
              "refund": _l("Refund"), "chargeback": _l("Chargeback"), "write_off": _l("Write-off")},
    "vat": {"standard": _l("Standard rate"), "reduced": _l("Reduced rate"), "zero": _l("Zero rate")},
    "supply": {"service": _l("Service"), "goods": _l("Goods"), "e_service": _l("Electronic service")},
    "tax_case": {"domestic": _l("Domestic"), "small_business": _l("Small business, section 19 UStG"),
                 "reverse_charge": _l("Reverse charge"), "intra_eu_goods": _l("Intra-Community supply of goods"),
                 "outside_scope": _l("Not taxable in Germany"), "export": _l("Export"),
                 "section_13b": _l("Reverse charge in Germany, section 13b UStG"),
                 "union_consumer": _l("Consumer in the Union, German rate"),
                 "oss": _l("Consumer in the Union, rate of their country (OSS)")},
    "payment": {1: _l("Bank transfer"), 2: _l("Direct debit"), 3: _l("Cash"), 4: _l("PayPal"), 5: _l("Prepayment"),
                6: _l("Credit card")},
    "delivery": {"none": _l("Not at all"), "mail": _l("By e-mail"), "post": _l("By post"),
                 "both": _l("By e-mail and by post")},
    "einvoice": {"zugferd": _l("ZUGFeRD (PDF with data)"), "xrechnung": _l("XRechnung"), "pdf": _l("PDF only")},
    "language": {"de": _l("German"), "en": _l("English")},
    "actor": {"staff": _l("Staff"), "system": _l("System"), "customer": _l("Customer"), "api": _l("Interface")},
    "theme": {"auto": _l("As the device"), "light": _l("Light"), "dark": _l("Dark")},
    "scope": {"full": _l("Read and write"), "read": _l("Read only")},
    "sent": {"smtp": _l("Mail server"), "outbox": _l("Outbox only, no mail server is set")},
    "range": {"customer": _l("Customer numbers"), "invoice": _l("Invoices"),
              "cancellation": _l("Cancellation invoices")},
    "object": {"customer": _l("Customer"), "tag": _l("Tag"), "product": _l("Product"), "run": _l("Billing run"),
               "subscription": _l("Subscription"), "invoice": _l("Invoice"), "message": _l("Message"),
               "paper": _l("Paper"), "staff": _l("Staff member"), "role": _l("Role"), "api_key": _l("API key"),
               "company": _l("Company"), "number_range": _l("Number range"), "text": _l("Text"),
               "export": _l("Exported list"), "journal_entry": _l("Journal entry")},
    "paper": {"pdf": _l("PDF"), "xml": _l("XML")},
    "list": {"customers": _l("Customers"), "invoices": _l("Invoices"), "receivables": _l("Receivables"),
             "ledger": _l("Ledger")},
    "format": {"csv": _l("CSV"), "xlsx": _l("Excel"), "json": _l("JSON")},
    "mode": {"sandbox": _l("Sandbox"), "live": _l("Live")},
    "template": {"invoice": _l("Invoice"), "run_report": _l("Report of a billing run"),
                 "checks_report": _l("Report of the checks"),
                 "staff_access": _l("Invitation to the back office"), "staff_reset": _l("Link for a new password"),
                 "staff_changed": _l("Access to the back office changed"), "staff_password": _l("Password changed"),
                 "staff_second_factor": _l("News of the second factor"), "mail_test": _l("Test message"),
                 "customer_code": _l("Code for changing data"), "customer_changed": _l("Notice of changed data"),
                 "closing": _l("Closing words of all mails")},
    "account": {"receivable": _l("Receivables"), "revenue": _l("Revenue"), "vat": _l("VAT"), "bank": _l("Bank"),
                "credit": _l("Credit balances"), "writeoff": _l("Write-offs"), "fee": _l("Fees"),
                "interest": _l("Interest"), "lumpsum": _l("Lump sums"), "provider_fee": _l("Provider's fees"),
                "deposit": _l("Deposits"), "clearing": _l("Money at a provider")},
}  # fmt: skip

# Why a mail could not be sent or a paper not be drawn.
PROBLEMS: Mapping[str, Any] = {
    "broken_logo": _l("The logo is not a readable picture."),
    "cannot_be_written": _l("The message could not be written:"),
    "key_changed": _l("The key of this installation (SECRET_KEY) has changed since. Please send a new link."),
    "drawing_failed": _l("The drawing of the paper failed."),
    "too_many_rows": _l("Excel takes no more than 1,048,575 rows. Please choose CSV or narrow the list."),
    "file_damaged": _l("The stored file is damaged."),
    "file_missing": _l("The stored file is missing."),
    "outcome_unknown": _l("The server gave no answer; the mail may have arrived. Please ask before sending it again."),
    "mail_refused": _l("The mail server refused the message."),
    "recipient_refused": _l("The mail server does not accept this recipient."),
    "sender_refused": _l("The mail server does not accept our sender address."),
    "smtp_connection_lost": _l("The line to the mail server broke."),
    "smtp_login_failed": _l("The mail server did not accept our login."),
    "smtp_unreachable": _l("The mail server does not answer."),
    "smtp_without_tls": _l("The mail server offers no encryption, so our password was not sent."),
    "too_large": _l("The document is too large."),
    "unsafe_header": _l("The address or the subject contains characters that a mail cannot carry."),
    "waiting_for_paper": _l("Waits for its document."),
}  # fmt: skip

UNITS: Mapping[str, tuple[Any, Any]] = {
    "day": (_l("every day"), _l("every %(count)s days")),
    "week": (_l("every week"), _l("every %(count)s weeks")),
    "month": (_l("every month"), _l("every %(count)s months")),
    "year": (_l("every year"), _l("every %(count)s years")),
}

# What happened, in the past tense, for lists of activities.
DEEDS: Mapping[str, Any] = {
    "api_key.created": _l("API key made"),
    "api_key.revoked": _l("API key revoked"),
    "company.changed": _l("Company data changed"),
    "company.created": _l("Company founded"),
    "company.logo_changed": _l("Logo changed"),
    "customer.activated": _l("Customer activated"),
    "customer.blocked": _l("Customer blocked"),
    "customer.changed": _l("Customer data changed"),
    "customer.code_guessed": _l("Code tried too often, it has ended"),
    "customer.code_sent": _l("Code sent to the customer"),
    "customer.created": _l("Customer created"),
    "customer.deactivated": _l("Customer deactivated"),
    "customer.deleted": _l("Customer deleted"),
    "customer.hash_renewed": _l("Customer link renewed"),
    "customer.iban_revealed": _l("IBAN looked at"),
    "customer.tagged": _l("Tags changed"),
    "export.made": _l("List exported"),
    "invoice.issued": _l("Invoice issued"),
    "load.seeded": _l("Load data made"),
    "message.retried": _l("Message put back into the queue"),
    "message.sent": _l("Message sent"),
    "message.stopped": _l("Message stopped"),
    "message.tested": _l("Test message ordered"),
    "number_range.changed": _l("Number range changed"),
    "paper.drawn_without_logo": _l("Paper drawn without its logo"),
    "paper.link_renewed": _l("Link of a paper renewed"),
    "paper.link_revoked": _l("Link of a paper revoked"),
    "paper.retried": _l("Paper put back into the queue"),
    "payment.recorded": _l("Payment recorded"),
    "product.assigned": _l("Add-on assigned to plans"),
    "product.changed": _l("Product changed"),
    "product.created": _l("Product created"),
    "role.deleted": _l("Role deleted"),
    "role.saved": _l("Role saved"),
    "run.finished": _l("Billing run finished"),
    "run.report_sent_again": _l("Report of a billing run sent again"),
    "run.retried": _l("Customer billed again after being left out"),
    "run.started": _l("Billing run started"),
    "staff.changed": _l("Staff access changed"),
    "staff.created": _l("Staff access created"),
    "staff.logged_in": _l("Logged in"),
    "staff.logged_out": _l("Logged out"),
    "staff.invitation_sent": _l("Invitation sent again"),
    "staff.invitation_used": _l("Invitation accepted"),
    "staff.password_set": _l("Password set"),
    "staff.recovery_code_used": _l("Recovery code used"),
    "staff.recovery_codes_made": _l("New recovery codes made"),
    "staff.reset_asked": _l("Link for a forgotten password asked for"),
    "staff.reset_sent": _l("Link for a new password sent"),
    "staff.reset_used": _l("New password chosen by link"),
    "staff.second_factor_begun": _l("Set-up of the second factor begun"),
    "staff.second_factor_off": _l("Second factor switched off"),
    "staff.second_factor_on": _l("Second factor switched on"),
    "staff.second_factor_reset": _l("Second factor reset"),
    "staff.session_ended": _l("Open logins ended"),
    "subscription.created": _l("Subscription created"),
    "subscription.periods_confirmed": _l("Open periods confirmed"),
    "tag.changed": _l("Tag renamed"),
    "tag.created": _l("Tag created"),
    "tag.deleted": _l("Tag deleted"),
    "text.changed": _l("Text changed"),
    "text.reset": _l("Text put back to the one that came along"),
}

# Why a run left somebody out, and what helps.
PARKED: Mapping[str, Any] = {
    "too_many_open_periods": _l("More than 12 open periods. Please check the contract and confirm them there."),
    "missing_fields": _l("The law asks for data of the recipient that are missing. Please complete the record."),
    "no_vat_rate": _l("There is no VAT rate for the day of supply."),
    "amount_too_large": _l("The amount is larger than the books can hold."),
    "too_many_periods": _l("The span of time is too long to be billed at once."),
    "outside_calendar": _l("A day of the contract lies outside the calendar. Please check its dates."),
    "part_outside_period": _l("A part of a period lies outside of it. Please check the dates of the contract."),
    "count_out_of_range": _l("The rhythm of the contract cannot be billed. Please check it."),
    "unreadable_interval": _l("The rhythm of the contract cannot be billed. Please check it."),
    "unknown_currency": _l("The currency of the contract is not known."),
    "currency_mismatch": _l("Amounts of two currencies met in one contract."),
    "percent_out_of_range": _l("A VAT rate is not between 0 and 100 percent."),
    "rates_overlap": _l("Two VAT rates hold for the same day."),
    "postings_not_balanced": _l("The postings do not balance, so nothing has been booked."),
    **dict.fromkeys(
        ("unknown_number_range", "number_too_long", "number_out_of_range", "pattern_too_long", "pattern_unreadable",
         "pattern_without_counter", "counter_width_out_of_range"),
        _l("The number range gives no number. Please check its pattern."),
    ),
    **dict.fromkeys(
        ("unexpected", "not_a_number", "negative_weight", "float_near_money", "not_whole_cents", "no_weight",
         "wrong_state", "unknown_machine", "no_company"),
        _l("An unexpected error. The log of the house tells more."),
    ),
}  # fmt: skip


def state_label(machine: str, state: Any) -> tuple[Any, str]:
    """(label, tone) of a state; an unknown one is shown as it is."""
    return STATES.get(machine, {}).get(str(state), (state, "plain"))


def kind_label(group: str, value: Any) -> Any:
    """The word for a code; an unknown one is shown as it is."""
    return KINDS.get(group, {}).get(value, "" if value is None else value)


def deed_label(code: str) -> Any:
    return DEEDS.get(code, code)


def account_label(account: str) -> str:
    """An account of `billing.ledger` in words: "Revenue 19 % (S)", "Money at a provider (stripe)"."""
    name, _, rest = account.partition(":")
    label = str(kind_label("account", name))
    category, _, rate = rest.partition(":")
    if rate:
        return f"{label} {percent(Decimal(rate))} ({category})"
    return f"{label} ({category})" if category else label


def problem_label(error: str) -> str:
    """Why a mail or a paper failed: its code in words, a server's status and what is waited for behind it."""
    code, separator, rest = error.partition(": ") if ": " in error else error.partition(" (")
    text = str(PROBLEMS.get(code, code))
    if separator == ": ":
        return f"{text} {problem_label(rest)}"
    return f"{text} ({rest}" if separator else text


def parked_label(code: str) -> Any:
    return PARKED.get(code) or gettext("Could not be billed (%(code)s).", code=code)


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
        state_label=state_label, kind_label=kind_label, deed_label=deed_label, parked_label=parked_label,
        account_label=account_label, problem_label=problem_label, rhythm=rhythm,
    )  # fmt: skip
