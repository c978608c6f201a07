"""Document numbers from a pattern such as "RE-{YYYY}-{N:5}". Which n comes next is the sequence's affair (NUM-1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from billing.errors import Invalid

MAX_LENGTH = 30
_PLACEHOLDER = re.compile(r"\{(YYYY|YY|N)(?::(\d{1,2}))?\}")
# What survives SEPA texts, DATEV's Belegfeld, file names and a telephone call.
_LITERAL = re.compile(r"[A-Za-z0-9 ._/#+-]*")
_SIMPLE = re.compile(r"([^{}]*)(?:\{(YYYY|YY)\}([^{}]*))?\{N(?::(\d{1,2}))?\}([^{}]*)")


def format_number(pattern: str, year: int, n: int) -> str:
    """The number of document n in a year. A counter wider than its width grows, it is never cut.

    Raises Invalid("pattern") for a bad pattern, Invalid("number") when the result is longer than 30.
    """
    template = _template(pattern)
    if n < 0 or not 1 <= year <= 9999:
        raise Invalid("number", "number_out_of_range", n=n, year=year)
    number = template % {"N": n, "YYYY": year, "YY": year % 100}
    if len(number) > MAX_LENGTH:
        raise Invalid("number", "number_too_long", length=len(number))
    return number


def validate_pattern(pattern: str) -> None:
    """Raises Invalid("pattern") unless numbers can be made of it: {N} exactly once, {YYYY} and {YY} as wished."""
    _template(pattern)


def preview(pattern: str, year: int, n: int = 1, count: int = 3) -> list[str]:
    """The next `count` numbers, for the settings page."""
    return [format_number(pattern, year, n + i) for i in range(count)]


@lru_cache(maxsize=256)
def _template(pattern: str) -> str:
    if len(pattern) > MAX_LENGTH:
        raise Invalid("pattern", "pattern_too_long", length=len(pattern))
    if not _LITERAL.fullmatch(_PLACEHOLDER.sub("", pattern)):
        raise Invalid("pattern", "pattern_unreadable")
    if sum(match[1] == "N" for match in _PLACEHOLDER.finditer(pattern)) != 1:
        raise Invalid("pattern", "pattern_without_counter")
    return _PLACEHOLDER.sub(_printf, pattern)


def _printf(match: re.Match[str]) -> str:
    name, width = match[1], match[2]
    if name != "N" and width is not None:
        raise Invalid("pattern", "pattern_unreadable")
    if name == "N" and width is not None and not 1 <= int(width) <= 12:
        raise Invalid("pattern", "counter_width_out_of_range", width=int(width))
    digits = {"YYYY": 4, "YY": 2, "N": int(width or 1)}[name]
    return f"%({name})0{digits}d"


@dataclass(frozen=True, slots=True)
class Parts:
    """A pattern as a form shows it: prefix, year ("", "YY" or "YYYY"), what parts it from the counter, the counter's
    digits, suffix."""

    prefix: str = ""
    year: str = ""
    separator: str = ""
    digits: int = 5
    suffix: str = ""


def join_parts(parts: Parts) -> str:
    """The pattern of its parts; the separator stands only where there is a year."""
    year = f"{{{parts.year}}}{parts.separator}" if parts.year else ""
    return f"{parts.prefix}{year}{{N:{parts.digits}}}{parts.suffix}"


def split_parts(pattern: str) -> Parts | None:
    """The parts of a pattern, or None where it is built in another order and only an expert can read it."""
    found = _SIMPLE.fullmatch(pattern)
    if found is None:
        return None
    prefix, year, separator, digits, suffix = (found[n] or "" for n in range(1, 6))
    return Parts(prefix, year, separator, int(digits or 1), suffix)
