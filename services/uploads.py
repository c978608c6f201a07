"""Files that people bring: known by what is in them, never by their name, and no larger than they need to be (S12)."""

from __future__ import annotations

import io
import zipfile

from billing.errors import Invalid
from services import files

MAX_BYTES = 10_000_000
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
ACCEPTED = ",".join(sorted(ENDINGS))  # what a field for files offers to choose


def keep(content: bytes, filename: str, kind: str, customer_id: int, field: str = "file") -> int:
    """Check and store what somebody brought; gives the file's id. Joins an open transaction.

    Its name gets the ending of what is in it. Raises Invalid(field): file_empty, file_too_large, file_unknown_type.
    """
    media_type = known_type(content, field)
    stem, _, ending = files.safe_name(filename).rpartition(".")
    fits = ending.lower() in _endings(media_type)
    name = files.safe_name(filename) if stem and fits else f"{stem or ending}.{ENDINGS[media_type]}"
    return files.store(content, name, media_type, kind, customer_id)


def known_type(content: bytes, field: str = "file") -> str:
    """The media type of these bytes, one of ENDINGS."""
    if not content:
        raise Invalid(field, "file_empty")
    if len(content) > MAX_BYTES:
        raise Invalid(field, "file_too_large", most=MAX_BYTES // 1_000_000)
    found = _by_beginning(content) or _by_archive(content) or _as_text(content)
    if not found:
        raise Invalid(field, "file_unknown_type")
    return found


def _endings(media_type: str) -> set[str]:
    also = {"image/jpeg": {"jpeg"}, "text/plain": {"csv", "md", "log"}}
    return {ENDINGS[media_type]} | also.get(media_type, set())


def _by_beginning(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for mark, kind in _BEGINS if content.startswith(mark)), "")


def _by_archive(content: bytes) -> str:
    """Documents of office programs are archives; only their table of contents is read, nothing is unpacked but the
    few bytes in which an open document says what it is."""
    if not content.startswith(b"PK\x03\x04"):
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                said = archive.read("mimetype").decode("ascii", "replace")
                return said if said in _OPEN_DOCUMENTS else ""
            return next((kind for name, kind in _IN_ZIP if name in names), "")
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, RuntimeError):
        return ""


def _as_text(content: bytes) -> str:
    try:
        words = content.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "text/plain" if not any(ord(sign) < 32 and sign not in "\t\n\r\f" for sign in words) else ""
