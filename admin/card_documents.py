"""The tab with a customer's files: brought by people, drawn for invoices, attached to notes (R-28).

Whatever people brought is only ever saved, never run (S12): a picture is shown as it was drawn anew, a PDF in a frame
under a policy that lets nothing load and no script run.
"""

from __future__ import annotations

import io
from typing import Any

from flask import Response, abort, flash, redirect, request, send_file
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import MultipleFileField, TextAreaField
from wtforms.validators import Length

from admin.asking import Asking, named, this_page
from admin.card import CardTab, require_head, seen_head, show
from admin.door import may
from admin.fields import Form, stripped, text
from admin.list_page import ListPage, build
from admin.lists import page_size, row_id
from admin.people import actor
from admin.refusals import in_words
from admin.upload_words import what_is_kept
from billing.errors import AlreadyDone, KontorError, NotFound
from queries.cards.customer_head import Head
from queries.cards.documents import DocumentRow, get_document, page_of_documents
from services import documents
from services.documents import Labels
from services.files import Stored
from services.uploads import ACCEPTED, most_bytes
from services.values import LONGEST_TEXT

MOST_AT_ONCE = 20
LONGEST_NAME = 60  # of a file in a sentence
PDF = "application/pdf"
# Nothing loads, nothing runs, and only a page of ours shows it.
LOCKED = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'self'; form-action 'none'",
    "X-Frame-Options": "SAMEORIGIN", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow", "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}  # fmt: skip


def _note_field() -> Any:
    return TextAreaField(_l("Remark"), [Length(max=LONGEST_TEXT)], filters=[stripped])


class UploadForm(Form):
    files = MultipleFileField(_l("Files"), render_kw={"accept": ACCEPTED}, description=what_is_kept())
    title = text(_l("Title"), longest=200, help=_l("May be empty; the name of the file always stays."))
    note = _note_field()


class LabelForm(Form):
    title = text(_l("Title"), longest=200, help=_l("May be empty; the name of the file always stays."))
    note = _note_field()


class DeleteForm(Form):
    reason = text(_l("Reason"), longest=200, required=True, help=_l("Stands in the activities."))


class DocumentsTab(Asking, CardTab):
    tab = "documents"
    permission = "documents.read"
    template = "admin/card/documents.html"
    deeds = {
        "upload": "documents.write", "label": "documents.write", "delete": "documents.delete",
        "look": "documents.read", "picture": "documents.read", "page": "documents.read", "download": "documents.read",
    }  # fmt: skip

    def content(self, head: Head) -> dict[str, Any]:
        return {"shown": self._page(head)}

    def _page(self, head: Head) -> ListPage:
        place = (request.args.get("after", ""), request.args.get("before", ""))
        page = page_of_documents(head.id, sources(), page_size(), *place)
        return build(request.path, {"id": str(head.id)}, (), (), page, "", "")

    @expose("/upload/", methods=("GET", "POST"))
    def upload(self) -> ResponseReturnValue:
        head = require_head()
        form = UploadForm()
        if form.validate_on_submit() and keep_all(head.id, form):
            return redirect(self.get_url(".index", id=head.id))
        return self.render(
            "admin/asked.html", form=form, title=gettext("Upload files"), verb=gettext("Upload"),
            what=[gettext("At most %(count)s files at once. They stay in the house; nobody gets them by this.",
                          count=MOST_AT_ONCE)],
            danger=False, back_to=self.get_url(".index", id=head.id), action=this_page(), extra={"id": head.id},
            **named(head.customer),
        )  # fmt: skip

    @expose("/label/", methods=("GET", "POST"))
    def label(self) -> ResponseReturnValue:
        head, row = require_document()
        form = LabelForm() if request.method == "POST" else LabelForm(obj=row)
        seen = request.form.get("seen") or Labels(row.title, row.note).digest
        wanted = Labels(form.title.data or "", form.note.data or "")
        return self.asked(
            form, lambda: documents.label_document(actor(), head.id, row.id, seen, wanted),
            title=gettext("Title and remark"), verb=gettext("Save"), what=[row.filename], said=gettext("Saved."),
            back=self.get_url(".index", id=head.id), whose=head.customer,
            extra=_named(head, row) | {"seen": seen},
        )  # fmt: skip

    @expose("/delete/", methods=("GET", "POST"))
    def delete(self) -> ResponseReturnValue:
        head, row = require_document()
        form = DeleteForm()
        return self.asked(
            form, lambda: documents.delete_document(actor(), head.id, row.id, form.reason.data or ""),
            title=gettext("Delete document"), verb=gettext("Delete document"), danger=True,
            what=[gettext("“%(name)s” is deleted for good. That it was here, who deleted it and why, stays to be read.",
                          name=row.name)],
            said=gettext("The document is deleted."), back=self.get_url(".index", id=head.id), extra=_named(head, row),
            whose=head.customer,
        )  # fmt: skip

    @expose("/look/")
    def look(self) -> ResponseReturnValue:
        """The document on a page of the card, as far as it can be shown."""
        head, row = require_document()
        return show(self, self.tab, "admin/card/document.html", head, {"row": row, "is_pdf": row.media_type == PDF})

    @expose("/picture/")
    def picture(self) -> ResponseReturnValue:
        """Drawn anew when it was brought, so it holds nothing but what is seen."""
        head, row = require_document(is_page=False)
        return _locked(found_or_404(lambda: documents.read_preview(head.id, row.id)), attached=False)

    @expose("/page/")
    def page(self) -> ResponseReturnValue:
        """A PDF for the frame; nothing else is ever shown as it came."""
        head, row = require_document(is_page=False)
        if row.media_type != PDF:
            abort(404)
        return _locked(found_or_404(lambda: documents.read_document(head.id, row.id)), attached=False)

    @expose("/download/")
    def download(self) -> ResponseReturnValue:
        head, row = require_document(is_page=False)
        return _locked(found_or_404(lambda: documents.read_document(head.id, row.id)), attached=True)


def sources() -> tuple[str, ...]:
    """What of it the person may see."""
    asked = (("upload", "documents.read"), ("paper", "invoices.read"), ("note", "activities.read"))
    return tuple(source for source, permission in asked if may(permission))


def require_document(*, is_page: bool = True) -> tuple[Head, DocumentRow]:
    """The document that the address means, or 404; also where it is another customer's."""
    head = require_head(reads=True) if is_page else seen_head()
    return head, get_document(head.id, row_id(request.values.get("document")) or 0) or abort(404)


def keep_all(customer_id: int, form: UploadForm) -> bool:
    """Each file for itself: what cannot be kept is told by its name, and the others are kept. Whether any was."""
    given = [each for each in request.files.getlist("files") if each.filename][: MOST_AT_ONCE + 1]
    if not given or len(given) > MOST_AT_ONCE:
        said = gettext("Please choose at most %(count)s files.", count=MOST_AT_ONCE) if given else None
        form.files.errors = [*form.files.errors, said or gettext("Please choose a file.")]
        return False
    labels = Labels(form.title.data or "", form.note.data or "")
    if len(given) > 1 and labels.title:
        form.title.errors = [*form.title.errors, gettext("A title is for one file. Please leave it empty.")]
        return False
    said = [_keep_one(customer_id, each, labels) for each in given]
    kept, refused = said.count(""), [sentence for sentence in said if sentence]
    if not kept:
        form.files.errors = [*form.files.errors, *refused]
        return False
    for sentence in refused:
        flash(sentence, "bad")
    flash(ngettext("%(num)s file is kept.", "%(num)s files are kept.", kept), "good")
    return True


def _keep_one(customer_id: int, each: FileStorage, labels: Labels) -> str:
    """Why it was not kept; nothing where it was. Another ending than it came with is told."""
    name = (each.filename or "")[-LONGEST_NAME:]
    try:
        content = each.stream.read(most_bytes() + 1)
        document_id = documents.keep_document(actor(), customer_id, each.filename or "", content, labels)
    except AlreadyDone:
        return gettext("“%(name)s” was here already.", name=name)
    except KontorError as error:
        return gettext("“%(name)s” was not kept: %(why)s", name=name, why=in_words(error))
    row = get_document(customer_id, document_id)
    if row is not None and ending_of(row.filename) != ending_of(name):
        flash(gettext("“%(name)s” is kept as “%(kept)s”: what is in it says what kind of file it is.",
                      name=name, kept=row.filename[-LONGEST_NAME:]), "info")  # fmt: skip
    return ""


def ending_of(name: str) -> str:
    return name.rpartition(".")[2].lower()


def found_or_404(read: Any) -> Stored:
    try:
        found: Stored = read()
    except NotFound:
        abort(404)
    return found


def _locked(stored: Stored, *, attached: bool) -> Response:
    answer = send_file(
        io.BytesIO(stored.content), stored.media_type, as_attachment=attached, download_name=stored.filename, etag=False
    )
    answer.headers.update(LOCKED)
    return answer


def _named(head: Head, row: DocumentRow) -> dict[str, Any]:
    return {"id": head.id, "document": row.id}
