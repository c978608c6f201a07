"""Checks of single values, the same for every channel by which they come in (M1-11).

Each check returns the clean value or raises `Invalid(field, code)`; the value itself never stands in the error.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal
from typing import Any

import pycountry
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException
from sqlalchemy import String
from stdnum import get_cc_module
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError

from billing.errors import Invalid
from billing.unseen import as_read

LONGEST_TEXT = 10_000
# Currencies with two decimals that a contract may be in: those the call API knows.
CURRENCIES = frozenset(
    [
        "EUR",
        "GBP",
        "CHF",
        "USD",
        "ZAR",
        "AUD",
        "CAD",
        "PLN",
        "CZK",
        "CNY",
        "HUF",
        "BRL",
        "RON",
        "CVE",
        "DKK",
        "SEK",
        "INR",
        "RUB",
        "HRK",
        "MXN",
        "NOK",
    ]
) - {"HRK"}  # Croatia has paid in EUR since 2023

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAK = re.compile("[\t\n\r\u2028\u2029]")
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"/]+\.[^\s@<>()\[\],;:\\\"/.]{2,}")
COUNTRIES = frozenset(country.alpha_2 for country in pycountry.countries) | {"XK"}


def text_of(column: Any, value: object) -> str:
    """Text that fits the column, as it is read; several lines only where the column is a long one (S28)."""
    field, lines = column.key, not (isinstance(column.type, String) and column.type.length)
    if not isinstance(value, str):
        raise Invalid(field, "not_a_text")
    clean = as_read(value.replace("\r\n", "\n"))
    if _CONTROL.search(clean) or (not lines and _LINE_BREAK.search(clean)):
        raise Invalid(field, "control_character")
    if len(clean) > (column.type.length or LONGEST_TEXT):
        raise Invalid(field, "too_long", longest=column.type.length or LONGEST_TEXT)
    return clean


def one_of(field: str, value: Any, choices: Collection[Any]) -> Any:
    """A value out of a closed list."""
    if value not in choices:
        raise Invalid(field, "not_a_choice")
    return value


def email(field: str, value: str) -> str:
    """One address, or nothing."""
    if value and not _EMAIL.fullmatch(value):
        raise Invalid(field, "not_an_email")
    return value


def emails(field: str, value: str) -> str:
    """Addresses separated by commas, or nothing."""
    parts = [email(field, part.strip()) for part in value.replace(";", ",").split(",") if part.strip()]
    return ", ".join(parts)


def country(field: str, value: str) -> str:
    """A country of ISO 3166-1, in capitals."""
    return str(one_of(field, value.upper(), COUNTRIES))


def currency(field: str, value: str) -> str:
    """A currency of two decimals, in capitals."""
    return str(one_of(field, value.upper(), CURRENCIES))


def iban(field: str, value: str) -> str:
    """An IBAN with correct check digits, without blanks; or nothing (M1-16)."""
    try:
        return str(IBAN(value).compact) if value else ""
    except SchwiftyException:
        raise Invalid(field, "not_an_iban") from None


def bic(field: str, value: str) -> str:
    """A BIC, in capitals; or nothing."""
    try:
        return str(BIC(value).compact) if value else ""
    except SchwiftyException:
        raise Invalid(field, "not_a_bic") from None


def vat_id(field: str, value: str, country_code: str) -> str:
    """A VAT id with its prefix and, in the countries that have check digits, a correct one; or nothing."""
    compact = re.sub(r"[\s.\-/]", "", value).upper()
    if not compact:
        return ""
    prefix = "EL" if country_code == "GR" else country_code
    candidates = [compact] if compact[:2].isalpha() else [prefix + compact]
    for candidate in candidates:
        if _is_vat_id(candidate):
            return candidate
    raise Invalid(field, "not_a_vat_id")


def number_in(field: str, value: Any, low: int, high: int) -> int:
    """A whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Invalid(field, "out_of_range", low=low, high=high)
    return value


def exact(field: str, value: Any, low: Decimal, high: Decimal, places: int) -> Decimal:
    """A decimal within bounds and with no more than `places` decimals; a float is refused near money."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise Invalid(field, "not_a_number")
    number = Decimal(value)
    if not number.is_finite() or not low <= number <= high:
        raise Invalid(field, "out_of_range")
    if number != round(number, places):
        raise Invalid(field, "too_many_decimals", places=places)
    return number


def _is_vat_id(candidate: str) -> bool:
    """By the country's own rule; a country without one (outside the Union) is believed."""
    if eu_vat.is_valid(candidate):
        return True
    code = candidate[:2].lower()
    if code in eu_vat.MEMBER_STATES or code == "el":
        return False
    module = get_cc_module("gb" if code == "xi" else code, "vat")
    return len(candidate) <= 20 if module is None else _valid_by(module, candidate)


def _valid_by(module: Any, candidate: str) -> bool:
    try:
        return bool(module.validate(candidate))
    except ValidationError:
        return False
