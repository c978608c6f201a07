"""Instalments as people write them down: a day and an amount on each line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from babel.numbers import NumberFormatError, parse_decimal
from flask_babel import get_locale

from admin import formats
from billing.errors import Invalid
from billing.instalments import MOST, Instalment

FIELD = "instalments"
_LINE = re.compile(r"(?P<day>[\d.-]{8,10})[\s:;]+(?P<sum>[\d.,’' ]{1,20})\s*(?:€|EUR)?", re.ASCII)  # digits 0 to 9 only
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


def read(text: str, open_cents: int, currency: str) -> tuple[Instalment, ...]:
    """The instalments, in the order of the lines. Raises Invalid("instalments") naming the line, or both sums."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST:
        raise Invalid(FIELD, "too_many_instalments", most=MOST)
    parts = tuple(_part(number, line) for number, line in enumerate(lines, start=1))
    _prove(parts, open_cents, currency)
    return parts


def _part(number: int, line: str) -> Instalment:
    found = _LINE.fullmatch(line)
    day, amount = (_day(found["day"]), _amount(found["sum"])) if found else (None, None)
    if day is None or amount is None:
        raise Invalid(FIELD, "instalment_unreadable", line=number)
    if amount <= 0 or amount * 100 != int(amount * 100):
        raise Invalid(FIELD, "instalment_no_amount", line=number)
    return Instalment(day, int(amount * 100))


def _day(text: str) -> date | None:
    german = _GERMAN.fullmatch(text)
    try:
        return date(int(german[3]), int(german[2]), int(german[1])) if german else date.fromisoformat(text)
    except ValueError:
        return None


def _amount(text: str) -> Decimal | None:
    try:
        return parse_decimal(text.strip(), locale=get_locale() or "de", strict=True)
    except NumberFormatError:
        return None


def _prove(parts: Sequence[Instalment], open_cents: int, currency: str) -> None:
    """They come to what is open, to the cent."""
    given = sum(part.cents for part in parts)
    if given != open_cents:
        sums = {"given": formats.money(given, currency), "open": formats.money(open_cents, currency)}
        raise Invalid(FIELD, "instalments_differ", **sums)
