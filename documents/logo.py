"""The company's logo: checked when it is uploaded, made small and plain once before it is drawn."""

from __future__ import annotations

import io
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PIL import Image, ImageChops, ImageOps, UnidentifiedImageError

from billing.errors import Invalid
from documents.errors import PaperError

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_PIXELS: Final = 12_000_000
MAX_SIDE: Final = 8_000
MAX_KEPT_SIDE: Final = 1_600  # three times what the paper needs, and enough for any screen
MEDIA_TYPES: Final = {"PNG": "image/png", "JPEG": "image/jpeg"}
# The place on the paper in mm, and what 200 dots an inch make of it: more would only make every paper heavier.
BOX_WIDTH: Final = 75
BOX_HEIGHT: Final = 18
_DOTS: Final = (BOX_WIDTH * 200 // 25, BOX_HEIGHT * 200 // 25)


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo ready to draw: a `data:` address, and its size in mm within the box."""

    source: str
    width: float
    height: float


def check_logo(content: bytes) -> str:
    """The media type of a logo by its content, image/png or image/jpeg.

    Raises Invalid("logo", code) with one of: empty, too_large (facts: bytes, limit), unknown_format,
    too_many_pixels (facts: limit, and width and height where known), broken.
    """
    if not content:
        raise Invalid("logo", "empty")
    if len(content) > MAX_BYTES:
        raise Invalid("logo", "too_large", bytes=len(content), limit=MAX_BYTES)
    with _opened(content) as picture:
        width, height = picture.size
        if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
            raise Invalid("logo", "too_many_pixels", width=width, height=height, limit=MAX_PIXELS)
        _decode(picture)
        return MEDIA_TYPES[str(picture.format)]


def plain_logo(content: bytes) -> tuple[bytes, str]:
    """The picture decoded, turned upright and written anew, and its media type. Raises Invalid as `check_logo` does.

    What a camera or a drawing program wrote beside the dots is gone: EXIF with its places, texts, profiles, and
    whatever hides behind the end of the picture. A PNG keeps its transparency; an animated one its first picture.
    """
    media_type = check_logo(content)
    with _opened(content) as picture:
        upright = ImageOps.exif_transpose(picture)
        plain = upright.convert("RGB" if media_type == "image/jpeg" else "RGBA")
    plain.thumbnail((MAX_KEPT_SIDE, MAX_KEPT_SIDE), Image.Resampling.LANCZOS)
    plain.info.clear()
    written = io.BytesIO()
    if media_type == "image/jpeg":
        plain.save(written, "JPEG", quality=92)
    else:
        plain.save(written, "PNG", optimize=True)
    return written.getvalue(), media_type


@lru_cache(maxsize=8)
def drawable_logo(content: bytes) -> Logo:
    """The logo on white, no larger than its box needs. Raises PaperError("broken_logo") if it is not a picture."""
    try:
        check_logo(content)
    except Invalid as refusal:
        raise PaperError("broken_logo", reason=refusal.code) from None
    with _opened(content) as picture:
        plain = _trimmed(_on_white(picture))
    plain.thumbnail(_DOTS, Image.Resampling.LANCZOS)
    packed = io.BytesIO()
    plain.save(packed, "PNG")
    source = "data:image/png;base64," + b64encode(packed.getvalue()).decode("ascii")
    return Logo(source, *_fit(*plain.size))


def _opened(content: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(content), formats=tuple(MEDIA_TYPES))
    except UnidentifiedImageError:
        raise Invalid("logo", "unknown_format") from None
    except Image.DecompressionBombError:
        raise Invalid("logo", "too_many_pixels", limit=MAX_PIXELS) from None
    except (OSError, ValueError, SyntaxError):
        raise Invalid("logo", "broken") from None


def _decode(picture: Image.Image) -> None:
    try:
        picture.load()
    except (OSError, ValueError, SyntaxError, EOFError):
        raise Invalid("logo", "broken") from None


def _on_white(picture: Image.Image) -> Image.Image:
    """Without transparency, which printers draw each in their own way."""
    layer = picture.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(ground, layer).convert("RGB")


def _trimmed(picture: Image.Image) -> Image.Image:
    """Without the blank edges that many files have: a logo stands flush with the text below it."""
    return picture.crop(ImageChops.difference(picture, Image.new("RGB", picture.size, "white")).getbbox())


def _fit(width: int, height: int) -> tuple[float, float]:
    scale = min(BOX_WIDTH / width, BOX_HEIGHT / height)
    return round(width * scale, 2), round(height * scale, 2)
