"""Invoices, what is owed on them, their papers, and the books. Nothing here is edited: what is issued stays."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from admin import invoice_bulk
from admin.bulk import Bulk, ForMany
from admin.columns import Choice, Column, kind_choice, state_choice
from admin.deeds import done_by_button
from admin.deleted import is_hidden
from admin.exports import Files
from admin.fields import Form
from admin.lists import ListScreen, row_id
from admin.paper_links import PaperLinks
from admin.people import actor, may
from admin.words import nameless
from models import Invoice, Paper, Posting, Receivable
from queries.cards.dunning import invoice_dunning
from queries.cards.invoices import InvoiceCard, get_invoice_card
from queries.cards.payments import invoice_money
from queries.chargebacks import RETURNED_DEBIT
from queries.collecting import get_history
from queries.debit_on_its_way import debit_under_way
from queries.dunning_settings import level_names
from queries.lists.books import ENTRY_KINDS, LEDGER
from queries.lists.invoices import invoices
from queries.lists.papers import PAPERS
from queries.lists.receivables import Aged, open_by_age, receivables
from queries.lists.shape import Listing
from queries.refunds import refunds_of_invoice
from queries.shipments import SHOWN, ShipmentFilter, find_shipments
from queries.taken_twice import taken_twice_of_invoice
from services import charging, clock, papers
from services.draft_pages import get_draft
from services.dunning_claims import default_since
from services.refund_offers import offers_of

_TO_INVOICE = {"to": "admin_invoices.details_view", "id_from": "invoice_id"}
_TO_CUSTOMER = {"to": "admin_customers.details_view", "id_from": "customer_id"}
_OWING = (("open", _l("Open")), ("overdue", _l("Overdue")), ("settled", _l("Settled")))
_BECAME = (*_OWING, ("cancelled", _l("cancelled")))
_HINT = _l("Invoice number, name or customer number")
AGE_WORDS = (
    ("current", _l("not yet due")), ("1-30", _l("1 to 30 days")), ("31-60", _l("31 to 60 days")),
    ("61-90", _l("61 to 90 days")), ("91", _l("more than 90 days")),
)  # fmt: skip


# What a row of an invoice says, in the list and on the customer's card.
FIGURES = (
    Column("kind", _l("Kind"), "kind", of="invoice"),
    Column("issued_on", _l("Date"), "day"),
    Column("payable_on", _l("Due"), "day"),
    Column("state", _l("Status"), "state", of="document"),
    Column("gross_cents", _l("Amount"), "money"),
    Column("open_cents", _l("Open"), "money"),
)


class InvoiceScreen(Files, ForMany, ListScreen):
    title = _l("Invoices")
    hint = _HINT
    empty = _l("Issued invoices will stand here after the first billing run. “New invoice” makes one by hand.")
    lead = "number"
    deeds = {"index_view": "invoices.read", "details_view": "invoices.read", "export": "invoices.export",
             "many": "invoices.write"}  # fmt: skip
    columns = (
        Column("number", _l("Number"), "document", to="admin_invoices.details_view",
               under=Column("kind", _l("Kind"), "kind", of="invoice", usual="invoice")),
        Column("customer", _l("Customer"), "link", **_TO_CUSTOMER),
        *FIGURES[1:3],
        Column("state", _l("Status"), "state", of="document", under=Column("level_name", _l("Dunning level"))),
        *FIGURES[-2:],
    )  # fmt: skip
    in_file = (
        Column("number", _l("Number"), "document"),
        Column("customer", _l("Customer")),
        *FIGURES[:-2],
        Column("level_name", _l("Dunning level")),
        *FIGURES[-2:],
    )
    list_template = "admin/invoices.html"
    bulk = invoice_bulk.DEEDS
    choices = (
        kind_choice("invoice", "kind", _l("Kind")), state_choice("invoice", label=_l("Status")),
        Choice("owing", _l("Payment"), _BECAME), Choice("from", _l("From"), kind="day"),
        Choice("to", _l("Until"), kind="day"),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(Invoice, "invoices")

    def get_listing(self) -> Listing:
        return invoices(clock.today())

    def get_choices(self) -> tuple[Choice, ...]:
        return (*self.choices, _of_levels())

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        card = get_invoice_card(row_id(request.args.get("id")) or 0, clock.today())
        if card is None:
            abort(404)
        draft = get_draft(card.invoice.id) if card.state == "draft" else None
        collected, money = get_history(card.invoice.id), invoice_money(card.invoice.id)
        return self.render(
            "admin/invoice.html", card=card, draft=draft, title=card.invoice.number or nameless(card.state),
            hidden=is_hidden(card.invoice.customer_id), **_refunds(card), collected=collected,
            may_collect=bool(card.receivable) and charging.can_collect(card.invoice.id),
            money=money, debit=debit_under_way(card.invoice.id) if money else None,
            twice=taken_twice_of_invoice(card.invoice.id) if money and money.may_be_too_much else (),
            **_dunning(card), shipments=find_shipments(
                ShipmentFilter(invoice_ids=(card.invoice.id,)), SHOWN),
        )  # fmt: skip


def _dunning(card: InvoiceCard) -> dict[str, Any]:
    """What dunning knows of it, and since when it is in default where it is overdue and open."""
    found = invoice_dunning(card.invoice.id)
    is_late = found is not None and found.open_cents > 0 and found.due_on < clock.today()
    return {"dunning": found, "since": default_since(found.receivable_id) if found and is_late else None,
            "is_late": is_late}  # fmt: skip


def _refunds(card: InvoiceCard) -> dict[str, Any]:
    """What went back and what still can. Who may not see payments is shown none; a draft has none."""
    if card.invoice.issued_at is None or not may("payments.read"):
        return {"refunds": None, "refunded": ()}
    offers = offers_of(card.invoice.id)
    return {"refunds": offers, "refunded": refunds_of_invoice(offers.invoice_id) if offers.offers else ()}


def _of_levels() -> Choice:
    """By the names that the house gave its levels."""
    names = tuple((str(level), name) for level, name in level_names())
    return Choice("level", _l("Dunning level"), (("0", _l("not reminded yet")), *names))


class ReceivableScreen(Files, ListScreen):
    title = _l("Receivables")
    hint = _HINT
    empty = _l("What customers owe will stand here.")
    deeds = {"index_view": "receivables.read", "export": "receivables.export"}
    columns = (
        Column("invoice_number", _l("Invoice"), "link", **_TO_INVOICE),
        Column("customer", _l("Customer"), "link", **_TO_CUSTOMER),
        Column("kind", _l("Kind"), "kind", of="receivable"),
        Column("due_on", _l("Due"), "due"),
        Column("level_name", _l("Dunning level")),
        Column("amount_cents", _l("Amount"), "money"),
        Column("open_cents", _l("Open"), "money"),
    )
    choices = (
        Choice("state", _l("Status"), _OWING), Choice("age", _l("Overdue for"), AGE_WORDS),
    )  # fmt: skip
    list_template = "admin/receivables.html"

    def __init__(self) -> None:
        super().__init__(Receivable, "receivables")

    ages = AGE_WORDS

    def get_listing(self) -> Listing:
        return receivables(clock.today())

    def get_choices(self) -> tuple[Choice, ...]:
        return (*self.choices, _of_levels())

    def open_by_age(self) -> list[Aged]:
        """What is open in all, by how long it has been due."""
        return open_by_age(clock.today())


class LedgerScreen(Files, ListScreen):
    """The journal's postings: debit positive, credit negative, each entry sums to zero (X-03)."""

    title = _l("Ledger")
    hint = _HINT
    empty = _l("Every movement of money will stand here, balanced to zero.")
    deeds = {"index_view": "ledger.read", "export": "ledger.export"}
    listing = LEDGER
    columns = (
        Column("booked_on", _l("Date"), "day"),
        Column("entry_id", _l("Entry")),
        Column("kind", _l("Kind"), "kind", of="entry"),
        Column("invoice_number", _l("Invoice"), "link", **_TO_INVOICE),
        Column("account", _l("Account"), "account"),
        Column("customer", _l("Customer"), "link", **_TO_CUSTOMER),
        Column("amount_cents", _l("Amount"), "money"),
    )
    choices = (kind_choice("entry", "kind", _l("Kind"), ENTRY_KINDS | {RETURNED_DEBIT}),)

    def __init__(self) -> None:
        super().__init__(Posting, "ledger")


def _drawing(count: int) -> str:
    return ngettext("%(num)s paper will be drawn again; what is drawn already stays as it is.",
                    "%(num)s papers will be drawn again; what is drawn already stays as it is.", count)  # fmt: skip


def _drawn_again(count: int, _form: Form) -> str:
    return ngettext("The paper will be drawn again in a moment.", "%(num)s papers will be drawn again in a moment.",
                    count)  # fmt: skip


class PaperScreen(PaperLinks, ForMany, ListScreen):
    """The PDFs that are drawn from invoices; the invoice stands whatever becomes of its paper (F9)."""

    title = _l("Papers")
    hint = _l("Invoice number")
    empty = _l("The PDFs of your invoices will stand here.")
    deeds = {"index_view": "papers.read", "retry": "papers.write", "many": "papers.write",
             "link": "papers.write"}  # fmt: skip
    listing = PAPERS
    list_template = "admin/papers.html"
    columns = (
        Column("invoice_number", _l("Invoice"), "link", **_TO_INVOICE),
        Column("kind", _l("Format"), "kind", of="paper"),
        Column("state", _l("Status"), "state", of="paper"),
        Column("attempts", _l("Attempts"), "number"),
        Column("error", _l("Error"), "problem"),
        Column("drawn_at", _l("Drawn"), "moment"),
    )
    choices = (state_choice("paper", "state", _l("Status")),)

    bulk = (
        Bulk("retry", _l("Draw again"), "papers.write", _drawing,
             lambda who, number, _form: papers.retry(who, number), said=_drawn_again),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(Paper, "papers")

    @expose("/retry/", methods=("POST",))
    def retry(self) -> ResponseReturnValue:
        paper = self.get_one(request.form.get("id")) or abort(404)
        number, invoice_id = paper.id, paper.invoice_id
        to_invoice = request.form.get("back") == "invoice"
        back = self.get_url("admin_invoices.details_view", id=invoice_id) if to_invoice else self.get_url(".index_view")
        return done_by_button(
            lambda: papers.retry(actor(), number), gettext("The paper will be drawn again in a moment."), back
        )
