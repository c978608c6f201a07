"""IBM Plex Sans for papers: registered once in a process, always embedded.

The library's own `@font-face` would read and hash the font files again for every paper, and a font it cannot read
silently becomes Helvetica, which is not embedded. So the faces are registered here, by name, and no paper reads a file.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from reportlab import rl_config
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS: Final = Path(__file__).resolve().parent.parent / "static" / "fonts"
FAMILY: Final = "plex"
REGULAR: Final = "Plex-Regular"
BOLD: Final = "Plex-SemiBold"
_FILES: Final = {REGULAR: "IBMPlexSans-Regular.ttf", BOLD: "IBMPlexSans-SemiBold.ttf"}


@cache
def register_fonts() -> None:
    """Make the family known to the drawing library; papers have no italics, so slanted text stands upright."""
    rl_config.useA85 = 0  # bytes as bytes: text armour costs time and a quarter of the size
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, FONTS / file))
    for italic in (0, 1):
        addMapping(FAMILY, 0, italic, REGULAR)
        addMapping(FAMILY, 1, italic, BOLD)


@cache
def drawable_characters() -> frozenset[str]:
    """Every character that both weights have, and the line break."""
    register_fonts()
    faces = [pdfmetrics.getFont(name).face.charToGlyph for name in _FILES]
    common = set(faces[0]).intersection(*faces[1:])
    return frozenset(chr(code) for code in common if code >= 0x20) | {"\n"}
