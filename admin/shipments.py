"""Shipments: what was sent, for which invoice; noted by hand here, or by the call API (M2-33 to M2-35)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import Length

from admin import state_words
from admin.columns import Choice, Column, state_choice
from admin.fields import Form, day, select, stripped, text
from admin.forms import FormScreen, stored
from admin.lists import row_id
from admin.people import actor
from billing.errors import Invalid, NotFound
from models import Shipment
from queries.cards.payments import invoice_by_number
from queries.lists.shipments import SHIPMENTS
from queries.shipments import get_shipment
from services import clock
from services.shipments import Delivery, change_shipment, create_shipment, delete_shipment

_TABLE = Shipment.__table__.c


def _status() -> Any:
    return select(_l("Status"), [(state, label) for state, (label, _tone) in state_words.STATES["shipment"].items()])


class ShipmentForm(Form):
    subscription_id = text(
        _l("Number of the subscription"), longest=18,
        help=_l("It finds the invoice whose service period covers the day, else its last one."),
    )  # fmt: skip
    invoice_id = text(_l("Number of the invoice"), longest=40, help=_l("Only where it is another one, or no contract."))
    shipped_on = day(_l("Sent on"), required=True)
    status = _status()
    carrier = text(_l("Carrier"), _TABLE.carrier)
    tracking_number = text(_l("Tracking number"), _TABLE.tracking_number)
    option = text(_l("Option"), _TABLE.option)
    articles = TextAreaField(
        _l("Articles"), [Length(max=10_000)], filters=[stripped],
        description=_l("One line each: quantity, article number, title. Empty: what the contract delivers."),
    )  # fmt: skip

    groups = (
        (_l("Belongs to"), ("subscription_id", "invoice_id")),
        (_l("Shipment"), ("shipped_on", "status", "carrier", "tracking_number", "option", "articles")),
    )


class ChangeForm(ShipmentForm):
    subscription_id = None
    invoice_id = text(_l("Number of the invoice"), longest=40)

    groups = (
        (_l("Belongs to"), ("invoice_id",)),
        (_l("Shipment"), ("shipped_on", "status", "carrier", "tracking_number", "option", "articles")),
    )


class ShipmentScreen(FormScreen):
    title = _l("Shipments")
    new_label = _l("New shipment")
    edit_title = _l("Change shipment")
    hint = _l("Invoice number, tracking number or customer")
    empty = _l("Shipments will stand here, each with its invoice. Begin with “New shipment”, or note them by the call "
               "API.")  # fmt: skip
    lead = "tracking_number"
    delete_means = _l("The shipment is taken out of the list. The activities keep when it was sent and its number.")
    deeds = {
        "index_view": "shipments.read", "create_view": "shipments.write", "edit_view": "shipments.write",
        "delete_view": "shipments.write", "confirm_delete": "shipments.write",
    }  # fmt: skip
    listing = SHIPMENTS
    columns = (
        Column("shipped_on", _l("Sent on"), "link_day", to="admin_shipments.edit_view"),
        Column("tracking_number", _l("Tracking number"), "link", to="admin_shipments.edit_view"),
        Column("carrier", _l("Carrier")),
        Column("status", _l("Status"), "state", of="shipment"),
        Column("customer", _l("Customer"), "link", to="admin_customers.details_view", id_from="customer_id"),
        Column("invoice_number", _l("Invoice"), "link", to="admin_invoices.details_view", id_from="invoice_id"),
    )
    choices = (
        state_choice("shipment", label=_l("Status")), Choice("from", _l("From"), kind="day"),
        Choice("to", _l("Until"), kind="day"),
    )  # fmt: skip
    form_class = ShipmentForm

    def __init__(self) -> None:
        super().__init__(Shipment, "shipments")

    def new_form(self) -> Form:
        given = {name: request.args.get(name, "")[:40] for name in ("subscription_id", "invoice_id")}
        return ShipmentForm(data={"shipped_on": clock.today(), "status": "shipped", **given})

    def form_of(self, row: Shipment) -> Form:
        card = get_shipment(row.id)
        number = card.invoice_number if card else ""
        return ChangeForm(data=stored(row) | {"invoice_id": number, "articles": _spelled(row.articles)})

    def create(self, form: Form) -> int:
        given = form.subscription_id.data
        if given and row_id(given) is None:
            raise NotFound("unknown_subscription", field="subscription_id")
        return create_shipment(
            actor(), Delivery(row_id(given), _invoice_of(form), **_details(form), articles=_read(form.articles.data))
        )

    def update(self, form: Form, row: Shipment) -> None:
        change_shipment(actor(), row.id, _details(form) | {"invoice_id": _invoice_of(form),
                                                           "articles": _read(form.articles.data)})  # fmt: skip

    def delete(self, row: Shipment) -> None:
        delete_shipment(actor(), row.id)

    def after_save(self, row_id: int) -> str:
        """To the invoice that it belongs to."""
        card = get_shipment(row_id)
        return url_for("admin_invoices.details_view", id=card.invoice_id) if card else self.get_url(".index_view")

    def name_of(self, row: Shipment) -> str:
        return row.tracking_number or gettext("Shipment %(id)s", id=row.id)


def _invoice_of(form: Form) -> int | None:
    number = form.invoice_id.data
    found = invoice_by_number(number) if number else None
    if number and found is None:
        raise NotFound("unknown_invoice", field="invoice_id")
    return found


def _details(form: Form) -> dict[str, Any]:
    names = ("shipped_on", "status", "carrier", "tracking_number", "option")
    return {name: getattr(form, name).data or "" for name in names}


def _read(typed: str | None) -> list[dict[str, str]]:
    """Lines of quantity, article number and title. Raises Invalid("articles") for one without a quantity."""
    return [_article(line) for line in (typed or "").splitlines() if line.strip()]


def _article(line: str) -> dict[str, str]:
    quantity, number, title = (line.split(None, 2) + ["", "", ""])[:3]
    try:
        amount = Decimal(quantity.replace(",", "."))
    except InvalidOperation:
        amount = Decimal(0)
    if not number or not 0 < amount < 1_000_000:
        raise Invalid("articles", "not_an_article_line")
    return {"article_number": number[:40], "title": title[:200], "quantity": f"{amount.normalize():f}"}


def _spelled(articles: Sequence[Mapping[str, str]]) -> str:
    return "\n".join(
        f"{each.get('quantity', '1')} {each.get('article_number') or '-'} {each.get('title', '')}".strip()
        for each in articles
    )
