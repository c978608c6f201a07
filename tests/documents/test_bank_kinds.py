"""What a person chose instead of a statement is told by its first bytes."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from documents.bank_kinds import refusal_of
from tests.documents.statements import camt, notice

MT940 = b":20:STARTUMS\r\n:25:10010010/1234567\r\n:28C:0\r\n:60F:C261109EUR0,00\r\n:61:2611101110CR1,00N062NONREF\r\n"


def zipped(name: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, "x")
    return made.getvalue()


@pytest.mark.feature("SEP-8")
@pytest.mark.parametrize(("content", "code"), [
    (b"%PDF-1.7\n", "file_is_pdf"), (b"\r\n%PDF-1.4\n", "file_is_pdf"),
    (gzip.compress(camt([])), "file_is_archive"), (zipped("auszug.xml"), "file_is_archive"),
    (zipped("xl/workbook.xml"), "file_is_spreadsheet"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file_is_spreadsheet"),
    (MT940, "file_is_mt940"), (b"{1:F01BANKDEFFAXXX0000000000}{4:\r\n" + MT940 + b"-}", "file_is_mt940"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", "file_is_binary"),
])  # fmt: skip
def test_what_is_no_statement_is_known_for_what_it_is(content: bytes, code: str) -> None:
    assert refusal_of(content) == code


@pytest.mark.parametrize("content", [
    camt([]), notice([]), "Tag;Betrag\n1.1.26;1,00".encode("utf-16"), "Tag;Text\n1.1.26;Müller :20:".encode("cp1252"),
    b"Tag;Text\n01.01.26;:20:\n02.01.26;:25:",
])  # fmt: skip
def test_what_may_be_a_statement_is_looked_at(content: bytes) -> None:
    assert refusal_of(content) == ""
