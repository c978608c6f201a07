"""Files for the bank: fetch, mark as handed in, throw away (SEP-6)."""

from __future__ import annotations

from flask import Response, abort, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from admin import formats
from admin.asking import Asking
from admin.columns import Column
from admin.debits import CreditedForm
from admin.fields import Form, text, yes
from admin.lists import ListScreen, row_id
from admin.people import actor
from billing.errors import NotFound
from models import PaymentFile
from queries.debits import FileCard, get_file, get_waiting
from queries.lists.debits import PAYMENT_FILES
from services import clock, debits, payment_files, refused_files
from services.files import safe_name


class RefusedForm(Form):
    reason = text(_l("Reason of the bank"), longest=140, required=True, help=_l("As the bank gave it."))


class SubmitForm(Form):
    already_there = yes(_l("The bank had the file before the mandate ended"))


class PaymentFileScreen(Asking, ListScreen):
    title = _l("Files for the bank")
    empty = _l("Files for the bank will stand here: direct debits, and refunds that are transferred. The first one is "
               "made under “Direct debits”.")  # fmt: skip
    lead = "message_id"
    deeds = {
        "index_view": "payments.read", "details_view": "payments.read", "download": "payments.write",
        "submit": "payments.write", "discard": "payments.write", "credited": "payments.write",
        "put_back": "payments.write", "transfers": "payments.write",
    }  # fmt: skip
    listing = PAYMENT_FILES
    list_template = "admin/payment_files.html"
    columns = (
        Column("message_id", _l("File"), "link", to="admin_payment_files.details_view", id_from="id"),
        Column("kind", _l("Kind"), "kind", of="payment_file"),
        Column("state", _l("Status"), "state", of="payment_file"),
        Column("execute_on", _l("Carried out on"), "day"),
        Column("count", _l("Orders in it"), "number"),
        Column("total_cents", _l("Total"), "money"),
    )

    def __init__(self) -> None:
        super().__init__(PaymentFile, "payment_files")

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        card = _require()
        return self.render("admin/payment_file.html", file=card, title=card.message_id,
                           is_due=card.execute_on <= clock.today(),
                           less_is_open=less_is_open(card.too_high) if card.too_high else "",
                           mandate_over=mandate_over(card.without_mandate) if card.without_mandate else "")  # fmt: skip

    @expose("/download/")
    def download(self) -> ResponseReturnValue:
        """The same bytes on every call."""
        try:
            stored = payment_files.download(_require().id)
        except NotFound:
            abort(404)
        response = Response(stored.content, mimetype=stored.media_type)
        response.headers.set("Content-Disposition", "attachment", filename=safe_name(stored.filename))
        return response

    @expose("/transfers/", methods=("GET", "POST"))
    def transfers(self) -> ResponseReturnValue:
        """Refunds that are to be transferred, as a file (SEP-7)."""
        waiting = get_waiting(clock.today())
        what = [_transferred(waiting.refunds, waiting.refund_cents)]
        if waiting.without_account:
            what.append(ngettext("%(num)s refund more waits, because the customer's account is not known.",
                                 "%(num)s refunds more wait, because the customers' accounts are not known.",
                                 waiting.without_account))  # fmt: skip
        return self.asked(
            Form(), lambda: payment_files.make_transfer_file(actor()), title=gettext("Make a file of transfers?"),
            what=what, verb=gettext("Make file") if waiting.refunds else "", said=gettext("The file was made."),
            back=self.get_url(".index_view"), extra={},
        )  # fmt: skip

    @expose("/submit/", methods=("GET", "POST"))
    def submit(self) -> ResponseReturnValue:
        card = _require()
        what = [ngettext("You have handed %(name)s in at your bank: %(num)s order over %(sum)s. This can be said once "
                         "and is not taken back.", "You have handed %(name)s in at your bank: %(num)s orders, together "
                         "%(sum)s. This can be said once and is not taken back.", card.count, name=card.message_id,
                         sum=formats.money(card.total_cents, card.currency))]  # fmt: skip
        if card.too_high:
            what.insert(0, less_is_open(card.too_high))
        if card.without_mandate:
            what.insert(0, mandate_over(card.without_mandate))
        form = SubmitForm() if card.without_mandate else Form()
        there = card.without_mandate > 0 and bool(form.already_there.data)
        return self._asked(card, form, lambda: payment_files.submit(actor(), card.id, already_there=there), what,
                           gettext("Mark as handed in"), gettext("The file is marked as handed in."))  # fmt: skip

    @expose("/discard/", methods=("GET", "POST"))
    def discard(self) -> ResponseReturnValue:
        card = _require()
        what = [ngettext("%(name)s with %(num)s order is thrown away; it waits for the next file. Do this only if the "
                         "bank has not got the file.", "%(name)s with %(num)s orders is thrown away; they wait for the "
                         "next file. Do this only if the bank has not got the file.", card.count,
                         name=card.message_id)]  # fmt: skip
        return self._asked(card, Form(), lambda: payment_files.discard(actor(), card.id), what,
                           gettext("Throw the file away"), gettext("The file is thrown away."),
                           danger=True)  # fmt: skip

    @expose("/put-back/", methods=("GET", "POST"))
    def put_back(self) -> ResponseReturnValue:
        """The bank refused all of it."""
        card, form = _require(), RefusedForm()
        what = [
            ngettext("The bank did not carry out the order of %(name)s over %(sum)s.",
                     "The bank carried out none of the %(num)s orders of %(name)s, together %(sum)s.", card.count,
                     name=card.message_id, sum=formats.money(card.total_cents, card.currency)),
            gettext("Direct debits are planned anew with the full notice, and their customers get a mail with the new "
                    "day; transfers wait for the next file."),
        ]  # fmt: skip
        return self.asked(
            form, lambda: refused_files.put_back(actor(), card.id, form.reason.data or ""), what=what, danger=True,
            title=gettext("The bank refused the file"), verb=gettext("Plan all of it anew"),
            said=gettext("All of it goes on anew."), back=self.get_url(".details_view", id=card.id),
            extra={"id": card.id},
        )  # fmt: skip

    @expose("/credited/", methods=("GET", "POST"))
    def credited(self) -> ResponseReturnValue:
        """The bank credited all of it in one sum."""
        card = _require()
        form = CreditedForm(data={"on": min(card.execute_on, clock.today())})
        what = [ngettext("%(num)s direct debit that is still at the bank is booked as received.",
                         "%(num)s direct debits that are still at the bank are booked as received.",
                         card.at_bank)]  # fmt: skip
        return self._asked(card, form, lambda: debits.mark_file_paid(actor(), card.id, form.on.data), what,
                           gettext("Book all as credited"), gettext("The payments are booked."))  # fmt: skip

    def _asked(
        self, card: FileCard, form: Form, do: object, what: list[str], verb: str, said: str, danger: bool = False
    ) -> ResponseReturnValue:
        return self.asked(
            form, do, title=verb, what=what, verb=verb, said=said, danger=danger,
            back=self.get_url(".details_view", id=card.id), extra={"id": card.id},
        )  # fmt: skip


def _transferred(count: int, cents: int) -> str:
    """What goes into a file of transfers, or that nothing does."""
    if not count:
        return gettext("No refund can be transferred at present.")
    return ngettext(
        "%(num)s refund over %(sum)s goes into a file of transfers. Nothing is paid before you hand the file in at "
        "your bank.",
        "%(num)s refunds, together %(sum)s, go into a file of transfers. Nothing is paid before you hand the file in "
        "at your bank.", count, sum=formats.money(cents, "EUR"),
    )  # fmt: skip


def less_is_open(count: int) -> str:
    """What to know before a file is handed in, or the bank collects what nobody owes."""
    return ngettext(
        "Of %(num)s of these invoices less is open by now than the file collects: it was paid or corrected meanwhile. "
        "If the bank has not got the file: please throw it away and make it anew.",
        "Of %(num)s of these invoices less is open by now than the file collects: they were paid or corrected "
        "meanwhile. If the bank has not got the file: please throw it away and make it anew.", count,
    )  # fmt: skip


def mandate_over(count: int) -> str:
    """What to know before a file is handed in by which nobody may collect all that stands in it."""
    return ngettext(
        "%(num)s direct debit in it may not be collected, because its mandate is over. Please throw the file away: "
        "the others are planned anew for the next one.",
        "%(num)s direct debits in it may not be collected, because their mandates are over. Please throw the file "
        "away: the others are planned anew for the next one.", count,
    )  # fmt: skip


def _require() -> FileCard:
    return get_file(row_id(request.values.get("id")) or 0) or abort(404)
