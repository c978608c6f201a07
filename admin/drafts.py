"""One-off invoices (Einzelrechnung): a draft is written, looked at as a paper, and issued; or deleted without a trace
in the series (M1-08)."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin.asking import asked_from
from admin.customer_choice import CustomerChoice, customer_of, number_in, with_suggestions
from admin.deeds import attempt
from admin.door import Door
from admin.draft_form import EMPTY, MAIN, MORE, DraftForm, head_of, of_product, positions_of, rows_of
from admin.lists import row_id
from admin.merged import number_of_address
from admin.people import actor
from admin.products import active_products
from admin.refusals import in_words
from billing.errors import KontorError
from services import drafts
from services.draft_pages import (
    DraftPage,
    currencies_in_use,
    find_customer,
    get_draft,
    get_product,
    issued_number,
    usual,
)
from services.values import CURRENCIES


class DraftScreen(CustomerChoice, Door, BaseView):
    """The form, the question before issuing, the question before deleting, and the paper as it would be."""

    title = _l("Invoices")
    deeds = {"create_view": "invoices.write", "edit_view": "invoices.write", "issue": "invoices.write",
             "delete": "invoices.write", "paper": "invoices.read", "suggest": "invoices.write"}  # fmt: skip

    def __init__(self) -> None:
        super().__init__(name="drafts", endpoint="admin_drafts", url="/admin/drafts")

    @expose("/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        form = _new_form()
        if _changed_rows(form) or not form.validate_on_submit():
            return self._show(form)
        made = _tried(form, lambda: drafts.create_draft(actor(), _customer(form), head_of(form), positions_of(form)))
        return self._show(form) if made is None else self._saved(made)

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        draft = _draft()
        form = DraftForm() if request.method == "POST" else _form_of(draft)
        form.customer.data = draft.customer_number
        if _changed_rows(form) or not form.validate_on_submit():
            return self._show(form, draft)
        seen, number = request.form.get("version", ""), draft.id
        done = _tried(
            form, lambda: drafts.update_draft(actor(), number, head_of(form), positions_of(form), seen=seen) or number
        )
        return self._show(form, _draft()) if done is None else self._saved(number)

    @expose("/issue/", methods=("GET", "POST"))
    def issue(self) -> ResponseReturnValue:
        """Ask with figures, then issue what was seen: numbered, frozen, sent."""
        draft = _draft()
        back = url_for("admin_invoices.details_view", id=draft.id)
        if request.method == "POST":
            seen = request.form.get("version", "")
            outcome = attempt(lambda: drafts.issue_draft(actor(), draft.id, seen=seen))
            if outcome.value:
                flash(gettext("Issued as %(number)s.", number=outcome.value), "good")
            return redirect(back)
        return self.render(
            "admin/draft_issue.html", draft=draft, title=gettext("Issue this invoice?"), back_to=back,
            action=url_for(".issue"), id=draft.id, extra={"version": draft.stamp},
            verb="" if draft.missing else gettext("Issue invoice"),
        )  # fmt: skip

    @expose("/delete/", methods=("GET", "POST"))
    def delete(self) -> ResponseReturnValue:
        draft = _draft()
        back = url_for("admin_invoices.details_view", id=draft.id)
        if request.method == "POST":
            if not attempt(lambda: drafts.delete_draft(actor(), draft.id)).done:
                return redirect(back)
            flash(gettext("The draft is deleted. No number has been used."), "good")
            return redirect(url_for("admin_invoices.index_view"))
        return self.render(
            "admin/draft_delete.html", draft=draft, title=gettext("Delete this draft?"), back_to=back,
            action=url_for(".delete"), id=draft.id, verb=gettext("Delete draft"), danger=True,
        )  # fmt: skip

    @expose("/paper/")
    def paper(self) -> ResponseReturnValue:
        """The paper as it would be, marked as a draft."""
        from documents.errors import PaperError  # half a second of imports, which only who draws has to pay
        from documents.invoice import draw_invoice
        from services.draft_paper import draft_paper

        draft = _draft()
        try:
            content = draw_invoice(draft_paper(draft.id))
        except (KontorError, PaperError):
            flash(gettext("The draft cannot be drawn. Please check the logo and the lines."), "bad")
            return redirect(url_for("admin_invoices.details_view", id=draft.id))
        headers = {"Content-Disposition": f"inline; filename={gettext('Draft')}.pdf"}
        return Response(content, mimetype="application/pdf", headers=headers)

    def _show(self, form: Any, draft: DraftPage | None = None) -> ResponseReturnValue:
        back = asked_from() or (
            url_for("admin_invoices.details_view", id=draft.id) if draft else url_for("admin_invoices.index_view")
        )
        with_suggestions(form.customer, url_for(".suggest"))
        form.currency_code.choices = _currencies()
        return self.render(
            "admin/draft.html", form=form, draft=draft, title=gettext("Edit draft") if draft else
            gettext("New invoice"), back_to=back, version=draft.stamp if draft else "", main=MAIN, more=MORE,
            products=active_products(), customer=find_customer(number_in(form.customer.data or "")),
        )  # fmt: skip

    def _saved(self, invoice_id: int) -> ResponseReturnValue:
        """To the draft, or back to the card that it was begun on."""
        flash(gettext("Saved as a draft. It has no number until it is issued."), "good")
        return redirect(asked_from() or url_for("admin_invoices.details_view", id=invoice_id))


def _draft() -> DraftPage:
    """Whoever clicks twice, or has another tab open, is led to what became of the draft."""
    number = row_id(request.values.get("id")) or 0
    draft = get_draft(number)
    if draft is None:
        issued = issued_number(number) or abort(404)
        flash(gettext("Issued as %(number)s.", number=issued), "info")
        abort(redirect(url_for("admin_invoices.details_view", id=number)))
    return draft


def _new_form() -> Any:
    """Filled from the customer's record where one is named."""
    if request.method == "POST":
        return DraftForm()
    customer = find_customer(number_of_address())
    form = DraftForm(data=customer.defaults if customer else usual())
    form.lines.append_entry(dict(EMPTY))
    return form


def _form_of(draft: DraftPage) -> Any:
    form = DraftForm(data=draft.head)
    for row in rows_of(draft.lines):
        form.lines.append_entry(row)
    return form


def _changed_rows(form: Any) -> bool:
    """Whether a button asked for one row more or less: the form is shown again, and nothing is saved."""
    asked, _, which = request.form.get("do", "").partition(":")
    if asked == "add" and len(form.lines) < form.lines.max_entries:
        form.lines.append_entry(dict(EMPTY))
    elif asked == "product" and len(form.lines) < form.lines.max_entries:
        product = get_product(request.form.get("product", "")[:40])
        if product is not None:
            form.lines.append_entry(of_product(product))
    elif asked == "remove":
        form.lines.entries[:] = [entry for entry in form.lines.entries if entry.name != which]
    return asked in ("add", "product", "remove")


def _currencies() -> dict[str, list[tuple[str, str]]]:
    """Those in use first; every other one that is known stays within reach."""
    used = currencies_in_use()
    groups = ((gettext("In use"), used), (gettext("Other currencies"), sorted(CURRENCIES - set(used))))
    return {label: [(code, code) for code in codes] for label, codes in groups}


def _customer(form: Any) -> int:
    return customer_of(form.customer.data, "customer")


def _tried(form: Any, deed: Any) -> int | None:
    """The draft's id; a refusal stands at its field, of its line where it names one, or above the page."""
    try:
        return int(deed())
    except KontorError as error:
        line, name = error.facts.get("line"), str(error.facts.get("field", ""))
        fields = form.lines.entries[line - 1].form._fields if isinstance(line, int) else form._fields
        field = fields.get(name)
        if field is None:
            flash(in_words(error), "bad")
        else:
            field.errors = [*field.errors, in_words(error)]
        return None
