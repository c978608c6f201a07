"""A picture that somebody brought, made small and written anew, to be looked at (S12).

Only what was decoded is written: no EXIF with its places, no text, no second file behind the picture.
"""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, ImageOps

SIDE: Final = 1_200  # dots of the longer side: enough for a screen
MAX_PIXELS: Final = 25_000_000
MAX_JPEG_PIXELS: Final = 120_000_000  # decoded at an eighth where that is enough; today's telephones take fifty
MEDIA_TYPE: Final = "image/jpeg"
_FORMATS: Final = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}


def is_picture(media_type: str) -> bool:
    return media_type in _FORMATS


def preview_of(content: bytes, media_type: str) -> bytes | None:
    """A JPEG of at most SIDE dots, on white; None for what is no picture, is broken, or has too many dots.

    Of an animated one the first picture.
    """
    if not is_picture(media_type):
        return None
    try:
        with Image.open(io.BytesIO(content), formats=(_FORMATS[media_type],)) as picture:
            most = MAX_JPEG_PIXELS if media_type == "image/jpeg" else MAX_PIXELS
            if picture.width * picture.height > most:
                return None
            picture.draft("RGB", (SIDE, SIDE))
            return _written(picture)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError):
        return None


def _written(picture: Image.Image) -> bytes:
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    layer = ImageOps.exif_transpose(picture).convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    plain = Image.alpha_composite(ground, layer).convert("RGB")
    packed = io.BytesIO()
    plain.save(packed, "JPEG", quality=82)
    return packed.getvalue()
