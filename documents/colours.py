"""The company's colour where people have to see it: contrast as WCAG 2.1 reckons it, and the shade that has enough."""

from __future__ import annotations

from typing import Final

READABLE: Final = 4.5  # WCAG 2.1 AA, 1.4.3: text
VISIBLE: Final = 3.0  # WCAG 2.1 AA, 1.4.11: rules and marks that are no text
_STEPS: Final = 40


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours #rrggbb, from 1 to 21. Raises ValueError where one is no colour."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def shade(colour: str, ground: str, ratio: float) -> str:
    """The nearest shade with that contrast to the ground: the colour itself, or darker on light, lighter on dark."""
    goal = "#000000" if _luminance(ground) > 0.5 else "#ffffff"
    mixed = (_mix(colour, goal, step / _STEPS) for step in range(_STEPS + 1))
    return next((found for found in mixed if contrast(found, ground) >= ratio), goal)


def _mix(colour: str, goal: str, share: float) -> str:
    pairs = zip(_parts(colour), _parts(goal), strict=True)
    return "#" + "".join(f"{round(one + (other - one) * share):02x}" for one, other in pairs)


def _luminance(colour: str) -> float:
    shares = (part / 255 for part in _parts(colour))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
