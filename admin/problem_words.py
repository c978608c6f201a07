"""The words for what went wrong: why a mail or a paper failed, and why a run left somebody out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

import gateways
from admin.einvoice_words import rules_label

# Why a mail could not be sent or a paper not be drawn.
PROBLEMS: Mapping[str, Any] = {
    "broken_logo": _l("The logo is not a readable picture."),
    "attachment_gone": _l("A document that was to come along was deleted."),
    "cannot_be_written": _l("The message could not be written:"),
    "key_changed": _l("The key of this installation (SECRET_KEY) has changed since. Please send a new link."),
    "drawing_failed": _l("The drawing of the paper failed."),
    "einvoice_invalid": _l("The e-invoice does not hold, so it was not sent:"),
    "einvoice_unbuildable": _l("The e-invoice cannot say these data. Please tell whoever looks after Kontor."),
    "not_archivable": _l("The PDF would not be archivable. Please tell whoever looks after Kontor."),
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

# Why a run left somebody out, and what helps.
PARKED: Mapping[str, Any] = {
    "too_many_open_periods": _l("More than 12 open periods. Please check the contract and confirm them there."),
    "missing_fields": _l("The law asks for data that are missing. Please complete them."),
    "vat_id_invalid": _l("The VAT ID is not valid, so VAT cannot be left out. Please correct or delete it, or check it "
                         "again."),
    "vat_id_unconfirmed": _l("The VAT ID has not been confirmed lately, so the invoice waits. Please check it on the "
                             "record."),
    "small_business_limit": _l("This invoice would go beyond the 100,000 EUR a year of a small business. Please "
                               "confirm the change to regular VAT in the tax settings."),
    "no_vat_rate": _l("There is no VAT rate for the day of supply."),
    "usage_claimed": _l("Usage was claimed by another run. Please try again; if it stays, check the books."),
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


# Why what a provider told could not be worked on. Other codes are refusals of the house, or the provider's own.
OF_EVENTS: Mapping[str, Any] = {
    "unknown_provider": _l("The provider is not offered any more: its keys are missing."),
    "unknown_charge": _l("Nothing of ours has this number. It may belong to another system with the same keys."),
    "unknown_refund": _l("Nothing of ours has this number. It may belong to another system with the same keys."),
    "setup_open": _l("The customer has not finished at the provider yet."),
    "timeout": _l("The provider gave no answer."),
    "connection_lost": _l("The line to the provider broke."),
    "sandbox_timeout": _l("The provider gave no answer."),
    "unreadable": _l("The provider's answer could not be read."),
    "not_readable": _l("The provider's answer could not be read."),
    "currency_mismatch": _l("The provider tells another currency than the invoice has."),
    "other_sum": _l("The provider tells another sum than was asked for. Please compare it there."),
}  # fmt: skip


def event_problem(code: str) -> Any:
    """Why what a provider told was not worked on, in words."""
    if not code:
        return gettext("It has not been looked at yet.")
    return OF_EVENTS.get(code) or gettext("It could not be booked (%(code)s). The log of the house tells more.",
                                          code=code)  # fmt: skip


def problem_label(error: str) -> str:
    """Why a mail or a paper failed: its code in words, a server's status and what is waited for behind it."""
    code, separator, rest = error.partition(": ") if ": " in error else error.partition(" (")
    text = str(PROBLEMS.get(code, code))
    if code == "einvoice_invalid":
        return f"{text} {rules_label(rest)}"
    if separator == ": ":
        return f"{text} {problem_label(rest)}"
    return f"{text} ({rest}" if separator else text


def parked_label(code: str) -> Any:
    return PARKED.get(code) or gettext("Could not be billed (%(code)s).", code=code)


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        problem_label=problem_label, parked_label=parked_label,
        provider_label=gateways.title_of,
    )  # fmt: skip
