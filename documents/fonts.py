"""The faces of papers: IBM Plex Sans and its relatives, registered once in a process, always embedded.

The library's own `@font-face` would read and hash the font files again for every paper, and a font it cannot read
silently becomes Helvetica, which is not embedded. So the faces are registered here, by name, and no paper reads a file.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, Final

from reportlab import rl_config
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS: Final = Path(__file__).resolve().parent.parent / "static" / "fonts"
FAMILY: Final = "plex"
REGULAR: Final = "Plex-Regular"
BOLD: Final = "Plex-SemiBold"
# Family, then face and file of its regular and its bold. The first is tried first, the others only where it lacks.
_FAMILIES: Final = {
    FAMILY: ((REGULAR, "IBMPlexSans-Regular.ttf"), (BOLD, "IBMPlexSans-SemiBold.ttf")),
    "arabic": (("Arabic-Regular", "KontorArabic-Regular.ttf"), ("Arabic-SemiBold", "KontorArabic-SemiBold.ttf")),
    "hebrew": (("Hebrew-Regular", "KontorHebrew-Regular.ttf"), ("Hebrew-SemiBold", "KontorHebrew-SemiBold.ttf")),
    "emoji": (("Emoji", "NotoEmoji-Regular.ttf"), ("Emoji", "NotoEmoji-Regular.ttf")),
}
ALL_FAMILIES: Final = ", ".join(_FAMILIES)
FACES: Final = frozenset(face for pair in _FAMILIES.values() for face, _ in pair)


class _Face(TTFont):
    """A face whose text can be copied out of the paper as it was typed.

    The library tells readers the code point it drew: for an emoji in a notation that is not allowed there, for Arabic
    the joined form instead of the letter, which no search finds.
    """

    def addObjects(self, doc: Any) -> None:
        before = set(doc.idToObject)
        super().addObjects(doc)
        for name in doc.idToObject.keys() - before:
            if name.startswith("toUnicodeCMap:"):
                stream = doc.idToObject[name]
                stream.content = _DRAWN.sub(_as_typed, stream.content)


_DRAWN: Final = re.compile(r"(?m)^(<\w{2}>) <(\w{4,6})>$")


def _as_typed(found: re.Match[str]) -> str:
    drawn = chr(int(found[2], 16))
    typed = unicodedata.normalize("NFKC", drawn) if "\ufb1d" <= drawn <= "\ufefc" else drawn
    return f"{found[1]} <{typed.encode('utf-16-be', 'surrogatepass').hex().upper()}>"


@cache
def register_fonts() -> None:
    """Make the first family known to the drawing library; papers have no italics, so slanted text stands upright."""
    rl_config.useA85 = 0  # bytes as bytes: text armour costs time and a quarter of the size
    _register(FAMILY)


@cache
def register_other_fonts() -> None:
    """The families of other scripts, read when the first paper needs one."""
    for family in _FAMILIES:
        if family != FAMILY:
            _register(family)


@cache
def drawable_characters() -> frozenset[str]:
    """Every character that both weights of the first family have, and the line break."""
    register_fonts()
    return _characters(FAMILY) | {"\n"}


@cache
def all_drawable_characters() -> frozenset[str]:
    """Every character that any family has in both weights."""
    register_other_fonts()
    return drawable_characters().union(*(_characters(family) for family in _FAMILIES if family != FAMILY))


def _register(family: str) -> None:
    for bold, (face, file) in enumerate(_FAMILIES[family]):
        pdfmetrics.registerFont(_Face(face, FONTS / file))
        for italic in (0, 1):
            addMapping(family, bold, italic, face)


def _characters(family: str) -> frozenset[str]:
    faces = [pdfmetrics.getFont(face).face.charToGlyph for face, _ in _FAMILIES[family]]
    common = set(faces[0]).intersection(*faces[1:])
    return frozenset(chr(code) for code in common if code >= 0x20)
