"""Why money did not come, or went back: the words of providers and banks as people say them, one mapping for all.

Sources: docs.stripe.com/declines/codes, docs.stripe.com/disputes/categories and the failure reasons of refunds there;
docs.adyen.com/development-resources/refusal-reasons; Unzer's error codes (its payment core's numbers); the EPC's
reason codes of direct debits. What stands in none of them is shown in the provider's own word, as a quotation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

_BY_WORD: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_l("The account is not covered."), (
        "insufficient_funds", "12", "000.100.203", "800.100.155", "AM04")),
    (_l("The limit of the card or account is reached."), (
        "card_velocity_exceeded", "withdrawal_count_limit_exceeded", "28", "29", "800.100.162", "800.100.163")),
    (_l("The card has expired."), ("expired", "expired_card", "expired_or_canceled_card", "6", "100.100.303")),
    (_l("The card was reported stolen."), ("stolen_card", "800.100.159")),
    (_l("The card was reported lost."), ("lost_card", "800.100.165")),
    (_l("The card was reported lost or stolen."), ("lost_or_stolen_card", "pickup_card", "800.100.171")),
    (_l("Suspected fraud."), (
        "fraudulent", "merchant_blacklist",
        "security_violation", "14", "20", "22", "31", "800.100.158")),
    (_l("The card is blocked for this kind of payment."), (
        "restricted_card", "card_not_supported", "transaction_not_allowed", "not_permitted", "service_not_allowed",
        "5", "10", "23", "25", "800.100.160", "800.100.168", "800.100.169", "800.100.170")),
    (_l("The card number is not valid."), (
        "incorrect_number", "invalid_number", "invalid_expiry_month", "invalid_expiry_year", "testmode_decline", "8",
        "800.100.151",
        "800.100.157")),
    (_l("The check digits of the card are not right."), ("incorrect_cvc", "invalid_cvc", "24", "800.100.153")),
    (_l("The name or address does not fit."), (
        "incorrect_account_holder_name", "incorrect_address", "incorrect_zip", "32")),
    (_l("The card was replaced by a new one."), ("new_account_information_available",)),
    (_l("It was tried too often."), ("46", "800.100.161")),
    (_l("The PIN was not right."), (
        "incorrect_pin", "invalid_pin", "pin_try_exceeded", "offline_pin_required", "online_or_offline_pin_required",
        "17", "18", "33", "36", "43")),
    (_l("The bank refused it without saying why."), (
        "generic_decline", "do_not_honor", "call_issuer", "no_action_taken", "card_declined", "declined", "2", "3",
        "27", "800.100.100", "800.100.152", "800.100.156", "800.100.167", "800.100.177", "authorisation",
        "do_not_try_again", "payment_method_not_available", "MS03")),
    (_l("The bank could not be reached."), (
        "issuer_not_available", "processing_error", "reenter_transaction", "try_again_later", "bank_cannot_process",
        "4", "9")),
    (_l("The customer did not confirm in time."), ("not_confirmed",)),
    (_l("The customer did not confirm."), (
        "authentication_failed", "authentication_required", "authentication_not_handled",
        "payment_intent_authentication_failure", "setup_intent_authentication_failure",
        "mobile_device_authentication_required", "payment_method_customer_decline", "11", "16", "38", "39", "42")),
    (_l("There are no payment data that could be charged."), ("no_method",)),
    (_l("The kept payment method was declined for good or charged back, and is not charged by itself any more."),
     ("held",)),
    (_l("The permission for it was taken back or is missing."), (
        "revocation_of_authorization", "revocation_of_all_authorizations", "stop_payment_order", "debit_not_authorized",
        "mandate_invalid", "payment_intent_mandate_invalid", "26", "MD01")),
    (_l("The account does not exist any more."), (
        "account_closed", "no_account", "invalid_account", "invalid_account_number", "incorrect_account_details",
        "34", "35", "AC01", "AC04")),
    (_l("The bank allows no direct debits on this account."), (
        "bank_account_restricted", "bank_account_unusable", "800.100.172", "AC06", "AC13", "AG01", "SL01")),
    (_l("The customer objected to it."), ("customer_initiated", "unrecognized", "MD06", "MS02")),
    (_l("The customer says that it was charged twice."), ("duplicate",)),
    (_l("It was collected twice."), ("AM05",)),
    (_l("The customer says that nothing was delivered."), ("product_not_received",)),
    (_l("The customer says that it was not what was promised."), ("product_unacceptable",)),
    (_l("The customer says that the subscription had been cancelled."), ("subscription_canceled",)),
    (_l("The customer says that a refund is missing."), ("credit_not_processed",)),
    (_l("The account's holder has died."), ("recipient_deceased", "MD07")),
    (_l("The file or its day was not right."), ("DT01", "FF01", "RC01", "RR01", "TM01")),
    (_l("The customer's bank has taken the money back already."), ("charge_for_pending_refund_disputed",)),
    (_l("The provider says that this is more than is left of the payment."), ("refund_too_large",)),
    (_l("The provider does not know this payment."), ("unknown_charge", "unknown_refund")),
    (_l("The provider does not do this with the payment as it stands there."), ("charge_state", "cannot_cancel")),
    (_l("The provider does not take this amount or currency."), (
        "amount_invalid", "currency", "currency_not_supported", "7")),
    (_l("The provider does not accept our keys."), ("credentials",)),
    (_l("No reason was told."), (
        "general", "unknown", "failed", "cancelled", "charged_back", "returned", "chargeback", "second_chargeback",
        "charge.dispute.created", "charge.dispute.funds_withdrawn", "RETURN", "NOAS")),
    (_l("The provider gave no answer, and asking again could charge twice. Please look it up there."), ("no_answer",)),
    (_l("The provider gave no answer."), ("sandbox_timeout", "timeout")),
    (_l("Looked up by a person: not taken."), ("decided",)),
    (_l("Declined this time."), ("soft",)),
    (_l("Declined for good."), ("hard",)),
    (_l("The customer has to confirm."), ("action", "37", "41")),
)  # fmt: skip
WORDS: Mapping[str, Any] = {code.casefold(): word for word, codes in _BY_WORD for code in codes}


def known_reason(code: str) -> Any | None:
    """The reason in words, or None for what is no code that we know. Activities keep codes without underlines."""
    told = code.casefold().replace(" ", "_")
    for origin in ("cor.", "sdm."):  # where in Unzer's house a number came from
        told = told.removeprefix(origin)
    return WORDS.get(told)


def reason_label(code: str) -> str:
    """The reason in words; an unknown one as its provider says it, as a quotation; nothing for nothing."""
    if not code:
        return ""
    return str(known_reason(code) or gettext("“%(word)s”", word=code))


def declined_label(code: str) -> str:
    """Why a payment was declined."""
    return str(known_reason(code) or gettext("Declined: %(reason)s", reason=reason_label(code)))


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(reason_label=reason_label, declined_label=declined_label)
