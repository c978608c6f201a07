"""Where a page begins: the sort values and the id of a row, as a token in an address. Read as strictly as a form."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

END = "end"  # before it stands the last page
LONGEST = 1200  # a token of the longest name, several times over
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Position:
    """The values of a row in the order of the list's keys, and how many rows stand before the place, if known."""

    values: tuple[Any, ...]
    number: int | None


def write(values: Sequence[Any], number: int | None) -> str:
    """The token of a place."""
    spelled = [value.isoformat() if isinstance(value, date) else value for value in values]
    text = json.dumps([number, *spelled], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(token: str, keys: Sequence[Any]) -> Position | None:
    """The place of a token, or None for whatever is none: garbled, too long, or of other columns than these."""
    if not token or len(token) > LONGEST or not token.isascii():
        return None
    try:
        found = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True))
        number, *spelled = found if isinstance(found, list) else [None]
        if len(spelled) != len(keys) or not (number is None or _is_number(number, 0)):
            return None
        values = tuple(_value(value, key, last=n == len(keys) - 1) for n, (value, key) in
                       enumerate(zip(spelled, keys, strict=True)))  # fmt: skip
    except (ValueError, TypeError, RecursionError, binascii.Error):
        return None
    return Position(values, number)


def _value(value: Any, key: Any, last: bool) -> Any:
    """The value as its column has it; ValueError for any other kind."""
    kind = key.type.python_type
    if value is None and not last and getattr(key, "nullable", False):
        return None
    if kind is date and isinstance(value, str):
        return date.fromisoformat(value)
    if kind is int and _is_number(value, -_LARGEST):
        return value
    if kind is str and isinstance(value, str) and "\x00" not in value:
        value.encode()  # a lone surrogate is no text (UnicodeEncodeError is a ValueError)
        return value
    raise ValueError("not a value of this column")


def _is_number(value: Any, smallest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and smallest <= value <= _LARGEST
