"""Stornorechnung and Rechnungskorrektur: what they will come to is said in figures before they are issued (COR-1)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import Length

from admin import refund_words
from admin.deeds import Outcome, attempt
from admin.door import Door, opens
from admin.fields import Form, day, decimal, text, yes
from admin.lists import row_id
from admin.people import actor
from admin.refusals import in_words
from admin.settling_words import on_its_way, plan_ends, still_collected
from billing.drafts import Totals
from billing.errors import KontorError
from models import Invoice
from services import corrections
from services.cancel_with_refund import Promise, cancel_and_refund, get_promise
from services.correctable import Correctable, LineLeft, get_correctable, preview
from services.corrections import LONGEST_REASON, Part


class ReasonForm(Form):
    reason = text(_l("Reason"), longest=LONGEST_REASON, help=_l("Stands in the activities, not on the paper."))
    introtext = text(_l("Words on the paper"), Invoice.__table__.c.introtext)
    bill_again = yes(
        _l("Bill these periods again"), _l("The next billing run bills them anew. Otherwise they stay settled.")
    )


class CancelForm(ReasonForm):
    """`refund` stands there only where money goes back by a provider, for who may give it back (EB-53). `key` makes the
    refund one, `refund_seen` is the sum that the person was shown."""

    refund = yes(_l("Pay the amount back at once"))
    key = HiddenField(validators=[Length(max=80)], default=lambda: secrets.token_hex(16))
    refund_seen = HiddenField(validators=[Length(max=18)])


class RowForm(Form):
    """What is to be taken of one line."""

    whole = yes(_l("All that is left"))
    quantity = decimal(_l("Quantity to take back"), places=0)
    unserved_from = day(_l("Not provided from"))


class CorrectionScreen(Door, BaseView):
    deeds = {"cancel": "invoices.write", "correct": "invoices.write"}

    def __init__(self) -> None:
        super().__init__(name="corrections", endpoint="admin_corrections", url="/admin/corrections")

    @expose("/cancel/", methods=("GET", "POST"))
    def cancel(self) -> ResponseReturnValue:
        """All that is left of the invoice."""
        found, form = _correctable(), CancelForm()
        if form.refund.data and not opens("admin_refunds.order"):
            abort(403)
        if request.method == "POST" and form.validate():
            said = _refund_said(found) if form.refund.data else ""
            return _done(found, attempt(lambda: _cancel(found, form), form), said)
        nothing = all(line.nothing for line in found.lines)
        promise = _promise(found, form)
        return self.render(
            "admin/invoice_cancel.html", found=found, form=form, nothing=nothing, title=gettext("Cancel this invoice?"),
            verb="" if nothing else gettext("Issue cancellation invoice"), danger=True, action=url_for(".cancel"),
            back_to=_back(found), id=found.id, extra={"seen": found.seen}, promise=promise,
            beside=[*on_its_way(found.id), *plan_ends(found.id)],
        )  # fmt: skip

    @expose("/", methods=("GET", "POST"))
    def correct(self) -> ResponseReturnValue:
        """Some lines, quantities or days. What is chosen is worked out and shown before it can be issued."""
        found, form = _correctable(), ReasonForm()
        rows = {line.id: _row(line) for line in found.lines}
        totals: Totals | None = None
        if request.method == "POST" and form.validate() and _valid(rows):
            parts = _parts(rows)
            totals = _worked_out(found, parts)
            agreed = totals is not None and request.form.get("agreed") == str(totals.gross_cents)
            if agreed and request.form.get("do") == "issue":
                outcome = attempt(lambda: corrections.correct(actor(), found.id, parts, **_words(form)), form)
                if outcome.done:
                    return _done(found, outcome)
        return self.render(
            "admin/invoice_correct.html", found=found, form=form, rows=rows, totals=totals,
            title=gettext("Correct this invoice"), back_to=_back(found), beside=still_collected(found.id),
        )  # fmt: skip


def _correctable() -> Correctable:
    return get_correctable(row_id(request.values.get("id")) or 0) or abort(404)


def _back(found: Correctable) -> str:
    return url_for("admin_invoices.details_view", id=found.id)


def _words(form: Any) -> dict[str, Any]:
    """What the person wrote, and how many corrections they saw."""
    seen = request.form.get("seen", "")
    count = int(seen) if seen.isdecimal() and len(seen) < 9 else None
    return {"reason": form.reason.data or "", "introtext": form.introtext.data or "",
            "bill_again": bool(form.bill_again.data), "seen": count}  # fmt: skip


def _promise(found: Correctable, form: CancelForm) -> Promise | None:
    """What could go back at once; the tick tells how much, by whom and what follows."""
    promise = get_promise(found.id, found.credited(-found.left_cents)) if opens("admin_refunds.order") else None
    if promise is not None:
        form.refund.description = " ".join(refund_words.promising(promise, found.currency))
        form.refund_seen.data = str(promise.plan.cents)
    return promise


def _refund_said(found: Correctable) -> str:
    promise = get_promise(found.id, found.credited(-found.left_cents))
    return refund_words.ordered(False, promise is not None and promise.waits)


def _cancel(found: Correctable, form: CancelForm) -> int:
    if not form.refund.data:
        return corrections.cancel(actor(), found.id, **_words(form))
    seen = row_id(form.refund_seen.data)
    return cancel_and_refund(actor(), found.id, **_words(form), seen_cents=seen, key=form.key.data)


def _done(found: Correctable, outcome: Outcome, refund_said: str = "") -> ResponseReturnValue:
    """To the document that was made, with what is said of its refund; where none was, back to the invoice with what
    stood in the way."""
    if outcome.done:
        outcome.tell(gettext("Issued. The invoice stays as it was; this document takes it back."))
    if refund_said and outcome.done and outcome.already is None:
        flash(refund_said, "good")
    return redirect(url_for("admin_invoices.details_view", id=outcome.value or found.id))


def _row(line: LineLeft) -> Any:
    """The fields of one line, each with the line's own name."""
    return RowForm(prefix=f"line-{line.id}-", meta={"csrf": False})


def _valid(rows: Mapping[int, Any]) -> bool:
    """Every row is asked, so that every mistake is shown at once."""
    return [row for row in rows.values() if not row.validate()] == []


def _parts(rows: Mapping[int, Any]) -> list[Part]:
    parts = []
    for number, row in rows.items():
        if row.whole.data:
            parts.append(Part(number))
        elif row.quantity.data is not None or row.unserved_from.data is not None:
            parts.append(Part(number, row.quantity.data, row.unserved_from.data))
    return parts


def _worked_out(found: Correctable, parts: list[Part]) -> Totals | None:
    """The sums, or None with the reason told."""
    if not parts:
        flash(gettext("Please choose at least one line."), "bad")
        return None
    try:
        return preview(found.id, parts)
    except KontorError as error:
        flash(in_words(error), "bad")
        return None
