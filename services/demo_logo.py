"""The demo company's logo: a wheel and a name, drawn when the company is founded."""

from __future__ import annotations

import io
from math import cos, pi, sin

from PIL import Image, ImageDraw, ImageFont

from documents.fonts import FONTS

GREEN, INK = "#0b6b62", "#1d2b2a"
WIDTH, HEIGHT, FINER = 600, 132, 3  # drawn larger and made smaller, so that round things are smooth
SPOKES = 12


def draw_logo() -> bytes:
    """A PNG of 600 x 132 dots on a clear ground."""
    picture = Image.new("RGBA", (WIDTH * FINER, HEIGHT * FINER), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    _draw_wheel(pen, HEIGHT * FINER // 2, HEIGHT * FINER // 2 - 4 * FINER)
    _draw_name(pen, (HEIGHT + 14) * FINER)
    made = io.BytesIO()
    picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(made, "PNG", optimize=True)
    return made.getvalue()


def _draw_wheel(pen: ImageDraw.ImageDraw, middle: int, radius: int) -> None:
    hub, rim = radius // 6, radius - 9 * FINER
    for n in range(SPOKES):
        angle = 2 * pi * n / SPOKES
        end = (middle + round(rim * cos(angle)), middle + round(rim * sin(angle)))
        pen.line(((middle, middle), end), fill=INK, width=FINER + 1)
    _ring(pen, middle, radius, GREEN, 10 * FINER)
    _ring(pen, middle, hub, GREEN, hub)


def _ring(pen: ImageDraw.ImageDraw, middle: int, radius: int, colour: str, width: int) -> None:
    pen.ellipse((middle - radius, middle - radius, middle + radius, middle + radius), outline=colour, width=width)


def _draw_name(pen: ImageDraw.ImageDraw, left: int) -> None:
    for text, file, size, top, colour in (
        ("Radwerk", "IBMPlexSans-SemiBold.ttf", 62, 16, GREEN),
        ("Hafenstraße", "IBMPlexSans-Regular.ttf", 34, 82, INK),
    ):
        font = ImageFont.truetype(str(FONTS / file), size * FINER)
        pen.text((left, top * FINER), text, font=font, fill=colour, anchor="lt")
