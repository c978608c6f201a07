"""Unzer's words as ours, and its amounts: decimals in whole units of the currency, four digits behind the point."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from gateways.base import DeclineKind, Kind, Refused, Unanswered

SLUGS: Final[dict[Kind, str]] = {"card": "card", "paypal": "paypal", "sepa_debit": "sepa-direct-debit"}
KINDS: Final[dict[str, Kind]] = {"crd": "card", "ppl": "paypal", "sdd": "sepa_debit"}  # as in s-crd-...

# ISO 4217: what the smallest unit is worth. Two digits, but for these.
_NONE: Final = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF",
                "XPF")  # fmt: skip
_THREE: Final = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_DIGITS: Final = dict.fromkeys(_NONE, 0) | dict.fromkeys(_THREE, 3)

# "Merchant advice error codes": the schemes want no second try of the first. Of the second ten in 30 days at most.
_HARD: Final = ("800.100.151", "800.100.152", "800.100.156", "800.100.159", "800.100.167", "800.100.171",
                "800.100.172", "800.100.177")  # fmt: skip
# By groups of "Error codes": 100.100 the card's data (303 expired), 100.150 registration, 100.400 risk checks, 100.380
# 100.390 and 000.400.1 3-D Secure, 000.100.2 what a bank says of a debit (203 no money), 800.300 and 800.700 black
# lists and fraud.
_SOFT_OF_DEBIT: Final = "000.100.203"
_HARD_GROUPS: Final = ("100.100.", "100.150.", "100.400.", "000.100.2", "800.300.", "800.700.")
_ACTION_GROUPS: Final = ("100.380.", "100.390.", "000.400.1")
_DECLINES: Final = ("800.", *_HARD_GROUPS, *_ACTION_GROUPS)


def amount_of(cents: int, currency: str) -> float:
    """For the library, which wants a float and writes its shortest form: 1999 EUR is 19.99, exactly so in the text."""
    return float(Decimal(cents).scaleb(-_digits(currency)))


def cents_of(amount: object, currency: str) -> int:
    """What Unzer says, "19.9900"; Unanswered for what is no whole number of cents."""
    try:
        cents = Decimal(str(amount)).scaleb(_digits(currency))
    except ArithmeticError:
        raise Unanswered("unreadable") from None
    if not cents.is_finite() or cents != cents.to_integral_value():
        raise Unanswered("unreadable")
    return int(cents)


def _digits(currency: str) -> int:
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise Refused("currency")
    return _DIGITS.get(currency, 2)


def is_decline(code: str) -> bool:
    """Whether an error is the bank's or the risk check's no. Others are mistakes of the request, or of the moment."""
    return code.startswith("SDM.") or bare(code).startswith(_DECLINES) and code.startswith("COR.")


def is_unsure(code: str) -> bool:
    """Payment core lost its own connection (900.1): the outcome may be anything."""
    return bare(code).startswith("900.1") and code.startswith("COR.")


def decline_kind(code: str) -> DeclineKind:
    """Of a code with its origin in front, COR.800.100.155."""
    told = bare(code)
    if told == _SOFT_OF_DEBIT:
        return "soft"
    if told.startswith(_ACTION_GROUPS):
        return "action"
    return "hard" if code.startswith("SDM.") or told in _HARD or told.startswith(_HARD_GROUPS) else "soft"


def bare(code: str) -> str:
    return code.partition(".")[2]
