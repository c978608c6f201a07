"""The logo: checked by its content, stored plain, frozen with each paper (S12)."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import date

import pytest
from flask import Flask
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import select

from billing.errors import AlreadyDone, Invalid
from extensions import db
from models import Activity, ActivityDetail, Company, File, Letterhead
from services import billing_run, files, logo
from services.actor import SYSTEM
from services.load import seed_load
from services.unit import end_reading

DAY = date(2026, 11, 1)


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 80), mode: str = "RGBA", **more: object) -> bytes:
    made = io.BytesIO()
    Image.new(mode, size, (11, 107, 98, 128) if mode == "RGBA" else (11, 107, 98)).save(made, kind, **more)
    return made.getvalue()


def with_places() -> bytes:
    """A JPEG as a camera makes it: turned, and with the place where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = "Wohnzimmer in Kiel"
    return picture("JPEG", mode="RGB", exif=exif)


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 900 million dots."""
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def current() -> logo.LogoFile:
    kept = logo.current_logo()
    assert kept is not None
    return kept


@pytest.mark.feature("S12")
@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "logo_empty"), (b"<svg onload=alert(1)>", "logo_unknown_format"), (b"<html>", "logo_unknown_format"),
     (picture("GIF", mode="RGB"), "logo_unknown_format"), (bomb(), "logo_too_many_pixels"),
     (picture()[:90], "logo_broken"), (b"x" * (2 * 1024 * 1024 + 1), "logo_too_large"),
     (picture(size=(9000, 10)), "logo_too_many_pixels")],
)  # fmt: skip
def test_what_is_no_fit_picture_is_refused_by_its_content(context: Flask, content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        logo.set_logo(SYSTEM, content, "logo.png")
    assert (refusal.value.field, refusal.value.code) == ("logo", code)
    assert db.session.scalars(select(File)).all() == [] and logo.current_logo() is None


@pytest.mark.feature("S12")
def test_a_photograph_loses_what_the_camera_noted_and_stands_upright(context: Flask) -> None:
    logo.set_logo(SYSTEM, with_places(), "IMG_0001.JPG")
    kept = files.read(current().file_id)
    assert b"Wohnzimmer" not in kept.content and kept.media_type == "image/jpeg" and kept.filename == "IMG_0001.jpeg"
    with Image.open(io.BytesIO(kept.content)) as found:
        assert found.size == (80, 300) and not found.getexif()


@pytest.mark.feature("S12")
def test_nothing_survives_beside_or_behind_the_picture(context: Flask) -> None:
    note = PngInfo()
    note.add_text("Comment", "geheim")
    logo.set_logo(SYSTEM, picture(pnginfo=note) + b"<script>alert(1)</script>", "../../etc/x.php\x00.png")
    kept = files.read(current().file_id)
    assert b"geheim" not in kept.content and b"script" not in kept.content
    assert kept.filename.endswith(".png") and "/" not in kept.filename and "\x00" not in kept.filename
    with Image.open(io.BytesIO(kept.content)) as found:
        assert found.mode == "RGBA" and found.getpixel((5, 5)) == (11, 107, 98, 128)


@pytest.mark.feature("INV-12")
def test_issued_papers_keep_the_logo_of_their_day(context: Flask) -> None:
    first = logo.set_logo(SYSTEM, picture(), "alt.png")
    seed_load(SYSTEM, 1, DAY)
    billing_run.bill(DAY, SYSTEM)
    logo.set_logo(SYSTEM, picture("JPEG", mode="RGB"), "neu.jpg")
    end_reading()
    assert db.session.scalars(select(Letterhead.logo_file_id)).all() == [first]
    assert files.read(first).filename == "alt.png"
    logo.remove_logo(SYSTEM)
    end_reading()
    assert files.read(first).filename == "alt.png" and db.session.scalars(select(Company.logo_file_id)).one() is None
    with pytest.raises(AlreadyDone):
        logo.remove_logo(SYSTEM)


@pytest.mark.feature("GOB-2")
def test_a_new_logo_is_an_activity_with_the_old_and_the_new_name(context: Flask) -> None:
    logo.set_logo(SYSTEM, picture(), "alt.png")
    logo.set_logo(SYSTEM, picture(), "neu.png")
    end_reading()
    query = select(ActivityDetail.details).join(Activity).where(Activity.code == "company.logo_changed")
    told = db.session.scalars(query.order_by(Activity.id)).all()
    assert '"logo_file_id":["","alt.png"]' in told[0] and '"logo_file_id":["alt.png","neu.png"]' in told[1]
