"""Customers: list, record, form (M1-14, M1-34, P-01, P-03)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from admin import card, card_activities, customer_deeds, deletions, formats
from admin.bulk import ForMany
from admin.card_figures import get_figures
from admin.columns import Choice, Column, kind_choice, state_choice
from admin.customer_editing import CustomerEditing
from admin.customer_form import CustomerForm, NewCustomerForm, number_help, values_of, without_settings
from admin.customer_status import StatusDeeds
from admin.deeds import attempt, done_by_button
from admin.exports import Files
from admin.fields import Form
from admin.forms import FormScreen, stored
from admin.lists import row_id
from admin.merged import survivors_of
from admin.people import actor, may
from extensions import db
from models import Customer
from queries.cards.customer_head import Head, tags_of
from queries.cards.customer_overview import get_vat_state
from queries.cards.money import customer_money
from queries.duplicates import get_kin
from queries.lists.customers import OFFERED_TAGS, offered_tags
from queries.lists.customers import customers as customer_list
from queries.lists.deletions import was_deleted
from queries.lists.shape import Listing
from services import clock, customer_erasure, customers, reveal
from services.company import get_company
from services.customer_welcome import Welcomed, welcome
from services.vat_reliance import concerns

_CREDIT = ("credit", _l("Paid credit"))


class CustomerScreen(CustomerEditing, StatusDeeds, ForMany, Files, FormScreen):
    """P-03: a record is opened by a click on its number or its e-mail address."""

    title = _l("Customers")
    new_label = _l("New customer")
    edit_title = _l("Edit customer")
    hint = _l("Name, e-mail, number or city")
    empty = _l("Your customers will stand here. Begin with “New customer”, or let them come in through the call API.")
    gone = _l("The customer is deleted. When and by whom stands under “Deletions”.")
    lead = "name"
    deeds = {
        "index_view": "customers.read", "details_view": "customers.read", "create_view": "customers.write",
        "edit_view": "customers.write", "delete_view": "customers.delete", "export": "customers.export",
        "confirm_delete": "customers.delete", "reveal_iban": "customers.reveal", "many": "customers.write",
        "ask_renew_link": "customers.write", "renew_link": "customers.write",
        "status": "customers.write", "status_history": "customers.read", "alike": "customers.write",
    }  # fmt: skip
    columns = (
        Column("number", _l("Number"), "link", to="admin_customers.details_view"),
        Column("name", _l("Name"), "link", to="admin_customers.details_view"),
        Column("email", _l("E-mail"), "link", to="admin_customers.details_view"),
        Column("city", _l("City")),
        Column("customer_type", _l("Kind"), "kind", of="customer"),
        Column("status", _l("Status"), "state", of="customer"),
        Column("open_sums", _l("Open"), "sums"),
    )
    in_file = (
        Column("number", _l("Number")),
        Column("name", _l("Name")),
        Column("organization", _l("Company")),
        Column("salutation", _l("Salutation"), "kind", of="salutation"),
        Column("title_academic", _l("Title")),
        Column("first_name", _l("First name")),
        Column("last_name", _l("Last name")),
        Column("email", _l("E-mail")),
        Column("phone", _l("Telephone")),
        Column("mobile", _l("Mobile")),
        Column("address", _l("Address")),
        Column("address_2", _l("Address, second line")),
        Column("zipcode", _l("Postcode")),
        Column("city", _l("City")),
        Column("country_code", _l("Country")),
        Column("vat_id", _l("VAT ID")),
        Column("customer_type", _l("Kind"), "kind", of="customer"),
        Column("status", _l("Status"), "state", of="customer"),
        Column("payment_type", _l("Payment method"), "kind", of="payment"),
        Column("language_code", _l("Language"), "kind", of="language"),
        Column("ext_uid", _l("External ID")),
        Column("created_at", _l("Customer since"), "moment"),
        Column("open_cents", _l("Open"), "money"),
        Column("credit_sums", _l("Paid credit"), "sums"),
    )
    choices = (
        state_choice("customer", label=_l("Status")),
        kind_choice("customer", "customer_type", _l("Kind")),
        Choice(
            "owing",
            _l("Open amounts"),
            (("open", _l("Open")), ("overdue", _l("Overdue")), ("clear", _l("Nothing open")), _CREDIT),
        ),
    )
    form_class = CustomerForm
    bulk = customer_deeds.DEEDS

    def __init__(self) -> None:
        super().__init__(Customer, "customers")

    def get_listing(self) -> Listing:
        return customer_list(clock.today())

    def get_columns(self, args: Mapping[str, str]) -> tuple[Column, ...]:
        """How much it is, for who asks for those with credit."""
        more = Column("credit_sums", _l("Paid credit"), "sums")
        return (*self.columns, more) if args.get("owing") == _CREDIT[0] else self.columns

    def get_choices(self) -> tuple[Choice, ...]:
        """M1-42. A select as long as it can be read; beyond that the tag's name is typed, with suggestions."""
        offered = offered_tags()
        values = tuple((str(number), name) for number, name in offered)
        if len(offered) > OFFERED_TAGS:
            return (*self.choices, Choice("tag_name", _l("Tag"), values, kind="text"))
        if not offered:
            return self.choices
        return (*self.choices, Choice("tag", _l("Tag"), values))

    def more_arguments(self) -> tuple[str, ...]:
        return ("tag",)

    def new_form(self) -> Form:
        home = get_company()
        form = NewCustomerForm(
            data={"customer_type": "business", "invoice_delivery_method": "mail", "country_code": home.country_code,
                  "currency_code": home.currency_code, "language_code": home.language_code}
        )  # fmt: skip
        without_settings(form)
        next_one = gettext("Empty: the next number of the range, probably %(number)s.", number=customers.next_number())
        form.number.description = number_help(next_one)
        return form

    def form_of(self, row: Customer, *, fresh: bool = False) -> Form:
        """The IBAN stands masked in the form; a masked one that comes back is not a change. `fresh`: as it stands in
        the database, whatever was sent."""
        data = stored(row) | {"bank_iban": formats.masked_iban(row.bank_iban), "tags": ", ".join(tags_of(row.id))}
        form = self.form_class(formdata=None, data=data) if fresh else self.form_class(data=data)
        form.number.description = number_help(gettext("Papers that were issued keep the number of their day."))
        return without_settings(form)

    def create(self, form: Form) -> Welcomed:
        return welcome(actor(), values_of(form), invited=bool(form.invite.data))

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        """The first tab of the card; the others are screens of their own (admin/card.py)."""
        head = card.require_head(reads=True)
        return card.show(self, "overview", "admin/card/overview.html", head, overview_of(head))

    def require_row(self) -> Customer:
        """The record that speaks for the address today (D-11)."""
        return card.require_head().customer

    def chosen(self) -> list[int]:
        return survivors_of(super().chosen())

    def names_of(self, ids: Sequence[int]) -> dict[int, str]:
        """Also of those that the list does not show any more: a deleted one by the number it had."""
        gone = select(Customer.id, Customer.number).where(Customer.id.in_(ids), Customer.erased_at.is_not(None))
        deleted = {number: gettext("%(number)s (deleted)", number=name) for number, name in db.session.execute(gone)}
        return deleted | super().names_of(ids)

    def ask_delete(self, row: Customer) -> ResponseReturnValue:
        """What deleting will do, before it happens (UI). What was merged goes with its survivor, so that is asked."""
        plan = customer_erasure.preview_deletion(self.session.session(), row.id)
        return self.render("admin/customer_delete.html", row=row, plan=plan, title=gettext("Delete customer"),
                           **deletions.shown(plan, row))  # fmt: skip

    @expose("/delete/", methods=("POST",))
    def delete_view(self) -> ResponseReturnValue:
        """Who was shown another record's question is asked once more; who sends it twice is told that it is done."""
        number = row_id(request.values.get("id"))
        if number and db.session.get(Customer, number) is None and was_deleted(number):
            flash(gettext("This record was deleted already."), "info")
            return redirect(self.get_url(".index_view"))
        card.require_head(acts=False, to="admin_customers.confirm_delete")
        return super().delete_view()

    def delete(self, row: Customer) -> None:
        customer_erasure.delete_customer(actor(), row.id, request.form.get("reason", ""))

    @expose("/link/renew/")
    def ask_renew_link(self) -> ResponseReturnValue:
        row = self.require_row()
        return self.render("admin/customer_link.html", row=row, title=gettext("Renew the link"))

    @expose("/link/renewed/", methods=("POST",))
    def renew_link(self) -> ResponseReturnValue:
        """The customer's hash anew; the old one ends (D-11)."""
        number = card.require_head(acts=False, to="admin_customers.ask_renew_link").id
        return done_by_button(
            lambda: customers.renew_hash(actor(), number),
            gettext("The customer has a new link; the old one has ended."), self.get_url(".details_view", id=number),
        )  # fmt: skip

    @expose("/iban/", methods=("POST",))
    def reveal_iban(self) -> ResponseReturnValue:
        """Shown once, and an activity says who looked (docs/architecture.md)."""
        number = self.require_row().id
        outcome = attempt(lambda: reveal.customer_iban(actor(), number))
        if outcome.done:
            flash(gettext("IBAN: %(iban)s", iban=outcome.value), "info")
        return redirect(self.get_url(".details_view", id=number))


def overview_of(head: Head) -> dict[str, Any]:
    """What the overview shows beside the head, as far as the person may see it."""
    today, owed, row = clock.today(), may("receivables.read"), head.customer
    return {
        "kin": get_kin(row),
        "figures": get_figures(head.id, row.currency_code, today) if owed and not head.is_erased else (),
        "money": customer_money(head.id, today) if owed else None,
        "vat": get_vat_state(head.id, row.vat_id),
        "vat_matters": concerns(get_company(), row.country_code, row.customer_type, row.vat_id),
    } | (card_activities.newest_of(head) if may("activities.read") else {})
