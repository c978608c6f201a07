"""The stored PDF is a PDF/A-3b with the invoice inside; what falls short is found in the bytes (EIN-8)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

import pikepdf
import pytest
from pypdf import PdfReader

from documents.archive import About, archived, embedded_xml
from documents.archive_check import archive_findings, require_archivable
from documents.errors import PaperError
from tests.documents.cases import cases
from tests.documents.conftest import PAPER, drawn

XML = b"<?xml version='1.0' encoding='UTF-8'?>\n<rsm:CrossIndustryInvoice/>\n"
ABOUT = About("Rechnung RE-2026-00042", "Radwerk \x00 <b>", "de", date(2026, 11, 21))


@pytest.fixture(scope="module")
def hybrid() -> bytes:
    return archived(drawn(PAPER), ABOUT, XML)


def broken(pdf: bytes, harm: Callable[[pikepdf.Pdf], None]) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        harm(document)
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


@pytest.mark.feature("EIN-8")
@pytest.mark.feature("X-01")
def test_it_is_archivable_and_holds_exactly_the_xml(hybrid: bytes) -> None:
    require_archivable(hybrid, with_xml=True)
    assert embedded_xml(hybrid) == XML
    assert PdfReader(io.BytesIO(hybrid)).attachments["factur-x.xml"] == [XML]


@pytest.mark.feature("EIN-8")
def test_a_bare_pdf_is_archivable_too_and_holds_no_xml() -> None:
    bare = archived(drawn(PAPER), ABOUT)
    require_archivable(bare, with_xml=False)
    assert embedded_xml(bare) is None
    assert set(archive_findings(bare, with_xml=True)) == {"attachment", "xmp"}


@pytest.mark.feature("EIN-8")
@pytest.mark.parametrize("name", ["wide-logo-sandbox", "other-scripts", "demo-company", "sixty-lines"])
def test_every_kind_of_paper_becomes_archivable(name: str) -> None:
    assert archive_findings(archived(drawn(cases()[name]), ABOUT, XML), with_xml=True) == ()


def test_the_pages_stay_as_they_were_drawn(hybrid: bytes) -> None:
    before, after = PdfReader(io.BytesIO(drawn(PAPER))), PdfReader(io.BytesIO(hybrid))
    assert [page.extract_text() for page in after.pages] == [page.extract_text() for page in before.pages]
    assert after.metadata is not None and after.metadata.title == ABOUT.title
    assert after.metadata.author == "Radwerk  <b>"


def test_drawn_again_it_is_the_same_file(hybrid: bytes) -> None:
    assert archived(drawn(PAPER), ABOUT, XML) == hybrid


@pytest.mark.feature("EIN-8")
@pytest.mark.parametrize(
    ("point", "harm"),
    [
        ("intent", lambda pdf: pdf.Root.__delitem__("/OutputIntents")),
        ("xmp", lambda pdf: pdf.Root.__delitem__("/Metadata")),
        ("language", lambda pdf: pdf.Root.__delitem__("/Lang")),
        ("attachment", lambda pdf: pdf.Root.__delitem__("/AF")),
        ("attachment", lambda pdf: pdf.attachments.__delitem__("factur-x.xml")),
        ("actions", lambda pdf: pdf.Root.__setitem__("/OpenAction", pdf.make_indirect(
            pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))))),
        ("annotations", lambda pdf: pdf.pages[0].obj.__setitem__("/Annots", pikepdf.Array([
            pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link)]))),
        ("fonts", lambda pdf: pdf.pages[0].Resources.Font.__setitem__("/F9", pdf.make_indirect(pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)))),
    ],
)  # fmt: skip
def test_what_falls_short_is_found(hybrid: bytes, point: str, harm: Callable[[pikepdf.Pdf], None]) -> None:
    spoilt = broken(hybrid, harm)
    assert point in archive_findings(spoilt, with_xml=True)
    with pytest.raises(PaperError) as refused:
        require_archivable(spoilt, with_xml=True)
    assert refused.value.code == "not_archivable"


@pytest.mark.feature("EIN-8")
def test_an_encrypted_or_broken_file_is_found(hybrid: bytes) -> None:
    with pikepdf.open(io.BytesIO(hybrid)) as document:
        out = io.BytesIO()
        document.save(out, encryption=pikepdf.Encryption(owner="a", user=""))
    assert "readable" in archive_findings(out.getvalue(), with_xml=True)
    assert archive_findings(b"%PDF-1.7 no", with_xml=True) == ("readable",)
    with pytest.raises(PaperError):
        archived(b"no PDF", ABOUT, XML)
