"""Text that the paper's fonts can draw: what they cannot draw is named in its place, never a hole in the line (F26)."""

from __future__ import annotations

import unicodedata
from typing import Final

import arabic_reshaper
from markupsafe import Markup

from documents.fonts import all_drawable_characters, drawable_characters

MISSING: Final = "\ufffd"
# Invisible by nature: they join, vary or hint, and would each leave a mark of their own after an emoji or in a word.
_SILENT: Final = dict.fromkeys(
    [0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]
)
_SPACES: Final = {0x09: " ", 0x0B: " ", 0x0C: " ", 0x0D: "\n", 0x85: "\n", 0x2028: "\n", 0x2029: "\n"}
# Letters joined as they are written in Arabic, each still itself: a ligature for three would be read back as none.
_JOINED: Final = arabic_reshaper.ArabicReshaper(configuration={"support_ligatures": False, "delete_harakat": False})


def printable(value: object) -> object:
    """Any value put into a paper, as text in composed form (NFC) that the fonts can draw.

    Control characters, lone surrogates and the signs that turn the direction of writing become a mark: a name must
    not be able to rearrange the sums beside it. A character of a script without a font is named by its code point,
    `[U+682A]`, so that it can be looked up. Markup is ours and passes as it is.
    """
    if isinstance(value, Markup):
        return value
    text = str(value)
    return text if text.isascii() and text.isprintable() else _drawable(text)


def one_line(value: str) -> str:
    """The text with every line break and run of blanks as one blank."""
    return " ".join(value.split())


def needs_other_fonts(markup: str) -> bool:
    """Whether anything in a whole paper is outside the first family."""
    return not (markup.isascii() or drawable_characters().issuperset(markup))


def _drawable(text: str) -> str:
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").translate(_SPACES).translate(_SILENT))
    if drawable_characters().issuperset(plain):
        return plain
    known = all_drawable_characters()
    return "".join(character if character in known else _named(character) for character in _joined(plain))


def _joined(text: str) -> str:
    """Arabic with its letters joined, in the order of reading; kept apart where the font lacks a joined form."""
    if not any("\u0600" <= character <= "\u06ff" for character in text):
        return text
    shaped: str = _JOINED.reshape(text)
    return shaped if all_drawable_characters().issuperset(set(shaped) - set(text)) else text


def _named(character: str) -> str:
    # Co, Cn, Cs, Cc, Cf: no letters of anybody, and some of them act.
    return MISSING if unicodedata.category(character).startswith("C") else f"[U+{ord(character):04X}]"
