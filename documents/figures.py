"""Numbers, money and dates as people write them: 1.234,50 € and 30.11.2026, or €1,234.50 and 30 Nov 2026."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

# Dates in English are written the European way, day first and the month as a word, so that nobody can misread them.
_DATES: Final = {"de": ("de", "dd.MM.yyyy"), "en": ("en_GB", "d MMM yyyy")}
_PRICE: Final = {"de": "#,##0.00#### ¤", "en": "¤#,##0.00####"}


def money(cents: int, currency: str, language: str) -> str:
    """Whole cents as money: 123450 EUR is `1.234,50 €` in German, `€1,234.50` in English.

    The blank is a plain one: the library sets a no-break space as a piece of its own, which made every line of a
    paper a tenth slower; columns are wide enough to need no protection.
    """
    return _spaced(format_currency(_from_cents(cents), currency, locale=_locale(language)))


def grouped(iban: str) -> str:
    """An IBAN in groups of four that stay on one line."""
    plain = "".join(iban.split()).upper()
    return "\u00a0".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def price(amount: Decimal, currency: str, language: str) -> str:
    """A unit price with all its decimals, at least two: 0.0125 EUR is `0,0125 €`."""
    pattern = _PRICE[_known(language)]
    return _spaced(
        format_currency(
            amount, currency, pattern, locale=_locale(language), currency_digits=False, decimal_quantization=False
        )
    )


def quantity(amount: Decimal, language: str) -> str:
    """A quantity without needless noughts: 1.5000 is `1,5`."""
    return format_decimal(amount, "#,##0.######", locale=_locale(language))


def percent(rate: Decimal, language: str) -> str:
    """A rate in percent: 19.00 is `19 %` in German, `19%` in English."""
    pattern = "#,##0.#### %" if _known(language) == "de" else "#,##0.####%"
    return format_percent(rate / 100, pattern, locale=_locale(language), decimal_quantization=False)


@lru_cache(maxsize=1024)
def day(value: date, language: str) -> str:
    """A calendar day."""
    locale, pattern = _DATES[_known(language)]
    return format_date(value, pattern, locale=locale)


def period(first: date, last: date, language: str) -> str:
    """A period, both days inclusive: `01.11.2026–30.11.2026`; a single day is written once."""
    if first == last:
        return day(first, language)
    dash = "–" if _known(language) == "de" else " – "
    return day(first, language) + dash + day(last, language)


def _spaced(written: str) -> str:
    """With plain blanks, and one between letters and figures: `CHF 99.00`."""
    return re.sub(r"(?<=[A-Za-z])(?=\d)", " ", written.replace("\u00a0", " "))


def _from_cents(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _known(language: str) -> str:
    return "de" if language == "de" else "en"


@lru_cache(maxsize=4)
def _locale(language: str) -> Locale:
    return Locale.parse(_known(language))
