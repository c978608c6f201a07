"""Everything about a customer to take along: ordered here, made by a job, fetched by who ordered it (DSG-1, R-24)."""

from __future__ import annotations

from flask import Response, abort, jsonify, request, send_file
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext

from admin.card import require_head, seen_head
from admin.cells import badge
from admin.deeds import done_by_button
from admin.door import Door
from admin.lists import row_id
from admin.people import actor
from queries.cards.data_exports import exports_of
from services import customer_exports, files, profiles
from services.customer_exports import UNFINISHED


class DataScreen(Door, BaseView):
    """A page of the card's menu "Verwalten"; only one's own files stand here."""

    deeds = dict.fromkeys(("index", "order", "progress", "download"), "customers.export")

    def __init__(self) -> None:
        super().__init__(name="data", endpoint="admin_customer_data", url="/admin/customers/data")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        head = require_head(reads=True)
        if head.is_erased:
            abort(404)
        rows = exports_of(head.id, actor().id or 0)
        stored = profiles.files_of(head.id)
        answer: ResponseReturnValue = self.render(
            "admin/card/data_export.html", head=head, rows=rows, files=len(stored),
            size=sum(file.size for file in stored),
            working=any(row.state in UNFINISHED for row in rows), title=gettext("Export customer data"),
        )  # fmt: skip
        return answer

    @expose("/order/", methods=("POST",))
    def order(self) -> ResponseReturnValue:
        head = require_head()
        return done_by_button(
            lambda: customer_exports.order(actor(), head.id),
            gettext("The file is being made. You may leave this page; the file waits here for a week."),
            self.get_url(".index", id=head.id),
        )

    @expose("/progress/")
    def progress(self) -> ResponseReturnValue:
        """How far the orders are, for the page's script."""
        rows = exports_of(seen_head().id, actor().id or 0)
        found = [{"id": row.id, "rows": how_far(row.files_done, row.files_all), "badge": badge("export", row.state)}
                 for row in rows]  # fmt: skip
        return jsonify(working=any(row.state in UNFINISHED for row in rows), exports=found)

    @expose("/download/")
    def download(self) -> ResponseReturnValue:
        """Only one's own, only while the role allows it; streamed, for it may be large."""
        row = customer_exports.find(row_id(request.args.get("id")) or 0, actor().id or 0)
        if row.file_id is None:
            abort(404)
        stored = files.proved(row.file_id)
        answer: Response = send_file(stored.path, stored.media_type, as_attachment=True, conditional=False,
                                     download_name=stored.filename, etag=False)  # fmt: skip
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer


def how_far(done: int, of: int | None) -> str:
    """ "12 of 40"."""
    return "" if of is None else gettext("%(done)s of %(all)s files", done=done, all=of)
