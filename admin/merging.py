"""Merging two records (X-22, R-19 to R-21): choose the second one, compare field by field, confirm."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext

from admin import merge_words
from admin.customer_choice import CustomerChoice, customer_of
from admin.deeds import attempt
from admin.door import Door
from admin.lists import row_id
from admin.merged import lead_on
from admin.people import actor
from admin.refusals import in_words
from billing.errors import KontorError, NotFound
from queries.cards.customer_head import Head, get_head
from queries.duplicates import find_duplicates
from services import merge
from services.merge_fields import UNITS
from services.merge_preview import MergePreview, preview_merge


class MergeScreen(CustomerChoice, Door, BaseView):
    """From the card by search, from the list by ticking two rows."""

    deeds = {
        "index": "customers.merge", "compare": "customers.merge", "merge": "customers.merge",
        "suggest": "customers.merge",
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__(name="merging", endpoint="admin_merging", url="/admin/merge")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """R-20: whom to merge with. What was typed and finds exactly one record leads on to the comparison."""
        head, typed, error = require(), request.args.get("other", "").strip()[:200], ""
        if typed:
            try:
                return redirect(self.get_url(".compare", id=head.id, other=customer_of(typed, but=head.id)))
            except KontorError as refused:
                error = in_words(refused)
        return self.render(
            "admin/merge_choose.html", head=head, typed=typed, error=error, duplicates=find_duplicates(head.customer),
            title=gettext("Merge with"),
        )  # fmt: skip

    @expose("/compare/")
    def compare(self) -> ResponseReturnValue:
        """R-21: both records side by side, and what will come together."""
        return self.show(_preview(require().id, require("other").id), {})

    @expose("/done/", methods=("GET", "POST"))
    def merge(self) -> ResponseReturnValue:
        """The deed; a refusal leaves the page with all that was chosen. Who only opens the address compares first, and
        so does who compared a record that was merged meanwhile."""
        heads = [require(name) for name in ("id", "other")]
        survivor, other = (head.id for head in heads)
        merged = any(head.merged_number for head in heads)
        if merged and survivor == other:
            return _is_one(survivor)
        if request.method == "GET" or merged:
            return redirect(self.get_url(".compare", id=survivor, other=other))
        chosen = {unit: request.form[f"of-{unit}"] for unit in UNITS if f"of-{unit}" in request.form}
        seen = {key: row_id(request.form.get(name)) or 0 for key, name in ((survivor, "seen"), (other, "seen_other"))}
        outcome = attempt(lambda: merge.merge(actor(), survivor, other, chosen, seen))
        if not outcome.done:
            return self.show(_preview(survivor, other), chosen)
        flash(gettext("The two records are one now."), "good")
        return redirect(url_for("admin_customers.details_view", id=survivor))

    def show(self, plan: MergePreview, chosen: dict[str, str]) -> ResponseReturnValue:
        answer: ResponseReturnValue = self.render(
            "admin/merge.html", plan=plan, rows=merge_words.rows(plan.differing, chosen), words=merge_words,
            title=gettext("Merge records"),
        )  # fmt: skip
        return answer


def of_two(ids: Sequence[int], back: str) -> ResponseReturnValue:
    """The list's action: it takes two rows, neither more nor less; the older record is proposed to stay."""
    if len(ids) != 2:
        flash(gettext("Please tick exactly two records. The older one is proposed as the one that stays; you can "
                      "swap them on the next page."), "info")  # fmt: skip
        return redirect(back)
    return redirect(url_for("admin_merging.compare", id=min(ids), other=max(ids)))


def require(name: str = "id") -> Head:
    """The record that the address names so; one that was merged leads on to its survivor (D-11)."""
    head = get_head(row_id(request.values.get(name)) or 0) or abort(404)
    if head.merged_number:
        lead_on(head.merged_number, **{name: head.id})
    return head


def _is_one(number: int) -> ResponseReturnValue:
    """Sent twice, or merged by somebody else meanwhile: it is done."""
    flash(gettext("The two records are one now."), "info")
    return redirect(url_for("admin_customers.details_view", id=number))


def _preview(survivor_id: int, other_id: int) -> MergePreview:
    try:
        return preview_merge(survivor_id, other_id)
    except NotFound:
        abort(404)
