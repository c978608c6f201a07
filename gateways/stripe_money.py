"""Amounts as Stripe counts them. Ours are in the minor unit of ISO 4217; Stripe's differ for a few currencies.

Source: docs.stripe.com/currencies (zero-decimal currencies, three-decimal currencies, special cases).
"""

from __future__ import annotations

from typing import Final

from gateways.base import Refused

# ISO 4217 knows no smaller unit, Stripe counts in hundredths that are always 00.
HUNDREDFOLD: Final = frozenset({"ISK"})
# ISO 4217 knows a fifth part written with two places, Stripe counts whole units.
WHOLE: Final = frozenset({"MGA"})
# Both count thousandths; Stripe takes none that do not end in 0.
TENS: Final = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
# Stripe's page lists it both ways; a factor of 100 is not to be guessed.
UNCLEAR: Final = frozenset({"UGX"})


def theirs(cents: int, currency: str) -> int:
    """Our amount as Stripe's. Raises Refused("amount_invalid") for one that Stripe cannot take, Refused("currency")."""
    if currency in UNCLEAR:
        raise Refused("currency", currency=currency)
    if cents <= 0 or (currency in WHOLE and cents % 100) or (currency in TENS and cents % 10):
        raise Refused("amount_invalid", currency=currency)
    if currency in HUNDREDFOLD:
        return cents * 100
    return cents // 100 if currency in WHOLE else cents


def ours(amount: int, currency: str) -> int:
    """Stripe's amount as ours."""
    if currency.upper() in HUNDREDFOLD:
        return amount // 100
    return amount * 100 if currency.upper() in WHOLE else amount
