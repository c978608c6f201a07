"""One paper as bytes: the PDF with the e-invoice inside, or the XRechnung. Checked before anybody may store it.

Pure computing of a tenth of a second, outside any transaction. What does not hold raises and is stored by nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

from billing.errors import KontorError
from documents.einvoice_data import EinvoiceData
from documents.errors import PaperError
from documents.paper import InvoicePaper
from services.einvoice_rows import einvoice_data, format_of
from services.paper_data import invoice_paper
from services.unit import end_reading

PDF, XML = "pdf", "xml"
KINDS = (PDF, XML)
INVALID = "einvoice_invalid"
MOST_RULES = 20  # named in the row


@dataclass(frozen=True, slots=True)
class Drawn:
    """Bytes with the name and type under which they are kept."""

    content: bytes
    filename: str
    media_type: str


def draw(invoice_id: int, kind: str, *, with_logo: bool = True) -> Drawn:
    """Draw one paper of an issued document from its frozen rows.

    Raises PaperError ("einvoice_invalid" with the rules, "not_archivable", and what drawing raises), NotFound, or
    files.Damaged for the frozen logo.
    """
    paper = invoice_paper(invoice_id, with_logo=with_logo and kind == PDF)
    data, wanted = einvoice_data(invoice_id, paper), format_of(invoice_id)
    end_reading()
    if kind == XML:
        return Drawn(checked_xml(data, "xrechnung"), f"{paper.number}.xml", "application/xml")
    xml = None if wanted == "pdf" else checked_xml(data, "zugferd")
    return Drawn(_pdf(paper, xml), f"{paper.number}.pdf", "application/pdf")


def checked_xml(data: EinvoiceData, kind: str) -> bytes:
    """The XML, which holds. Raises PaperError("einvoice_invalid", rules=[...])."""
    from documents.einvoice import build_einvoice  # the libraries are imported by who draws, not by every process
    from documents.einvoice_check import check_einvoice

    xml = build_einvoice(data, kind)
    report = check_einvoice(xml, kind, data)
    if not report.holds:
        raise PaperError(INVALID, rules=list(report.broken[:MOST_RULES]))
    return xml


def told(error: KontorError) -> str:
    """A failure as its row keeps it: the code, and the ids of broken rules behind it."""
    rules = error.facts.get("rules")
    named = ", ".join(map(str, rules)) if isinstance(rules, list) else ""
    return f"{error.code}: {named}" if named else error.code


def _pdf(paper: InvoicePaper, xml: bytes | None) -> bytes:
    from documents.archive import About, archived
    from documents.archive_check import require_archivable
    from documents.invoice import draw_invoice, heading
    from documents.letter import full_name

    about = About(heading(paper), full_name(paper.letterhead), paper.language, paper.issued_on)
    pdf = archived(draw_invoice(paper), about, xml)
    require_archivable(pdf, with_xml=xml is not None)
    return pdf
