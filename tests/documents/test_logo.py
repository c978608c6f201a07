"""A logo is a PNG or JPEG by its content, of bearable size; a broken one never makes half a paper."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from billing.errors import Invalid
from documents import logo as logos
from documents.errors import PaperError
from documents.invoice import draw_invoice
from documents.logo import check_logo, drawable_logo
from documents.paper import InvoicePaper

MakePaper = Callable[..., InvoicePaper]


def picture(kind: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (40, 20), **options: Any) -> bytes:
    packed = io.BytesIO()
    Image.new(mode, size, 1).save(packed, kind, **options)
    return packed.getvalue()


def announced_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be huge."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.feature("S12")
@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (picture("PNG"), "image/png"),
        (picture("PNG", "RGBA"), "image/png"),
        (picture("PNG", "P"), "image/png"),
        (picture("PNG", "1"), "image/png"),
        (picture("PNG", "I;16"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (picture("JPEG", "CMYK"), "image/jpeg"),
        (picture("JPEG", "L"), "image/jpeg"),
    ],
)
def test_the_content_tells_the_type_and_every_kind_is_drawn(
    make_paper: MakePaper, content: bytes, media_type: str
) -> None:
    assert check_logo(content) == media_type
    drawn = PdfReader(io.BytesIO(draw_invoice(make_paper(head={"logo": content}, payment_type=2))))
    assert len(drawn.pages[0].images) == 1


@pytest.mark.feature("S12")
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"x" * (logos.MAX_BYTES + 1), "too_large"),
        (b"<html><script>alert(1)</script></html>", "unknown_format"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "unknown_format"),
        (picture("GIF"), "unknown_format"),
        (picture("WEBP"), "unknown_format"),
        (b"\x89PNG\r\n\x1a\n<html>", "unknown_format"),
        (picture("PNG", size=(300, 300))[:60], "broken"),
        (picture("JPEG", size=(300, 300))[:400], "broken"),
        (announced_png(50_000, 50_000), "too_many_pixels"),
        (announced_png(9_000, 10), "too_many_pixels"),
    ],
)
def test_anything_else_is_refused_with_its_reason(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_logo(content)
    assert (refusal.value.field, refusal.value.code) == ("logo", code)


@pytest.mark.feature("F9")
@pytest.mark.parametrize("content", [b"no picture", picture(size=(300, 300))[:60], announced_png(50_000, 50_000)])
def test_a_broken_logo_is_an_error_with_a_code_and_no_paper(make_paper: MakePaper, content: bytes) -> None:
    with pytest.raises(PaperError) as failure:
        draw_invoice(make_paper(head={"logo": content}))
    assert failure.value.code == "broken_logo"
    assert draw_invoice(make_paper()).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("size", "width", "height"),
    [((750, 180), 75, 18), ((3000, 720), 75, 18), ((100, 100), 18, 18), ((1000, 10), 75, 0.75), ((10, 1000), 0.18, 18)],
)
def test_a_logo_fits_its_place_and_keeps_its_shape(size: tuple[int, int], width: float, height: float) -> None:
    drawn = drawable_logo(picture(size=size))
    assert drawn.width == pytest.approx(width, abs=1.5)
    assert drawn.height == pytest.approx(height, abs=0.2)


def test_a_large_logo_is_made_small_and_its_transparency_white() -> None:
    packed = io.BytesIO()
    Image.new("RGBA", (3000, 720), (0, 0, 0, 0)).save(packed, "PNG")
    source = drawable_logo(packed.getvalue()).source
    plain = Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2])))
    assert plain.mode == "RGB"
    assert plain.width <= 600
    assert plain.getpixel((5, 5)) == (255, 255, 255)
