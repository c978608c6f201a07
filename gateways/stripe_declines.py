"""Whether asking again can help, by Stripe's own words for a decline.

Source: docs.stripe.com/declines/codes (cards, and the failure codes of bank debits). What is not listed is soft: the
schedule ends by itself.
"""

from __future__ import annotations

from typing import Final

from gateways.base import DeclineKind

HARD: Final = frozenset(
    (
        *("account_closed", "bank_account_restricted", "bank_account_unusable", "card_not_supported"),
        *("currency_not_supported", "debit_not_authorized", "do_not_try_again", "expired_card", "fraudulent"),
        *("incorrect_account_holder_name", "incorrect_number", "invalid_account", "invalid_account_number"),
        *("invalid_expiry_month", "invalid_expiry_year", "invalid_number", "lost_card", "mandate_invalid"),
        *("merchant_blacklist", "new_account_information_available", "no_account", "not_permitted"),
        *("payment_intent_mandate_invalid", "payment_method_not_available", "pickup_card", "recipient_deceased"),
        *("restricted_card", "revocation_of_all_authorizations", "revocation_of_authorization", "security_violation"),
        *("service_not_allowed", "stolen_card", "stop_payment_order", "testmode_decline", "transaction_not_allowed"),
    )
)
ACTION: Final = frozenset(
    (
        *("authentication_not_handled", "authentication_required", "incorrect_address", "incorrect_cvc"),
        *("incorrect_pin", "incorrect_zip", "invalid_cvc", "invalid_pin", "mobile_device_authentication_required"),
        *("offline_pin_required", "online_or_offline_pin_required", "payment_intent_authentication_failure"),
        *("payment_method_customer_decline", "pin_try_exceeded", "setup_intent_authentication_failure"),
    )
)
# Stripe's advice comes from the card's network and goes before the code.
BY_ADVICE: Final[dict[str, DeclineKind]] = {
    "do_not_try_again": "hard", "confirm_card_data": "action", "try_again_later": "soft",
}  # fmt: skip


def kind_of(code: str, advice: str = "") -> DeclineKind:
    """`code` is the decline code or, without one, the error's code; `advice` the advice code, if there is one."""
    if code in ACTION:
        return "action"
    if code in HARD:
        return "hard"
    return BY_ADVICE.get(advice, "soft")
