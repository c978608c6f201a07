"""The list screen: what `queries.lists` finds, a page at a time, with filters, orders, files and deeds for many."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.contrib.sqla import ModelView
from flask_babel import gettext
from flask_wtf import FlaskForm

from admin import list_page
from admin.columns import Choice, Column
from admin.door import Door
from admin.people import person
from extensions import db
from queries.lists import listing, shape
from services.page_sizes import PAGE_SIZES

LONGEST_VALUE = 200  # of a filter in an address
USUAL_SIZE = 50


class ListScreen(Door, ModelView):
    """Base of all lists. A subclass declares what it shows; nothing is scaffolded from the table.

    `deeds` says which of Flask-Admin's view functions exist at all. Reading goes through `listing`, every change
    through a service: the session of a request is read-only (docs/architecture.md).
    """

    listing: shape.Listing
    columns: tuple[Column, ...] = ()
    choices: tuple[Choice, ...] = ()
    title: Any = ""
    empty: Any = ""  # what will stand here, and the first step
    hint: Any = ""  # what the search finds
    new_label: Any = ""
    bulk: tuple[Any, ...] = ()  # deeds for many rows (admin/bulk.py)
    lead = ""  # the column that leads a row on a phone; the first one if none is named

    can_create = can_edit = can_delete = can_export = can_view_details = False
    column_auto_select_related = False
    column_display_pk = False
    form = form_base_class = FlaskForm  # one CSRF scheme; forms with fields are declared where they are used
    form_columns: tuple[str, ...] = ()
    list_template = "admin/list.html"
    create_template = edit_template = "admin/form.html"

    def __init__(self, model: type[Any], subject: str) -> None:
        self.subject = str(subject)
        self.column_list = [column.name for column in self.columns]
        super().__init__(model, db, name=self.subject, endpoint=f"admin_{subject}", url=subject.replace("_", "-"))

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """The page that the address asks for; garbled places and unknown filters lead to the plain list (S16)."""
        found, choices = self.get_listing(), self.get_choices()
        args = self.arguments(choices)
        page = listing.page(
            found, self.wish(args), page_size(), request.args.get("after", ""), request.args.get("before", "")
        )
        lead = self.lead or self.columns[0].name
        columns = self.get_columns(args)
        shown = list_page.build(request.path, args, columns, choices, page, lead, gettext("Search"))
        return self.render(
            self.list_template, title=self.title, shown=shown, choices=choices, can_search=found.search is not None,
            page_size=page_size(), page_sizes=PAGE_SIZES, nothing=self.nothing(bool(shown.chips)),
        )  # fmt: skip

    def get_one(self, id: Any) -> Any:
        """The row of an id out of an address; whatever is no id leads to none."""
        number = row_id(id)
        return db.session.get(self.model, number) if number else None

    def nothing(self, narrowed: bool) -> str:
        """What stands in the place of rows."""
        return gettext("Nothing was found. Try fewer or other words.") if narrowed else str(self.empty)

    def get_listing(self) -> shape.Listing:
        return self.listing

    def get_columns(self, args: Mapping[str, str]) -> tuple[Column, ...]:
        """A screen that shows more of what was asked for says so here."""
        return self.columns

    def get_choices(self) -> tuple[Choice, ...]:
        """The filters above the list; a screen whose values come from the database asks for them here."""
        return self.choices

    def arguments(self, choices: tuple[Choice, ...] | None = None) -> dict[str, str]:
        """The search, the filters and the sort of the address, as far as they are set."""
        names = ["search", *(choice.name for choice in choices or self.get_choices()), *self.more_arguments(), "sort"]
        given = {name: request.args.get(name, "").strip()[:LONGEST_VALUE] for name in names}
        return {name: value for name, value in given.items() if value}

    def more_arguments(self) -> tuple[str, ...]:
        """Filters that stand in addresses without a field above the list."""
        return ()

    def wish(self, args: dict[str, str]) -> shape.Wish:
        """What the arguments ask of the list."""
        narrow = {name: value for name, value in args.items() if name not in ("search", "sort")}
        return shape.Wish(args.get("search", ""), narrow, args.get("sort", ""))


def page_size() -> int:
    """How many rows the person likes on a page; never another number than is offered (S26)."""
    found = person()
    return found.page_size if found and found.page_size in PAGE_SIZES else USUAL_SIZE


def row_id(text: Any) -> int | None:
    """An id as it may stand in an address, or None."""
    given = str(text or "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else None


def day_of(text: str | None) -> date | None:
    """A day as it may stand in an address or a form, or None."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
