"""Tags: list and form (M1-41)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from admin.columns import Column
from admin.fields import Form, text
from admin.forms import FormScreen
from admin.people import actor
from models import Tag
from queries.lists.customers import TAGS
from services import tags


class TagForm(Form):
    name = text(_l("Name"), Tag.__table__.c.name, required=True)

    groups = ((_l("Tag"), ("name",)),)


class TagScreen(FormScreen):
    """Tags sort customers by criteria of the team's own (M1-41)."""

    title = _l("Tags")
    new_label = _l("New tag")
    edit_title = _l("Rename tag")
    hint = _l("Name of the tag")
    empty = _l("Tags sort your customers as you wish, such as “fair 2026”. Make the first one here or in a record.")
    deeds = {
        "index_view": "tags.read", "create_view": "tags.write", "edit_view": "tags.write",
        "delete_view": "tags.delete", "confirm_delete": "tags.delete",
    }  # fmt: skip
    delete_means = _l("The tag is taken off all customers who have it. The customers stay. This cannot be undone.")
    listing = TAGS
    columns = (
        Column("name", _l("Name"), "link", to="admin_tags.edit_view"),
        Column("customers", _l("Customers"), "about", to="admin_customers.index_view", arg="tag"),
        Column("created_at", _l("Created"), "moment"),
    )
    form_class = TagForm

    def __init__(self) -> None:
        super().__init__(Tag, "tags")

    def create(self, form: Form) -> int:
        return tags.add_tag(actor(), form.name.data)

    def update(self, form: Form, row: Tag) -> None:
        tags.rename_tag(actor(), row.id, form.name.data)

    def delete(self, row: Tag) -> None:
        tags.delete_tag(actor(), row.id)
