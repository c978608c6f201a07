"""Direct debits of our own: what is announced, what is at the bank, what came back, and the file that is made of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from admin import formats
from admin.asking import Asking
from admin.columns import Column, state_choice
from admin.fields import Form, day, decimal, text
from admin.lists import ListScreen, row_id
from admin.payment_forms import money_of
from admin.people import actor
from billing.debits import meaning
from models import Debit
from queries.debits import DebitCard, Waiting, get_debit, get_waiting
from queries.lists.debits import DEBITS
from services import clock, debit_returns, debits, payment_files

USUAL = timedelta(7)
_EURO = "EUR"


class UntilForm(Form):
    until = day(_l("Collect until"), required=True, help=_l("Every announced debit due until this day."))


class CreditedForm(Form):
    on = day(_l("Credited on"), required=True)


class ReturnForm(Form):
    code = text(_l("Code of the bank"), longest=4, required=True, help=_l("Such as AM04, AC04, MD06; it stands on the "
                                                                          "bank statement."))  # fmt: skip
    on = day(_l("Given back on"), required=True)
    fee = decimal(_l("Fee of the bank in EUR"), help=_l("Empty: no fee."))


class DebitScreen(Asking, ListScreen):
    title = _l("Direct debits")
    hint = _l("Invoice number, name or customer number")
    empty = _l("Direct debits will stand here. They are planned when an invoice is issued to somebody who pays by "
               "direct debit and has granted a mandate.")  # fmt: skip
    lead = "collect_on"
    deeds = {
        "index_view": "payments.read", "details_view": "payments.read", "make": "payments.write",
        "withdraw": "payments.write", "credited": "payments.write", "returned": "payments.write",
    }  # fmt: skip
    listing = DEBITS
    list_template = "admin/debits.html"
    columns = (
        Column("collect_on", _l("Collected on"), "link_day", to="admin_debits.details_view"),
        Column("state", _l("Status"), "state", of="debit"),
        Column("customer", _l("Customer"), "link", to="admin_customers.details_view", id_from="customer_id"),
        Column("invoice_number", _l("Invoice"), "link", to="admin_invoices.details_view", id_from="invoice_id"),
        Column("mandate", _l("Mandate")),
        Column("amount_cents", _l("Amount"), "money"),
    )
    choices = (state_choice("debit", "state", _l("Status")),)

    def __init__(self) -> None:
        super().__init__(Debit, "debits")

    def waiting(self) -> Waiting:
        """What the next file would hold, for the head of the list."""
        return get_waiting(clock.today() + USUAL)

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        card = _require()
        return self.render(
            "admin/debit.html", debit=card, needs_review=needs_review(card), title=gettext("Direct debit")
        )  # fmt: skip

    @expose("/make/", methods=("GET", "POST"))
    def make(self) -> ResponseReturnValue:
        """Put what is due into files (SEP-6)."""
        form = UntilForm(data={"until": clock.today() + USUAL})
        until = form.until.data or clock.today() + USUAL
        waiting = get_waiting(until)
        what = [_told(waiting, formats.day(until)), gettext(
            "What was paid meanwhile, or whose mandate is over, is taken back. Nothing is collected before you hand "
            "the file in at your bank.")]  # fmt: skip
        return self.asked(
            form, lambda: payment_files.make_debit_files(actor(), form.until.data),
            title=gettext("Make the file for the bank?"), what=what, verb=gettext("Make file"), said="",
            back=self.get_url(".index_view"), extra={},
        )  # fmt: skip

    def answered(self, given: Any, said: Any, back: str) -> ResponseReturnValue:
        """After making files one is led to them."""
        if not isinstance(given, payment_files.Made):
            return super().answered(given, said, back)
        files = ngettext("%(num)s file was made.", "%(num)s files were made.", len(given.file_ids))
        taken = ngettext("%(num)s direct debit was taken back.", "%(num)s direct debits were taken back.",
                         given.withdrawn)  # fmt: skip
        told = f"{files} {taken}" if given.withdrawn else files
        to_files = self.get_url("admin_payment_files.index_view")
        return super().answered(given, told, to_files if given.file_ids else back)

    @expose("/withdraw/", methods=("GET", "POST"))
    def withdraw(self) -> ResponseReturnValue:
        """A person takes an announced debit back."""
        card = _require()
        what = [gettext("%(sum)s of invoice %(number)s are not collected. The invoice stays open; the customer has "
                        "to be told how to pay.", sum=_sum(card), number=card.invoice_number or "–")]  # fmt: skip
        return self._asked(card, Form(), lambda form: debits.withdraw(actor(), card.id), what,
                           gettext("Take the direct debit back"),
                           gettext("The direct debit is taken back."))  # fmt: skip

    @expose("/credited/", methods=("GET", "POST"))
    def credited(self) -> ResponseReturnValue:
        """The bank credited it."""
        card = _require()
        what = [gettext("%(sum)s are booked as received for invoice %(number)s.", sum=_sum(card),
                        number=card.invoice_number or "–")]  # fmt: skip
        form = CreditedForm(data={"on": min(card.collect_on, clock.today())})
        return self._asked(card, form, lambda form: debits.mark_paid(actor(), card.end_to_end_id, form.on.data), what,
                           gettext("Book as credited"), gettext("The payment is booked."))  # fmt: skip

    @expose("/returned/", methods=("GET", "POST"))
    def returned(self) -> ResponseReturnValue:
        """The bank gave it back (SEP-5)."""
        card = _require()
        what = [
            gettext("%(sum)s of invoice %(number)s are open again.", sum=_sum(card), number=card.invoice_number or "–"),
            gettext("AC01, AC04, AC06 and MD01 stop the mandate. AM04 is announced and tried once more, once. The fee "
                    "is asked of the customer where the return was caused there."),
        ]  # fmt: skip

        def give_back(form: ReturnForm) -> int:
            fee = money_of(form.fee.data, _EURO).cents if form.fee.data else 0
            return debit_returns.returned(actor(), card.end_to_end_id, form.code.data, form.on.data, fee)

        form = ReturnForm(data={"on": clock.today()})
        return self._asked(card, form, give_back, what, gettext("Note the return"), gettext("The return is noted."),
                           danger=True)  # fmt: skip

    def _asked(
        self, card: DebitCard, form: Any, do: Any, what: list[str], verb: str, said: str, danger: bool = False
    ) -> ResponseReturnValue:
        return self.asked(
            form, lambda: do(form), title=verb, what=what, verb=verb, said=said, danger=danger,
            back=self.get_url(".details_view", id=card.id), extra={"id": card.id},
        )  # fmt: skip


def needs_review(card: DebitCard) -> bool:
    """Whether the bank's code says that a person has to look."""
    return card.state == "returned" and meaning(card.return_code).review


def _require() -> DebitCard:
    return get_debit(row_id(request.values.get("id")) or 0) or abort(404)


def _sum(card: DebitCard) -> str:
    return str(formats.money(card.amount_cents, card.currency))


def _told(waiting: Waiting, until: str) -> str:
    if not waiting.count:
        return gettext("No direct debit is due until %(day)s.", day=until)
    return ngettext("%(num)s direct debit due until %(day)s, together %(sum)s, goes into a file, one for each day of "
                    "collection.", "%(num)s direct debits due until %(day)s, together %(sum)s, go into files, one for "
                    "each day of collection.", waiting.count, day=until,
                    sum=formats.money(waiting.cents, _EURO))  # fmt: skip
