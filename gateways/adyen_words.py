"""Adyen's words as ours: its result codes, refusal reasons and event codes, as its documentation lists them."""

from __future__ import annotations

from typing import Final

from gateways.base import ChargeStatus, DeclineKind, EventKind, Kind, Refused

# A payment that Adyen authorised counts as taken: the account has to capture at once, which is its default. A debit is
# authorised, too, and comes back as a chargeback where the bank returns it.
RESULTS: Final[dict[str, ChargeStatus]] = {
    "Authorised": "succeeded",
    "Received": "processing",
    "Pending": "processing",
    "RedirectShopper": "needs_action",
    "IdentifyShopper": "needs_action",
    "ChallengeShopper": "needs_action",
    "PresentToShopper": "needs_action",
    "Refused": "declined",
    "Error": "declined",
    "Cancelled": "cancelled",
}

# 5 blocked, 6 expired, 7 invalid amount, 8 invalid number, 10 not supported, 14 20 22 31 fraud, 18 PIN tries, 23 not
# permitted, 25 restricted, 26 authorisation revoked, 34 35 no such account, 46 stopped because of too many tries.
_HARD: Final = frozenset(("5", "6", "7", "8", "10", "14", "18", "20", "22", "23", "25", "26", "31", "34", "35", "46"))
# 11 39 42 3-D Secure, 16 given up by the customer, 17 33 36 43 PIN, 24 CVC, 32 address, 37 41 start anew,
# 38 authentication required.
_ACTION: Final = frozenset(("11", "16", "17", "24", "32", "33", "36", "37", "38", "39", "41", "42", "43"))

TYPES: Final[dict[Kind, str]] = {"card": "scheme", "paypal": "paypal", "sepa_debit": "sepadirectdebit"}
KINDS: Final[dict[str, Kind]] = {type_: kind for kind, type_ in TYPES.items()}

EVENTS: Final[dict[str, EventKind]] = {
    "AUTHORISATION": "charge",
    "CAPTURE": "charge",
    "CAPTURE_FAILED": "charge",
    "CANCELLATION": "charge",
    "TECHNICAL_CANCEL": "charge",
    "EXPIRE": "charge",
    "REFUND": "refund",
    "REFUND_FAILED": "refund",
    "REFUNDED_REVERSED": "refund",
    "CHARGEBACK": "chargeback",
    "SECOND_CHARGEBACK": "chargeback",
    "CHARGEBACK_REVERSED": "chargeback_reversed",
    "PREARBITRATION_WON": "chargeback_reversed",
    "RECURRING_CONTRACT": "setup",
    "recurring.token.created": "setup",
    "recurring.token.alreadyExisting": "setup",
    "recurring.token.updated": "method_updated",
    "recurring.token.disabled": "method_updated",
}

# "Currency codes": where Adyen does not count in the smallest unit of ISO 4217, but in hundredths or in whole units.
_HUNDREDFOLD: Final = frozenset({"CLP", "ISK"})
_WHOLE: Final = frozenset({"CVE", "IDR"})


def theirs(cents: int, currency: str) -> int:
    """Our amount as Adyen's. Raises Refused for one that Adyen has no unit for."""
    if currency in _WHOLE and cents % 100:
        raise Refused("amount_invalid", currency=currency)
    if currency in _HUNDREDFOLD:
        return cents * 100
    return cents // 100 if currency in _WHOLE else cents


def ours(amount: int, currency: str) -> int:
    """Adyen's amount as ours."""
    if currency in _HUNDREDFOLD:
        return amount // 100
    return amount * 100 if currency in _WHOLE else amount


def decline_kind(code: str) -> DeclineKind:
    """Of a refusal code; what nobody lists may be asked again (2 refused, 4 acquirer, 9 issuer away, 12 balance)."""
    if code in _HARD:
        return "hard"
    return "action" if code in _ACTION else "soft"
