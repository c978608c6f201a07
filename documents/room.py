"""What stands in a place of fixed size: type as large as fits, down to a floor, and breaks where a reader expects them.

The library would shrink whatever is too much for its place until nobody can read it.
"""

from __future__ import annotations

import re
from typing import Final

from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth

from documents.fonts import REGULAR, register_fonts
from documents.text import printable

# Sizes in points with the class that sets them in paper.css; at the last one the place grows instead.
SENDER_SIZES: Final = (("", 8.0), ("smaller", 7.0), ("smallest", 6.2))
FOOT_SIZES: Final = (("", 6.8), ("smallest", 6.2))
SENDER_WIDTH: Final = 80.0
COLUMN_WIDTHS: Final = (50.0, 56.0, 51.0)  # mm, paddings taken off; see `.foot` in paper.css
FOOT_LINES: Final = 7  # what the foot holds at its full size
_BREAKS: Final = re.compile(r"(?<=[@./])(?=[^/])")


def sender_class(sender: str) -> str:
    """The class that lets the line above the window stay one line, or the smallest."""
    register_fonts()
    fitting = (name for name, size in SENDER_SIZES if _width(sender, size) <= SENDER_WIDTH)
    return next(fitting, SENDER_SIZES[-1][0])


def foot_class(columns: list[list[str]]) -> str:
    """The class of a foot: smaller type where its longest column is too tall."""
    register_fonts()
    return FOOT_SIZES[0][0] if _tallest(columns, FOOT_SIZES[0][1]) <= FOOT_LINES else FOOT_SIZES[-1][0]


def broken_address(address: str, column: int = 0) -> list[str]:
    """An e-mail or web address in lines no wider than its column, broken behind @, dots and slashes only."""
    register_fonts()
    lines = [""]
    for piece in _BREAKS.split(address):
        if lines[-1] and _width(lines[-1] + piece, FOOT_SIZES[0][1]) > COLUMN_WIDTHS[column]:
            lines.append("")
        lines[-1] += piece
    return lines


def _tallest(columns: list[list[str]], size: float) -> int:
    pairs = zip(columns, COLUMN_WIDTHS, strict=False)
    return max((sum(_lines(line, size, width) for line in column) for column, width in pairs), default=0)


def _lines(text: str, size: float, width: float) -> int:
    """How many lines a text takes, words longer than a line broken."""
    found = simpleSplit(str(printable(text)), REGULAR, size, width * mm)
    return sum(1 + int(_width(line, size) / width) for line in found)


def _width(text: str, size: float) -> float:
    return stringWidth(str(printable(text)), REGULAR, size) / mm
