"""The company's colour on screens: the shades of it that can be read, and the colour of text upon them."""

from __future__ import annotations

from dataclasses import dataclass

from documents.colours import READABLE, contrast, shade

LIGHT_GROUND, DARK_GROUND = "#f6f5f2", "#1c1f1e"  # the grounds of static/css/tokens.css that text stands on

__all__ = ["DARK_GROUND", "LIGHT_GROUND", "READABLE", "Shades", "contrast", "shades"]


@dataclass(frozen=True, slots=True)
class Shades:
    """A colour that can be read on the ground, and the colour of text upon it; both as #rrggbb."""

    accent: str
    on_accent: str


def shades(accent: str, ground: str = LIGHT_GROUND) -> Shades:
    """The nearest shade of the colour that can be read on the ground: itself, or darker on light, lighter on dark."""
    found = shade(accent, ground, READABLE)
    return Shades(found, max(("#ffffff", "#111111"), key=lambda ink: contrast(ink, found)))
