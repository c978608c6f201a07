"""Files that banks offer beside a statement that can be read, known by their first bytes: so that a person is told what
they chose. Bytes in, the code of a refusal out."""

from __future__ import annotations

import re

_HEAD = 2_000  # bytes
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\xfd7zXZ\x00")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # UTF-16, whose letters have a zero beside them
# MT940 and MT942: fields between colons, the first of them :20:, the account in :25:, a balance in :60F: or :34F:.
_SWIFT = re.compile(rb"(?:^|[\r\n}])\s*:20:.*?[\r\n]:(?:25|21|28C?):", re.DOTALL)


def refusal_of(content: bytes) -> str:
    """Why these bytes are no statement, by what they are: file_is_pdf, file_is_archive, file_is_spreadsheet,
    file_is_mt940, file_is_binary; empty for what may be one."""
    head = content[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"%PDF-"):
        return "file_is_pdf"
    if head.startswith(_OLD_OFFICE) or (head.startswith(b"PK") and b"xl/workbook.xml" in content):
        return "file_is_spreadsheet"
    if head.startswith(_ARCHIVES):
        return "file_is_archive"
    if _SWIFT.search(head):
        return "file_is_mt940"
    return "file_is_binary" if b"\x00" in head and not content.startswith(_WIDE) else ""
