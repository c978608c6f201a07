"""Lists as files: a short one at once, a long one as an order that a job works off; and the page of one's orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Response, abort, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import force_locale, get_locale, gettext
from flask_babel import lazy_gettext as _l

from admin import sheets
from admin.cells import badge
from admin.columns import Column
from admin.deeds import attempt
from admin.door import ANYONE
from admin.lists import ListScreen, row_id
from admin.people import actor, may
from documents import sheets as files_of_rows
from models import Export
from queries.lists import listing, shape
from queries.lists.exports import exports_of
from services import clock, exports, files
from services.exports import Part

AT_ONCE = 1000  # rows; more are an order


class ListSource:
    """A list screen as the exports know it: in the language of the person who ordered."""

    def __init__(self, screen: Any) -> None:
        self.screen = screen

    def heads(self, wish: Mapping[str, Any]) -> list[str]:
        with _language(wish):
            return sheets.heads(self.screen.file_columns())

    def part(self, wish: Mapping[str, Any], kind: str, after: str, size: int) -> Part:
        page = listing.page(self.screen.get_listing(), asked_by(wish), size, after=after, in_full=True)
        with _language(wish):
            spell = sheets.as_records if kind == "json" else sheets.as_cells
            return Part(spell(self.screen.file_columns(), page.rows), page.after)


def asked_by(wish: Mapping[str, Any]) -> shape.Wish:
    """An order's wish as the list takes it."""
    return shape.Wish(wish["search"], wish["narrow"], wish["sort"], tuple(wish["ids"]))


@contextmanager
def _language(wish: Mapping[str, Any]) -> Iterator[None]:
    with force_locale(wish["language"]):
        yield


class Files:
    """Mixed into a list screen, before it: a list that may be taken along.

    `deeds["export"]` names the permission; who ordered is asked for it again when the file is fetched. No screen of its
    own, for Flask-Admin would put its own `export` in the way of ours in each class that it makes.
    """

    in_file: tuple[Column, ...] = ()  # the columns of a file, where it holds more than the list

    def __init__(self, *names: Any) -> None:
        super().__init__(*names)
        exports.SOURCES[self.subject] = ListSource(self)

    def file_columns(self) -> tuple[Column, ...]:
        return sheets.with_currency(self.in_file or self.columns, _l("Currency"))

    @expose("/export/<export_type>/", methods=("GET", "POST"))
    def export(self, export_type: str) -> ResponseReturnValue:
        """What the list shows, all pages of it, or the rows that were chosen. A long list is ordered by a button (POST)
        only, for an order is written down."""
        if export_type not in exports.KINDS:
            abort(404)
        wish = self._file_wish()
        if not listing.exceeds(self.get_listing(), asked_by(wish), AT_ONCE):
            return self._at_once(export_type, wish)
        if request.method == "POST":
            return self._ordered(export_type, wish)
        return self.render("admin/export_order.html", title=gettext("Export list"), kind=export_type)

    def _file_wish(self) -> dict[str, Any]:
        asked = self.wish(self.arguments())
        ids = [number for number in map(row_id, request.args.getlist("id")[:AT_ONCE]) if number]
        return {"search": asked.search, "narrow": dict(asked.narrow), "sort": asked.sort, "ids": ids,
                "language": str(get_locale() or "de")}  # fmt: skip

    def _at_once(self, kind: str, wish: Mapping[str, Any]) -> Response:
        part = ListSource(self).part(wish, kind, "", AT_ONCE)
        content = files_of_rows.head(kind, ListSource(self).heads(wish)) + files_of_rows.rows(kind, part.rows, 0)
        exports.note_taken(actor(), self.subject, kind, len(part.rows))
        name = f"{self.subject}-{clock.today().isoformat()}.{kind}"
        return attachment(files_of_rows.whole(kind, content), name, files_of_rows.MEDIA_TYPES[kind])

    def _ordered(self, kind: str, wish: Mapping[str, Any]) -> ResponseReturnValue:
        if attempt(lambda: exports.order(actor(), self.subject, kind, wish)).done:
            flash(gettext("The file is being made. You may leave this page; the file waits here for a week."), "good")
        return redirect(self.get_url("admin_exports.index_view"))


class ExportScreen(ListScreen):
    """A person's own files: how far they are, and where to fetch them."""

    title = _l("Exports")
    empty = _l("Files of long lists will stand here. Begin with “Export” above a list.")
    deeds = {"index_view": ANYONE, "progress": ANYONE, "download": ANYONE}
    list_template = "admin/exports.html"
    columns = (
        Column("subject", _l("List"), "kind", of="list"),
        Column("format", _l("Format"), "kind", of="format"),
        Column("state", _l("Status"), "state", of="export"),
        Column("rows_done", _l("Rows"), "number"),
        Column("created_at", _l("Ordered"), "moment"),
        Column("finished_at", _l("Completed"), "moment"),
    )

    def __init__(self) -> None:
        super().__init__(Export, "exports")

    def get_listing(self) -> shape.Listing:
        return exports_of(actor().id or 0)

    @expose("/progress/")
    def progress(self) -> ResponseReturnValue:
        """How far the orders are, for the page's script."""
        rows = listing.page(self.get_listing(), shape.Wish(), 100).rows
        found = [{"id": row.id, "rows": row.rows_done, "badge": badge("export", row.state)} for row in rows]
        return jsonify(working=any(row.state in ("pending", "running") for row in rows), exports=found)

    @expose("/download/")
    def download(self) -> ResponseReturnValue:
        """Only one's own, and only while the role still allows this list to be taken along."""
        row = exports.find(row_id(request.args.get("id")) or 0, actor().id or 0)
        if not may(permission_of(row.subject)):
            abort(403)
        if row.file_id is None:
            abort(404)
        stored = files.read(row.file_id)
        return attachment(stored.content, stored.filename, stored.media_type)


def permission_of(subject: str) -> str:
    """What taking this list along asks for; nobody has the permission of an unknown list."""
    source = exports.SOURCES.get(subject)
    return source.screen.deeds["export"] if isinstance(source, ListSource) else "nobody"


def attachment(content: bytes, name: str, media_type: str) -> Response:
    """A download that stays nowhere (S27) and that no browser opens as a page."""
    response = Response(content, mimetype=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=files.safe_name(name))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
