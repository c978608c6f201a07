"""Files that people bring: known by what is in them, never by their name, and no larger than they need to be (S12)."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

from flask import current_app

from billing.errors import Invalid
from documents.preview import preview_of
from services import files

MOST_PARTS = 5_000  # of an archive: no document of an office has as many
LONGEST_ENDING = 5
_MACROS = "vbaProject.bin"
_BEGINS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_IN_ZIP: tuple[tuple[str, str], ...] = (
    ("word/document.xml", f"{_OFFICE}wordprocessingml.document"),
    ("xl/workbook.xml", f"{_OFFICE}spreadsheetml.sheet"),
)
_OPEN_DOCUMENTS = frozenset(
    {"application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet"}
)
ENDINGS = {
    "application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp",
    "text/plain": "txt", f"{_OFFICE}wordprocessingml.document": "docx", f"{_OFFICE}spreadsheetml.sheet": "xlsx",
    "application/vnd.oasis.opendocument.text": "odt", "application/vnd.oasis.opendocument.spreadsheet": "ods",
}  # fmt: skip
TEXTS = frozenset({"txt", "csv", "md", "log", "eml"})
# Pages and drawings that a browser would run. As text they would be useless, and nobody expects them to become text.
MARKUP = frozenset({"html", "htm", "xhtml", "shtml", "mht", "mhtml", "svg"})
_AS_MARKUP = re.compile(  # atomic: what was passed over is not tried again, so no file can make it take long
    rb"(?:\xef\xbb\xbf)?+\s*+(?><\?xml[^>]*+>\s*+|<!--.*?-->\s*+)*+<(?:!doctype\s+(?:html|svg)|html|svg)\b",
    re.IGNORECASE | re.DOTALL,
)
ACCEPTED = ",".join(sorted(ENDINGS))  # what a field for files offers to choose


def most_bytes() -> int:
    """How large one file may be (UPLOAD_LIMIT_MB)."""
    return int(current_app.config["KONTOR"].upload_limit_mb) * 1_000_000


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that was looked at: its name has the ending of what is in it; a picture has a small one to be shown."""

    content: bytes
    filename: str
    media_type: str
    preview: bytes | None = None

    def store(self, kind: str, customer_id: int) -> int:
        """Keep it; gives the file's id. Joins an open transaction."""
        return files.store(self.content, self.filename, self.media_type, kind, customer_id)


def looked_at(content: bytes, filename: str, field: str = "file") -> Brought:
    """What somebody brought, as it may be kept. A picture is decoded, so this belongs before a transaction.

    Raises Invalid(field): file_empty, file_too_large, file_unknown_type, file_is_markup, picture_broken,
    picture_too_large.
    """
    media_type = known_type(content, field)
    if media_type == "text/plain" and _is_markup(content, filename):
        raise Invalid(field, "file_is_markup")
    return Brought(content, fitting_name(filename, media_type), media_type, preview_of(content, media_type, field))


def fitting_name(filename: str, media_type: str) -> str:
    """The name without any path, and with the ending of what is in the file; a long one is shortened before it."""
    bare = _without_path(filename)
    stem, _, ending = bare.rpartition(".")
    if not stem or ending.lower() not in _endings(media_type):
        stem, ending = stem if stem and len(ending) <= LONGEST_ENDING else bare, ENDINGS[media_type]
    return f"{files.safe_name(stem)[: 199 - len(ending)]}.{ending}"


def known_type(content: bytes, field: str = "file") -> str:
    """The media type of these bytes, one of ENDINGS."""
    if not content:
        raise Invalid(field, "file_empty")
    if len(content) > most_bytes():
        raise Invalid(field, "file_too_large", most=most_bytes() // 1_000_000)
    found = _by_beginning(content) or _by_archive(content) or _as_text(content)
    if not found:
        raise Invalid(field, "file_unknown_type")
    return found


def _without_path(filename: str) -> str:
    return filename.replace("\\", "/").rpartition("/")[2]


def _is_markup(content: bytes, filename: str) -> bool:
    """By its name, or by how it begins where its name does not say that it is a text."""
    ending = _without_path(filename).rpartition(".")[2].strip().lower()
    return ending in MARKUP or (ending not in TEXTS and _AS_MARKUP.match(content[:4_000]) is not None)


def _endings(media_type: str) -> frozenset[str] | set[str]:
    also = {"image/jpeg": {"jpeg"}, "text/plain": TEXTS}
    return {ENDINGS[media_type]} | also.get(media_type, set())


def _by_beginning(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for mark, kind in _BEGINS if content.startswith(mark)), "")


def _by_archive(content: bytes) -> str:
    """Documents of office programs are archives; only their table of contents is read, nothing is unpacked but the
    few bytes in which an open document says what it is."""
    if not content.startswith(b"PK\x03\x04") or content.count(b"PK\x01\x02") > MOST_PARTS:
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if any(name.endswith(_MACROS) for name in names):
                return ""
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                said = archive.read("mimetype").decode("ascii", "replace")
                return said if said in _OPEN_DOCUMENTS else ""
            return next((kind for name, kind in _IN_ZIP if name in names), "")
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, RuntimeError):
        return ""


def _as_text(content: bytes) -> str:
    """UTF-8, or the one byte a letter that German offices still write; nothing that steers a machine is in either."""
    return "" if any(sign < 32 and sign not in b"\t\n\r\f" for sign in set(content)) else "text/plain"
