"""Text that the paper's font can draw: what it cannot draw is shown as a mark, never as a hole in the line (F26)."""

from __future__ import annotations

import unicodedata
from typing import Final

from markupsafe import Markup

from documents.fonts import drawable_characters

MISSING: Final = "\ufffd"
# Invisible by nature: they join, vary or hint, and would each leave a mark of their own after an emoji or in a word.
_SILENT: Final = dict.fromkeys(
    [0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]
)
_SPACES: Final = {0x09: " ", 0x0B: " ", 0x0C: " ", 0x0D: "\n", 0x85: "\n", 0x2028: "\n", 0x2029: "\n"}


def printable(value: object) -> object:
    """Any value put into a paper, as text in composed form (NFC) with every character the font lacks marked.

    Control characters, lone surrogates and the signs that turn the direction of writing count as lacking: a name
    must not be able to rearrange the sums beside it. Markup is ours and passes as it is.
    """
    if isinstance(value, Markup):
        return value
    text = str(value)
    return text if text.isascii() and text.isprintable() else _marked(text)


def one_line(value: str) -> str:
    """The text with every line break and run of blanks as one blank."""
    return " ".join(value.split())


def _marked(text: str) -> str:
    plain = text.replace("\r\n", "\n").translate(_SPACES).translate(_SILENT)
    drawable = drawable_characters()
    return "".join(character if character in drawable else MISSING for character in unicodedata.normalize("NFC", plain))
