"""Whether a PDF is what it says: PDF/A-3b, every font inside, and the e-invoice where a reader looks for it (EIN-8).

No full validator (those are Java), but each point in which the drawn PDF is known to fall short, looked at in the
finished bytes before they are stored.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Final

import pikepdf

from documents.archive import RELATIONSHIP, XML_NAME
from documents.errors import PaperError

_PRINT: Final = 4  # flag of an annotation that is printed, too
_NEVER: Final = ("/JavaScript", "/Launch", "/Movie", "/Sound")
Complaints = Iterator[str]


def require_archivable(pdf: bytes, *, with_xml: bool) -> None:
    """Raises PaperError("not_archivable", rules=[...]) for a file that is no PDF/A-3b or hides its invoice."""
    broken = archive_findings(pdf, with_xml=with_xml)
    if broken:
        raise PaperError("not_archivable", rules=list(broken))


def archive_findings(pdf: bytes, *, with_xml: bool) -> tuple[str, ...]:
    """The points that do not hold: readable, fonts, intent, xmp, actions, annotations, attachment."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            checks = (*_CHECKS, _attachment) if with_xml else _CHECKS
            return tuple(dict.fromkeys(name for check in checks for name in check(document)))
    except pikepdf.PdfError:
        return ("readable",)


def _encryption(document: pikepdf.Pdf) -> Complaints:
    if document.is_encrypted or "/ID" not in document.trailer:
        yield "readable"


def _fonts(document: pikepdf.Pdf) -> Complaints:
    """Every font that is named is embedded: none of the reader's own is used."""
    for each in _of_type(document, "/Font"):
        if str(each.get("/Subtype")) in ("/Type0", "/Type3"):
            continue  # its descendant, or its own procedures, are looked at
        about = each.get("/FontDescriptor")
        if about is None or not any(name in about for name in ("/FontFile", "/FontFile2", "/FontFile3")):
            yield "fonts"


def _intent(document: pikepdf.Pdf) -> Complaints:
    intents = document.Root.get("/OutputIntents", [])
    kinds = [str(intent.get("/S")) for intent in intents if int(intent.get("/DestOutputProfile", {}).get("/N", 0)) == 3]
    if kinds != ["/GTS_PDFA1"]:
        yield "intent"


def _metadata(document: pikepdf.Pdf) -> Complaints:
    told = document.open_metadata() if "/Metadata" in document.Root else {}
    if (told.get("pdfaid:part"), told.get("pdfaid:conformance")) != ("3", "B"):
        yield "xmp"
    if "/Lang" not in document.Root:
        yield "language"


def _actions(document: pikepdf.Pdf) -> Complaints:
    for each in document.objects:
        if isinstance(each, pikepdf.Dictionary) and str(each.get("/S", "")) in _NEVER:
            yield "actions"


def _annotations(document: pikepdf.Pdf) -> Complaints:
    for page in document.pages:
        for each in page.obj.get("/Annots", []):
            if not int(each.get("/F", 0)) & _PRINT:
                yield "annotations"


def _attachment(document: pikepdf.Pdf) -> Complaints:
    """The XML under its name, in relation to the document, described in the metadata."""
    spec = document.attachments.get(XML_NAME)
    told = document.open_metadata() if "/Metadata" in document.Root else {}
    uri = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
    wanted = {"DocumentType": "INVOICE", "DocumentFileName": XML_NAME, "ConformanceLevel": "EN 16931", "Version": "1.0"}
    named = spec is not None and str(spec.obj.get("/AFRelationship")) == f"/{RELATIONSHIP}"
    if not named or spec.obj.objgen not in [each.objgen for each in document.Root.get("/AF", [])]:
        yield "attachment"
    if any(told.get(uri + name) != value for name, value in wanted.items()):
        yield "xmp"


def _of_type(document: pikepdf.Pdf, kind: str) -> Iterator[pikepdf.Dictionary]:
    for each in document.objects:
        if isinstance(each, pikepdf.Dictionary) and str(each.get("/Type", "")) == kind:
            yield each


_CHECKS: Final[tuple[Callable[[pikepdf.Pdf], Complaints], ...]] = (
    _encryption, _fonts, _intent, _metadata, _actions, _annotations,
)  # fmt: skip
