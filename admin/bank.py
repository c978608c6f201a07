"""Bank statements: brought in after a look, their lines booked by a click, chosen by hand, split, ignored, undone."""

from __future__ import annotations

from flask import abort, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from admin import formats
from admin.asking import Asking
from admin.bank_files import BankFiles
from admin.bank_forms import ChooseForm, IgnoreForm, TakeBackForm, UndoForm, booking, in_units, taking_back
from admin.deeds import attempt, done_by_button, told
from admin.door import Door
from admin.fields import Form
from admin.lists import row_id
from admin.people import actor
from admin.refusals import in_words
from billing.errors import Conflict
from queries.bank import STATES, Judge, LineRow, count_failed, count_waiting, find_lines, get_line
from queries.bank_batches import find_notified
from queries.bank_search import find_open
from queries.bank_statements import find_statements, find_under_way
from services import (
    bank_answers,
    bank_batches,
    bank_booking,
    bank_facts,
    bank_import,
    bank_matching,
    bank_order_facts,
    bank_sums,
)
from services.bank_orders import FINAL
from services.unit import end_reading

TABS = (("open", _l("To be matched")), ("booked", _l("Matched")), ("ignored", _l("Ignored")), ("out", _l("Went out")))
HOW = {
    "number": _l("The number of the invoice stands in the purpose"), "iban_amount": _l("Account and amount fit"),
    "iban": _l("The account is this customer's"), "customer": _l("The customer number stands in the purpose"),
}  # fmt: skip


class BankScreen(Asking, BankFiles, Door, BaseView):
    deeds = {
        "index_view": "bank_statements.read", "statements": "bank_statements.read",
        "progress": "bank_statements.read",
        "upload": "bank_statements.write", "preview": "bank_statements.write", "bring_in": "bank_statements.write",
        "layout": "bank_statements.write", "remove_layout": "bank_statements.write",
        "accept": "bank_statements.write", "accept_credit": "bank_statements.write",
        "choose": "bank_statements.write", "ignore": "bank_statements.write",
        "take_up": "bank_statements.write", "take_back": "bank_statements.write",
        "undo": "bank_statements.write", "take_apart": "bank_statements.write", "match": "bank_statements.write",
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__(name="bank", endpoint="admin_bank", url="bank")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        state = request.args.get("state", "")
        state = state if state in STATES else "open"
        search, statement = request.args.get("search", "")[:100], row_id(request.args.get("statement"))
        page = find_lines(
            bank_facts.offers,
            bank_order_facts.orders_of,
            bank_sums.booked_otherwise,
            state,
            search,
            statement,
            row_id(request.args.get("before")),
        )
        return self.render(
            "admin/bank.html", page=page, tabs=TABS, here=state, search=search, statement=statement, how=HOW,
            waiting=count_waiting(), failed=count_failed(statement), under_way=find_under_way(),
            last_on=bank_import.last_statement_on(), title=gettext("Bank statements"),
        )  # fmt: skip

    @expose("/progress/")
    def progress(self) -> ResponseReturnValue:
        """How far the matching is, for the page's script."""
        found = find_under_way()
        if found is None:
            return jsonify(state="finished")
        return jsonify(state="running", per_cent=found.per_cent, done=found.done)

    @expose("/statements/")
    def statements(self) -> ResponseReturnValue:
        rows, before = find_statements(row_id(request.args.get("before")))
        return self.render("admin/bank_statements.html", rows=rows, before=before, notified=find_notified(),
                           title=gettext("Statements brought in"))  # fmt: skip

    @expose("/accept/", methods=("POST",))
    def accept(self) -> ResponseReturnValue:
        """One click on a suggestion."""
        line, seen = _line(), request.form.get("seen", "")[:2_000]
        end_reading()
        return done_by_button(lambda: bank_booking.accept(actor(), line.id, seen), gettext("The movement is booked."),
                              self._back(line))  # fmt: skip

    @expose("/accept-credit/", methods=("GET", "POST"))
    def accept_credit(self) -> ResponseReturnValue:
        """A suggestion that makes almost all of the money credit: perhaps a digit too many, so it is asked first."""
        line, seen, form = _line(bank_facts.offers), request.values.get("seen", "")[:2_000], Form()
        offer = next((each for each in line.offers if each.mark == seen), None)
        if offer is None:
            flash(in_words(Conflict("suggestion_changed")), "info")
            return redirect(self._back(line))
        end_reading()
        return self.asked(
            form, lambda: bank_booking.accept(actor(), line.id, seen), title=gettext("Book it as credit"),
            verb=gettext("Book movement"),
            what=[_said(line), gettext("%(sum)s of it pay nothing that is open and become credit of %(customer)s.",
                                       sum=formats.money(offer.credit_cents, line.currency), customer=offer.customer)],
            said=gettext("The movement is booked."), back=self._back(line), extra={"id": line.id, "seen": seen},
        )  # fmt: skip

    @expose("/take-apart/", methods=("POST",))
    def take_apart(self) -> ResponseReturnValue:
        """One click on a notification that tells the parts of a sum; they are matched at once, or by a worker."""
        line, batch = _line(), row_id(request.form.get("batch")) or 0
        end_reading()
        outcome = attempt(lambda: bank_batches.take_apart(actor(), line.id, batch))
        if outcome.done:
            flash(gettext("The sum stands as its parts now."), "good")
        if outcome.value:
            self.tell_matched(bank_matching.match_few(actor(), [outcome.value]))
        return redirect(self._back(line))

    @expose("/choose/", methods=("GET", "POST"))
    def choose(self) -> ResponseReturnValue:
        """By hand: an invoice, or a customer who gets the money as credit; all of it or a part."""
        line = _line()
        form = ChooseForm(data={"amount": in_units(line.left_cents), "invoice": request.args.get("invoice", "")})
        form.in_currency(line.currency, line.left_cents)
        search = request.args.get("search", "")[:100]
        said = gettext("The payment is booked.")
        if form.validate_on_submit() and told(lambda: booking(actor(), line, form), said, form):
            left = get_line(line.id)
            stay = left is not None and left.state == "unmatched"
            return redirect(self.get_url(".choose", id=line.id) if stay else self._back(line))
        return self.render(
            "admin/bank_choose.html", line=line, form=form, search=search, found=find_open(search, line.currency),
            title=gettext("Match by hand"), how=HOW,
        )  # fmt: skip

    @expose("/take-back/", methods=("GET", "POST"))
    def take_back(self) -> ResponseReturnValue:
        """A return that fits no debit of ours: the invoice's number says which payment it takes back."""
        line = _line()
        form = TakeBackForm(data={"fee": None})
        return self.asked(
            form, lambda: taking_back(actor(), line, form), title=gettext("Take a payment back"), danger=True,
            verb=gettext("Take payment back"),
            what=[_said(line), gettext("What was paid is open again, and the bank's fee is asked of the customer. If "
                                       "it was one of our direct debits, its mandate follows the bank's code.")],
            said=gettext("The payment is taken back."), back=self._back(line), extra={"id": line.id},
        )  # fmt: skip

    @expose("/ignore/", methods=("GET", "POST"))
    def ignore(self) -> ResponseReturnValue:
        line, form = _line(), IgnoreForm()
        return self.asked(
            form, lambda: bank_answers.ignore(actor(), line.id, form.reason.data or ""),
            title=gettext("Ignore this movement"), verb=gettext("Ignore movement"),
            what=[_said(line), gettext("Nothing is booked. The movement stays visible under “Ignored” and can be taken "
                                       "up again.")],
            said=gettext("The movement is ignored."), back=self._back(line), extra={"id": line.id},
        )  # fmt: skip

    @expose("/take-up/", methods=("POST",))
    def take_up(self) -> ResponseReturnValue:
        line = _line()
        return done_by_button(lambda: bank_answers.take_up(actor(), line.id), gettext("The movement waits again."),
                              self._back(line))  # fmt: skip

    @expose("/undo/", methods=("GET", "POST"))
    def undo(self) -> ResponseReturnValue:
        """Every payment of the line is cancelled by an entry of its own."""
        line, form = _line(), UndoForm()
        if refusal := _final(line):
            flash(refusal, "info")
            return redirect(self._back(line))
        cancelled = _undone(line)
        return self.asked(
            form, lambda: bank_answers.undo(actor(), line.id, form.reason.data or ""),
            title=gettext("Undo the matching"), verb=gettext("Undo matching"), danger=True,
            what=[_said(line), *cancelled, gettext("Both stay visible in the books; the movement waits again.")],
            said=gettext("The matching is undone."), back=self._back(line), extra={"id": line.id},
        )  # fmt: skip

    @expose("/match/", methods=("POST",))
    def match(self) -> ResponseReturnValue:
        """Try all that waits once more, such as after invoices were issued."""
        end_reading()
        outcome = attempt(lambda: bank_matching.match_all(actor()))
        if outcome.done:
            self.tell_matched(outcome.value)
        return redirect(self.get_url(".index_view"))

    def _back(self, line: LineRow) -> str:
        state = {"matched": "booked", "ignored": "ignored"}.get(line.state, "open")
        return str(self.get_url(".index_view", state=state))


def _line(judge: Judge | None = None) -> LineRow:
    return get_line(row_id(request.values.get("id")) or 0, judge) or abort(404)


def _final(line: LineRow) -> str:
    """Why there is nothing to ask about; empty where something can be undone."""
    if line.answer in FINAL:
        return gettext("The bank told of this by itself, so it is not undone here.")
    if line.answer == bank_batches.ANSWER:
        return ""
    return "" if line.booked else gettext("Nothing of this movement is booked, so there is nothing to undo.")


def _undone(line: LineRow) -> list[str]:
    """What undoing does, for each kind of what the line became."""
    count = {kind: sum(each.kind == kind for each in line.booked) for kind in ("payment", "refund", "chargeback")}
    said = (
        ("payment", ngettext("%(num)s payment is cancelled and what it paid is open again.",
                             "%(num)s payments are cancelled and what they paid is open again.", count["payment"])),
        ("refund", ngettext("%(num)s refund counts as not sent.", "%(num)s refunds count as not sent.",
                            count["refund"])),
        ("chargeback", gettext("What was taken back counts as paid again, and its fee is no longer asked for.")),
    )  # fmt: skip
    if line.answer == bank_batches.ANSWER:
        return [gettext("The sum is one movement again; its %(count)s parts are put aside.", count=line.apart.count)]
    return [words for kind, words in said if count[kind]]


def _said(line: LineRow) -> str:
    return gettext("%(sum)s of %(day)s: %(who)s", sum=formats.money(line.amount_cents, line.currency),
                   day=formats.day(line.booked_on), who=line.other_name or line.purpose or "–")  # fmt: skip
