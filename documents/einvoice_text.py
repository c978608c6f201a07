"""Values as an e-invoice writes them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

# What XML 1.0 cannot hold: one such character would make the whole document unreadable.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Text without outer blanks and without characters that XML cannot hold."""
    return _FORBIDDEN.sub("", text).strip()


def amount(cents: int) -> str:
    """Whole cents with two decimals and a point: 123450 is `1234.50`."""
    return f"{Decimal(cents).scaleb(-2):.2f}"


def plain(value: Decimal) -> str:
    """A decimal without needless noughts, but two decimals at least and never an exponent: 8.395000 is `8.395`."""
    text = f"{value:f}".rstrip("0") if "." in f"{value:f}" else f"{value:f}"
    whole, _, places = text.partition(".")
    return f"{whole}.{places:0<2}"
