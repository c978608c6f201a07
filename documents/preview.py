"""A picture that somebody brought, made small and written anew, to be looked at (S12).

Only what was decoded is written: no EXIF with its places, no text, no second file behind the picture.
"""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, ImageOps

from billing.errors import Invalid

SIDE: Final = 1_200  # dots of the longer side: enough for a screen
MAX_PIXELS: Final = 25_000_000
MAX_JPEG_PIXELS: Final = 120_000_000  # decoded at an eighth where that is enough; today's telephones take fifty
MEDIA_TYPE: Final = "image/jpeg"
_FORMATS: Final = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
_BROKEN: Final = (OSError, ValueError, SyntaxError, EOFError, MemoryError)  # what Pillow says of bytes it cannot read


def is_picture(media_type: str) -> bool:
    return media_type in _FORMATS


def preview_of(content: bytes, media_type: str, field: str = "file") -> bytes | None:
    """A JPEG of at most SIDE dots, on white; None for what is no picture or cannot be shown.

    Of an animated one the first picture. Raises Invalid(field): picture_too_large (facts: most, in millions of dots),
    picture_broken. The dots are counted before one of them is decoded, so a small file never fills the memory.
    """
    if not is_picture(media_type):
        return None
    most = MAX_JPEG_PIXELS if media_type == "image/jpeg" else MAX_PIXELS
    too_large = Invalid(field, "picture_too_large", most=most // 1_000_000)
    try:
        with Image.open(io.BytesIO(content), formats=(_FORMATS[media_type],)) as picture:
            if picture.width * picture.height > most:
                raise too_large
            picture.draft("RGB", (SIDE, SIDE))
            picture.load()
            return _written(picture)
    except Image.DecompressionBombError:
        raise too_large from None
    except _BROKEN:
        raise Invalid(field, "picture_broken") from None


def _written(picture: Image.Image) -> bytes | None:
    """None for a picture that is whole, but in colours that cannot be turned into those of a screen."""
    try:
        picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        layer = ImageOps.exif_transpose(picture).convert("RGBA")
    except (ValueError, OSError):
        return None
    ground = Image.new("RGBA", layer.size, "white")
    plain = Image.alpha_composite(ground, layer).convert("RGB")
    packed = io.BytesIO()
    plain.save(packed, "JPEG", quality=82)
    return packed.getvalue()
