"""Stored e-invoices: their bytes, and what the check says of them. Nothing is drawn a second time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from billing.errors import AlreadyDone, NotFound
from documents.einvoice_data import PROFILES
from models import Invoice
from services import activities, files, papers
from services.actor import Actor
from services.paper_drawing import PDF, XML
from services.unit import write

FORMATS = tuple(PROFILES)  # zugferd, xrechnung


@dataclass(frozen=True, slots=True)
class StoredXml:
    """An e-invoice's bytes as they were stored, with the name to save them under."""

    content: bytes
    filename: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check says of a stored paper: ids of broken rules and of warnings, and whether the PDF is a PDF/A-3.

    `format` is zugferd, xrechnung, or pdf for one without an e-invoice inside; `archivable` is None for an XML.
    """

    format: str
    broken: tuple[str, ...]
    warnings: tuple[str, ...]
    archivable: bool | None

    @property
    def holds(self) -> bool:
        return not self.broken and self.archivable is not False


def stored_xml(invoice_id: int, format: str) -> StoredXml:
    """The XML inside the stored PDF (zugferd), or the XRechnung, which is ordered once on demand.

    Draws what was not drawn yet. Raises NotFound("einvoice") for a PDF that holds none, and as `papers.draw`.
    """
    from documents.archive import embedded_xml

    kind = XML if format == "xrechnung" else PDF
    found = papers.paper_for_invoice(invoice_id, kind)
    file = files.read(papers.draw(found.id if found else papers.order(invoice_id, kind)))
    if kind == XML:
        return StoredXml(file.content, file.filename)
    content = embedded_xml(file.content)
    if content is None:
        raise NotFound("einvoice", invoice_id=invoice_id)
    return StoredXml(content, file.filename.removesuffix(".pdf") + "-zugferd.xml")


def order_xrechnung(actor: Actor, invoice_id: int) -> int:
    """Order the XRechnung of an issued document whose recipient takes another format; gives the paper's id.

    AlreadyDone where it was ordered before, NotFound for a draft and an unknown id.
    """
    with write() as session:
        row = session.execute(select(Invoice.number, Invoice.customer_id).where(Invoice.id == invoice_id)).one_or_none()
        if row is None or row.number is None:
            raise NotFound("invoice", invoice_id=invoice_id)
        if papers.paper_for_invoice(invoice_id, XML) is not None:
            raise AlreadyDone("paper_ordered")
        paper_id = papers.order(invoice_id, XML)
        activities.record(actor, "paper.ordered", "invoice", invoice_id, customer_id=row.customer_id,
                          number=row.number)  # fmt: skip
        return paper_id


def check_stored(kind: str, file_id: int) -> Checked:
    """Check the stored bytes of a drawn paper anew: nobody has to believe that they were checked.

    Raises files.Damaged, and NotFound for an unknown file.
    """
    content = files.read(file_id).content
    return _checked_xml(content) if kind == XML else _checked_pdf(content)


def _checked_xml(content: bytes) -> Checked:
    from documents.einvoice_check import check_einvoice

    report = check_einvoice(content, "xrechnung")
    return Checked("xrechnung", report.broken, report.warnings, None)


def _checked_pdf(content: bytes) -> Checked:
    from documents.archive import embedded_xml
    from documents.archive_check import archive_findings
    from documents.einvoice_check import check_einvoice

    xml = embedded_xml(content)
    archivable = not archive_findings(content, with_xml=xml is not None)
    if xml is None:
        return Checked("pdf", (), (), archivable)
    report = check_einvoice(xml, "zugferd")
    return Checked("zugferd", report.broken, report.warnings, archivable)
