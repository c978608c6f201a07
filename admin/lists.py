"""The list screen: a Flask-Admin model view whose rows come from `queries.lists`, one statement a page."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, request
from flask_admin import expose
from flask_admin.contrib.sqla import ModelView
from flask_babel import gettext
from flask_wtf import FlaskForm

from admin import exports
from admin.columns import Choice, Column
from admin.door import Door
from extensions import db
from queries.lists import listing

PAGE_SIZES = (20, 50, 100)


class ListScreen(Door, ModelView):
    """Base of all lists. A subclass declares what it shows; nothing is scaffolded from the table.

    `deeds` says which of Flask-Admin's view functions exist at all. Reading goes through `listing`, every change
    through a service: the session of a request is read-only (docs/architecture.md).
    """

    listing: listing.Listing
    columns: tuple[Column, ...] = ()
    choices: tuple[Choice, ...] = ()
    title: Any = ""
    empty: Any = ""  # what will stand here, and the first step
    hint: Any = ""  # what the search finds
    new_label: Any = ""
    lead = ""  # the column that leads a row on a phone; the first one if none is named
    file_name = "export"

    can_create = can_edit = can_delete = can_export = can_view_details = False
    column_auto_select_related = False
    column_display_pk = False
    can_set_page_size = True
    page_size = 50
    page_size_options = PAGE_SIZES
    simple_list_pager = True  # counting a large table for the pager costs more than the page itself
    form = form_base_class = FlaskForm  # one CSRF scheme; forms with fields are declared where they are used
    form_columns: tuple[str, ...] = ()
    list_template = "admin/list.html"
    create_template = edit_template = "admin/form.html"

    def __init__(self, model: type[Any], subject: str) -> None:
        self.column_list = [column.name for column in self.columns]
        self.column_labels = {column.name: column.label for column in self.columns}
        super().__init__(model, db, name=str(subject), endpoint=f"admin_{subject}", url=subject.replace("_", "-"))

    # What Flask-Admin asks of a model view, answered from the declarations.

    def get_list_columns(self) -> list[tuple[str, Any]]:
        return [(column.name, column.label) for column in self.columns]

    def scaffold_sortable_columns(self) -> dict[str, Any]:
        return dict.fromkeys(self.get_listing().sorts)

    get_sortable_columns = scaffold_sortable_columns

    def init_search(self) -> bool:
        return self.get_listing().search is not None

    def search_placeholder(self) -> str | None:
        return str(self.hint) or None

    def get_list(
        self, page: int | None, sort_column: str | None, sort_desc: bool, search: str | None, filters: Any,
        execute: bool = True, page_size: int | None = None,
    ) -> tuple[None, list[Any]]:  # fmt: skip
        """The rows of one page. Whether there are more is kept for the pager, as `has_next`."""
        wish = self.wish(sort_column, bool(sort_desc), search)
        rows, self._template_args["has_next"] = listing.page(self.get_listing(), wish, page or 0, page_size or 50)
        return None, rows

    def get_one(self, id: Any) -> Any:
        """The row of an id out of an address; whatever is no id leads to none."""
        number = row_id(id)
        return db.session.get(self.model, number) if number else None

    def get_empty_list_message(self) -> str:
        if any(request.args.get(name) for name in ("search", *(choice.name for choice in self.choices))):
            return gettext("Nothing was found. Try fewer or other words.")
        return str(self.empty)

    # Our own.

    def get_listing(self) -> listing.Listing:
        return self.listing

    def wish(self, sort: str | None, descending: bool, search: str | None) -> listing.Wish:
        """What the address asks for."""
        narrow = {choice.name: request.args.get(choice.name, "") for choice in self.choices}
        return listing.Wish(search or "", narrow, sort, descending)

    @expose("/export/<export_type>/")
    def export(self, export_type: str) -> Response:
        """What the list shows, all pages of it, as a file."""
        if export_type != "csv":
            abort(404)
        asked = self._get_list_extra_args()
        column = self._get_column_by_idx(asked.sort)
        wish = self.wish(column[0] if column else None, bool(asked.sort_desc), asked.search)
        found = self.get_listing()
        return exports.respond(self.file_name, self.columns, lambda: listing.stream(found, wish))


def row_id(text: Any) -> int | None:
    """An id as it may stand in an address, or None."""
    given = str(text or "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else None
