"""The choice of how many rows a page has: the person's own, for all lists."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin import errors
from admin.deeds import attempt
from admin.door import to_log_in
from admin.lists import row_id
from admin.people import person
from admin.session import safe_target
from services.page_sizes import choose_page_size

blueprint = Blueprint("admin_page_size", __name__, url_prefix="/admin/page-size")
errors.attach(blueprint)


@blueprint.route("/", methods=("POST",))
def choose() -> ResponseReturnValue:
    """Remember it, and back to the first page of the list."""
    found = person()
    if found is None:
        return to_log_in()
    size = row_id(request.form.get("size")) or 0
    attempt(lambda: choose_page_size(found.actor, size))
    return redirect(safe_target(request.form.get("next")) or url_for("admin.index"))
