"""A drawn PDF becomes a PDF/A-3b, with the e-invoice inside where there is one (EIN-8, ISO 19005-3, ZUGFeRD 2.5)."""

from __future__ import annotations

import io
import logging
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import pikepdf
from facturx.facturx import FACTURX_FILENAME, generate_xmp_bytes

from documents.einvoice_text import clean
from documents.errors import PaperError

XML_NAME: Final[str] = FACTURX_FILENAME  # factur-x.xml
# The XML says the same as the page: in Germany that is "Alternative"; "Data" would be less than an invoice.
RELATIONSHIP: Final = "Alternative"
_PROFILE: Final = Path(__file__).with_name("srgb.icc")  # made by Little CMS; its own words: "No copyright, use freely"
_INTENT: Final = "sRGB IEC61966-2.1"
# Noon of the day of issue, where the library writes the time of drawing.
_INSTANT: Final = re.compile(rb"(<xmp:(?:Create|Modify)Date>)[^<]*")
_MAKER: Final = re.compile(rb"(<(?:pdf:Producer|xmp:CreatorTool)>)[^<]*")
MAKER: Final = "Kontor"
logging.getLogger("factur-x").setLevel(logging.CRITICAL)  # it quotes what it reads (S19)


@dataclass(frozen=True, slots=True)
class About:
    """What the file says of itself; the day makes a paper drawn again the same file."""

    title: str
    author: str
    language: str
    issued_on: date


def archived(pdf: bytes, about: About, xml: bytes | None = None) -> bytes:
    """The PDF as PDF/A-3b; with the XML embedded it is a ZUGFeRD invoice. The same input gives the same bytes.

    Raises PaperError("not_archivable").
    """
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            _put_metadata(document, about, hybrid=xml is not None)
            _put_info(document, about)
            _put_intent(document)
            if xml is not None:
                _put_xml(document, about, xml)
            out = io.BytesIO()
            document.save(out, min_version="1.7", deterministic_id=True)
            return out.getvalue()
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise PaperError("not_archivable", kind=type(error).__name__) from None


def embedded_xml(pdf: bytes) -> bytes | None:
    """The e-invoice inside a stored PDF, or None where there is none."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found = document.attachments.get(XML_NAME)
        return None if found is None else found.get_file().read_bytes()


def _put_metadata(document: pikepdf.Pdf, about: About, *, hybrid: bool) -> None:
    """The XMP of a PDF/A-3b, with the extension schema where an invoice is inside: the library knows its words."""
    flavor, level = ("factur-x", "en16931") if hybrid else ("pdf", "")
    told = {"title": clean(about.title), "author": clean(about.author), "subject": clean(about.title)}
    words = generate_xmp_bytes(flavor, level, None, told)
    words = _INSTANT.sub(rb"\g<1>" + f"{about.issued_on}T12:00:00Z".encode(), words)
    words = _MAKER.sub(rb"\g<1>" + MAKER.encode(), words)
    document.Root.Metadata = document.make_stream(words, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
    document.Root.Lang = pikepdf.String(about.language)


def _put_info(document: pikepdf.Pdf, about: About) -> None:
    """The older place of the same facts: the two must not differ."""
    del document.trailer["/Info"]
    stamp = pikepdf.String(f"D:{about.issued_on:%Y%m%d}120000Z")
    told = {"/Title": about.title, "/Author": about.author, "/Subject": about.title}
    named = {"/Creator": MAKER, "/Producer": MAKER}
    for name, value in (told | named).items():
        document.docinfo[name] = pikepdf.String(clean(value))
    document.docinfo["/CreationDate"] = document.docinfo["/ModDate"] = stamp


def _put_xml(document: pikepdf.Pdf, about: About, xml: bytes) -> None:
    """The invoice as an associated file of the whole document."""
    stamp = f"D:{about.issued_on:%Y%m%d}120000Z"
    spec = pikepdf.AttachedFileSpec(
        document, xml, filename=XML_NAME, description="ZUGFeRD / Factur-X", mime_type="text/xml",
        relationship=pikepdf.Name(f"/{RELATIONSHIP}"), creation_date=stamp, mod_date=stamp,
    )  # fmt: skip
    document.attachments[XML_NAME] = spec
    document.Root.AF = document.make_indirect(pikepdf.Array([spec.obj]))


def _put_intent(document: pikepdf.Pdf) -> None:
    """Without it a reader could not know what the colours of the pages mean."""
    profile = document.make_stream(_icc(), N=3, Alternate=pikepdf.Name.DeviceRGB)
    intent = pikepdf.Dictionary(
        Type=pikepdf.Name.OutputIntent, S=pikepdf.Name.GTS_PDFA1, OutputConditionIdentifier=_INTENT, Info=_INTENT,
        RegistryName="http://www.color.org", DestOutputProfile=profile,
    )  # fmt: skip
    document.Root.OutputIntents = pikepdf.Array([document.make_indirect(intent)])


@cache
def _icc() -> bytes:
    return _PROFILE.read_bytes()
