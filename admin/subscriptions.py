"""Subscriptions and the periods that they claimed."""

from __future__ import annotations

from decimal import Decimal

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField

from admin.columns import Choice, Column, state_choice
from admin.contract_deeds import offered
from admin.contract_telling import arithmetic, rules_told
from admin.customer_choice import CustomerChoice, customer_of, with_suggestions
from admin.deeds import done_by_button
from admin.deleted import refuse_deleted
from admin.fields import Form, day, decimal, select, text, whole
from admin.forms import FormScreen
from admin.lists import ListScreen, row_id
from admin.merged import number_of_address
from admin.paying_choice import way_of
from admin.people import actor
from admin.products import active_products
from models import Claim, Subscription
from queries.cards import activities
from queries.cards.extras import contract_extras
from queries.cards.subscriptions import SubscriptionCard, get_subscription_card
from queries.lists.subscriptions import CLAIMS, SUBSCRIPTIONS, offered_plans
from queries.shipments import SHOWN, ShipmentFilter, find_shipments
from services import billing_run
from services.contract_view import ContractDays, get_views
from services.subscriptions import Booking, Order, create_subscription

_c = Subscription.__table__.c


class SubscriptionForm(Form):
    customer_id = text(_l("Customer"), required=True, help=_l("Number, name or e-mail address."))
    article_number = select(_l("Plan"), ())
    quantity = decimal(_l("Quantity"), required=True, default=Decimal(1), places=0)
    unit_price = decimal(_l("Unit price"), help=_l("Empty: the price of the product."))
    addons = SelectMultipleField(_l("Add-ons"), choices=[])
    title = text(_l("Title"), _c.title, help=_l("Empty: the title of the plan."))
    starts_on = day(_l("Begins on"), help=_l("Empty: today."))
    next_event = day(
        _l("First billed here on"),
        help=_l("For contracts that come in running: what was due before counts as billed elsewhere."),
    )
    ends_on = day(_l("Ends on"), help=_l("First day without service. Empty: without end."))
    days_for_payment = whole(_l("Days for payment"), 0, 999, help=_l("Empty: as set for the customer."))

    groups = (
        (_l("Contract"), ("customer_id", "article_number", "quantity", "unit_price", "addons", "title")),
        (_l("Dates"), ("starts_on", "next_event", "ends_on", "days_for_payment")),
    )


class SubscriptionScreen(CustomerChoice, FormScreen):
    """A contract is made by a form; what happens to it later are deeds of their own, not edits."""

    title = _l("Subscriptions")
    new_label = _l("New subscription")
    hint = _l("Name, e-mail or number of the customer")
    empty = _l("Running contracts will stand here. Begin with “New subscription” or in a customer's record.")
    deeds = {
        "index_view": "subscriptions.read", "details_view": "subscriptions.read",
        "create_view": "subscriptions.write", "confirm_periods": "subscriptions.write",
        "suggest": "subscriptions.write",
    }  # fmt: skip
    listing = SUBSCRIPTIONS
    columns = (
        Column("plan", _l("Contract"), "link", to="admin_subscriptions.details_view"),
        Column("customer", _l("Customer"), "link", to="admin_customers.details_view", id_from="customer_id"),
        Column("status", _l("Status"), "state", of="subscription"),
        Column("interval_unit", _l("Rhythm"), "rhythm"),
        Column("started_on", _l("Since"), "day"),
        Column("next_billing_on", _l("Next billing"), "day"),
    )
    choices = (state_choice("subscription", label=_l("Status")),)
    form_class = SubscriptionForm
    create_template = "admin/subscription_new.html"

    def __init__(self) -> None:
        super().__init__(Subscription, "subscriptions")

    def get_choices(self) -> tuple[Choice, ...]:
        plans = tuple((str(number), words) for number, words in offered_plans())
        return (*self.choices, Choice("plan", _l("Plan"), plans)) if plans else self.choices

    def more_arguments(self) -> tuple[str, ...]:
        return ("plan",)

    def new_form(self) -> Form:
        form = self.form_class(customer_id=number_of_address())
        with_suggestions(form.customer_id, self.get_url(".suggest"))
        form.article_number.choices = active_products("plan")
        form.addons.choices = active_products("addon")
        return form

    def create(self, form: Form) -> int:
        return create_subscription(actor(), _order(form))

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        card = get_subscription_card(row_id(request.args.get("id")) or 0)
        if card is None:
            abort(404)
        refuse_deleted(card.customer, reads=True)
        row, view = card.subscription, get_views([card.subscription.id])[card.subscription.id]
        days, history = view.days, activities.of_contract(row.customer_id, row.id)
        return self.render(
            "admin/subscription.html", card=card, days=days, history=history, title=_title(card, days),
            upcoming=view.upcoming, rules=rules_told(days.rules, days.bound_until),
            deeds=offered(row, days), arithmetic=arithmetic, extras=contract_extras(row.id),
            pays=way_of(row, card.customer),
            shipments=find_shipments(ShipmentFilter(subscription_ids=(row.id,)), SHOWN),
        )  # fmt: skip

    @expose("/confirm/", methods=("POST",))
    def confirm_periods(self) -> ResponseReturnValue:
        """D-13: more than 12 open periods are billed only after a person said so."""
        number = self.require_row().id
        return done_by_button(
            lambda: billing_run.confirm_periods(actor(), number),
            gettext("Confirmed. The next billing run will bill all open periods."),
            self.get_url(".details_view", id=number),
        )


def _title(card: SubscriptionCard, days: ContractDays) -> str:
    return card.subscription.title or days.plan.title or gettext("Subscription")


def _order(form: Form) -> Order:
    return Order(
        customer_id=customer_of(form.customer_id.data),
        plan=Booking(form.article_number.data, form.quantity.data, unit_price=form.unit_price.data),
        addons=tuple(Booking(addon) for addon in form.addons.data or ()),
        starts_on=form.starts_on.data, next_event=form.next_event.data, ends_on=form.ends_on.data,
        title=form.title.data or "", days_for_payment=form.days_for_payment.data,
    )  # fmt: skip


class ClaimScreen(ListScreen):
    """Which periods are billed (X-02). Read-only: a claim is released by a deed, never edited."""

    title = _l("Claimed periods")
    hint = _l("Number of a subscription")
    empty = _l("Every billed period will stand here, each exactly once.")
    deeds = {"index_view": "subscriptions.read"}
    listing = CLAIMS
    columns = (
        Column("title", _l("Item"), "link", to="admin_subscriptions.details_view", id_from="subscription_id"),
        Column("subscription_id", _l("Subscription")),
        Column("kind", _l("Kind"), "kind", of="claim"),
        Column("period_start", _l("From"), "day"),
        Column("period_end", _l("Until"), "last_day"),
        Column("state", _l("Status"), "state", of="claim"),
        Column("created_at", _l("Claimed"), "moment"),
    )
    choices = (state_choice("claim", "state", _l("Status")),)

    def __init__(self) -> None:
        super().__init__(Claim, "claims")
