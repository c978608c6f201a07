"""The company's colour where people have to read: contrast as WCAG 2.1 reckons it, and the shades that pass it."""

from __future__ import annotations

from dataclasses import dataclass

READABLE = 4.5  # WCAG 2.1 AA, 1.4.3: text
LIGHT_GROUND, DARK_GROUND = "#f6f5f2", "#1c1f1e"  # the grounds of static/css/tokens.css that text stands on
_STEPS = 40


@dataclass(frozen=True, slots=True)
class Shades:
    """A colour that can be read on the ground, and the colour of text upon it; both as #rrggbb."""

    accent: str
    on_accent: str


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours #rrggbb, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def shades(accent: str, ground: str = LIGHT_GROUND) -> Shades:
    """The nearest shade of the colour that can be read on the ground: itself, or darker on light, lighter on dark."""
    goal = "#000000" if _luminance(ground) > 0.5 else "#ffffff"
    mixed = (_mix(accent, goal, step / _STEPS) for step in range(_STEPS + 1))
    found = next((colour for colour in mixed if contrast(colour, ground) >= READABLE), goal)
    return Shades(found, max(("#ffffff", "#111111"), key=lambda ink: contrast(ink, found)))


def _mix(colour: str, goal: str, share: float) -> str:
    pairs = zip(_parts(colour), _parts(goal), strict=True)
    return "#" + "".join(f"{round(one + (other - one) * share):02x}" for one, other in pairs)


def _luminance(colour: str) -> float:
    shares = (part / 255 for part in _parts(colour))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
