"""The e-invoice of a document: its check report, its XML, and an XRechnung for whoever asks for one later."""

from __future__ import annotations

from io import BytesIO

from flask import abort, redirect, request, send_file
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext

from admin.deeds import attempt, done_by_button
from admin.door import Door
from admin.lists import row_id
from admin.people import actor
from billing.errors import KontorError
from queries.cards.papers import PaperFile, get_invoice_papers
from services import einvoices
from services.einvoices import Checked


class EinvoiceScreen(Door, BaseView):
    deeds = {"index": "invoices.read", "xml": "invoices.read", "order": "papers.write"}

    def __init__(self) -> None:
        super().__init__(name="einvoices", endpoint="admin_einvoices", url="einvoices")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Each stored paper checked anew, rule by rule."""
        found = get_invoice_papers(row_id(request.args.get("id")) or 0)
        if found is None:
            abort(404)
        rows = [(paper, _checked(paper)) for paper in found.papers]
        title = gettext("Check report of %(number)s", number=found.number)
        return self.render("admin/einvoice.html", found=found, rows=rows, title=title)

    @expose("/xml/")
    def xml(self) -> ResponseReturnValue:
        """The XML inside the stored PDF."""
        invoice_id = row_id(request.args.get("id")) or 0
        if get_invoice_papers(invoice_id) is None:
            abort(404)
        done = attempt(lambda: einvoices.stored_xml(invoice_id, "zugferd"))
        if not done.done:
            return redirect(self.get_url("admin_invoices.details_view", id=invoice_id))
        return send_file(BytesIO(done.value.content), "application/xml", True, done.value.filename, etag=False)

    @expose("/order/", methods=("POST",))
    def order(self) -> ResponseReturnValue:
        invoice_id = row_id(request.form.get("id")) or 0
        if get_invoice_papers(invoice_id) is None:
            abort(404)
        return done_by_button(
            lambda: einvoices.order_xrechnung(actor(), invoice_id),
            gettext("The XRechnung is being made; it can be downloaded in a moment."),
            self.get_url("admin_invoices.details_view", id=invoice_id),
        )


def _checked(paper: PaperFile) -> Checked | None:
    """None for what is not drawn, and for bytes that cannot be read any more."""
    if paper.file_id is None:
        return None
    try:
        return einvoices.check_stored(paper.kind, paper.file_id)
    except KontorError:
        return None
