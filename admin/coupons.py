"""Coupons and vouchers: the list, the form, what became of each, and the deeds with them (X-20, R-17)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField

from admin.asking import Asking, asked_from
from admin.columns import Column, kind_choice, state_choice
from admin.deeds import done_by_button
from admin.fields import Form, day, decimal, select, span, text, whole, yes
from admin.forms import FormScreen, stored
from admin.lists import row_id
from admin.merged import number_of_address
from admin.payment_forms import money_of
from admin.people import actor
from admin.products import products_on_sale
from admin.words import choices
from billing.errors import Invalid, NotFound
from billing.periods import Interval, Unit
from extensions import db
from models import Coupon, CouponRedemption, Customer, Subscription
from queries.cards.payments import customer_by_number
from queries.coupons import get_coupon, product_ids_of, redemptions_of, uses_of_coupon
from queries.lists.coupons import coupon_list
from queries.lists.shape import Listing
from services import clock, coupons, redemptions
from services.company import get_company

_c = Coupon.__table__.c


class CouponForm(Form):
    code = text(_l("Code"), _c.code, required=True, help=_l("As it is printed; capitals and blanks do not count."))
    title = text(_l("Title"), _c.title, help=_l("For the team and for lists."))
    campaign = text(_l("Campaign"), _c.campaign)
    is_active = yes(_l("Redeemable"), default=True, help=_l("Switched off, what was redeemed runs on."))

    kind = select(_l("Kind"), choices("coupon"))
    percent = decimal(_l("Percent"), help=_l("For the kind “percent”: above 0, up to 100."))
    amount = decimal(_l("Amount"), help=_l("Net on net prices, gross on gross ones."))
    currency_code = text(_l("Currency"), _c.currency_code, help=_l("Of the amount; percents fit every currency."))

    lasts = select(_l("Lasts"), choices("lasts"), help=_l("A voucher with an amount lasts until it is used up."))
    events = whole(_l("Number of invoices"), 1, 9999, default=1, help=_l("Each billing day is one."))
    period = span(_l("Length of time"), help=_l("Counts from the redemption, or from the end of a trial."))

    valid_from = day(_l("First day"), help=_l("On which it can be redeemed. Empty: at once."))
    valid_to = day(_l("Last day"), help=_l("On which it can be redeemed. Empty: without end."))
    uses_max = whole(_l("Uses in all"), 0, 1_000_000, default=0, help=_l("0: without limit."))
    uses_per_customer = whole(_l("Uses per customer"), 0, 1_000_000, default=1, help=_l("0: without limit."))
    customer_id = text(_l("Customer number"), Customer.__table__.c.number, help=_l("Empty: for everybody."))
    product_ids = SelectMultipleField(_l("Products"), coerce=int, choices=[], description=_l("None: all of them."))

    groups = (
        (_l("Coupon"), ("code", "title", "campaign", "is_active")),
        (_l("What it gives"), ("kind", "percent", "amount", "currency_code")),
        (_l("How long"), ("lasts", "events", "period")),
        (_l("Who may redeem it"), ("valid_from", "valid_to", "uses_max", "uses_per_customer", "customer_id",
                                   "product_ids")),
    )  # fmt: skip


class CodeForm(Form):
    coupon = text(_l("Code"), _c.code, required=True)


class CouponScreen(Asking, FormScreen):
    title = _l("Coupons")
    new_label = _l("New coupon")
    edit_title = _l("Edit coupon")
    hint = _l("Code, title or campaign")
    empty = _l("Coupons will stand here: so many percent or so much off a contract, or a voucher that is used up.")
    deeds = {
        "index_view": "coupons.read", "details_view": "coupons.read", "create_view": "coupons.write",
        "edit_view": "coupons.write", "switch": "coupons.write", "redeem": "subscriptions.write",
        "end": "subscriptions.write",
    }  # fmt: skip
    columns = (
        Column("code", _l("Code"), "link", to="admin_coupons.details_view"),
        Column("title", _l("Title"), "link", to="admin_coupons.details_view"),
        Column("kind", _l("Kind"), "kind", of="coupon"),
        Column("state", _l("Status"), "state", of="coupon"),
        Column("valid_to", _l("Last day"), "day"),
        Column("uses", _l("Redeemed"), "uses"),
        Column("percent", _l("Worth"), "worth"),
    )
    choices = (kind_choice("coupon", "kind", _l("Kind")), state_choice("coupon", "state", _l("Status")))
    form_class = CouponForm

    def __init__(self) -> None:
        super().__init__(Coupon, "coupons")

    def get_listing(self) -> Listing:
        return coupon_list(clock.today())

    def new_form(self) -> Form:
        return _offering(self.form_class(data={"kind": "percent", "lasts": "events", "events": 1, "is_active": True,
                                               "uses_per_customer": 1, "uses_max": 0,
                                               "customer_id": number_of_address(),
                                               "currency_code": get_company().currency_code}))  # fmt: skip

    def form_of(self, row: Coupon) -> Form:
        unit = row.period_unit
        owner = db.session.get(Customer, row.customer_id) if row.customer_id else None
        return _offering(self.form_class(data=stored(row) | {
            "amount": None if row.amount_cents is None else Decimal(row.amount_cents).scaleb(-2),
            "period": Interval(Unit(unit), row.period_count) if unit else None,
            "customer_id": owner.number if owner else "", "product_ids": product_ids_of(row.id),
        }))  # fmt: skip

    def create(self, form: Form) -> int:
        with _at_amount():
            return coupons.create_coupon(actor(), _values(form))

    def created(self, form: Form, made: int) -> ResponseReturnValue:
        """Back to the customer whose card it was made from."""
        back = asked_from()
        if back is None:
            return super().created(form, made)
        flash(str(self.saved), "good")
        return redirect(back)

    def update(self, form: Form, row: Coupon) -> None:
        with _at_amount():
            coupons.update_coupon(actor(), row.id, _values(form))

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        card = get_coupon(row_id(request.args.get("id")) or 0) or abort(404)
        number = card.coupon.id
        return self.render(
            "admin/coupon.html", card=card, title=card.coupon.code, redemptions=redemptions_of(number),
            uses=uses_of_coupon(number),
        )  # fmt: skip

    @expose("/switch/", methods=("POST",))
    def switch(self) -> ResponseReturnValue:
        """On or off; what was redeemed runs on."""
        row = self.require_row()
        number, active = row.id, not row.is_active
        said = gettext("The coupon can be redeemed again.") if active else gettext(
            "The coupon is switched off. What was redeemed before runs on as promised.")  # fmt: skip
        return done_by_button(
            lambda: coupons.switch_coupon(actor(), number, active=active), said,
            self.get_url(".details_view", id=number),
        )  # fmt: skip

    @expose("/redeem/", methods=("GET", "POST"))
    def redeem(self) -> ResponseReturnValue:
        """Take a coupon up for a contract."""
        contract = db.session.get(Subscription, row_id(request.values.get("contract")) or 0) or abort(404)
        form, number = CodeForm(), contract.id
        what = [gettext("The coupon reduces what begins from today on; a period that is under way stays as it is.")]
        return self.asked(
            form, lambda: redemptions.redeem(actor(), number, form.coupon.data), title=gettext("Redeem a coupon"),
            what=what, verb=gettext("Redeem"), said=gettext("The coupon is redeemed."), back=_contract(number),
            extra={"contract": number},
        )  # fmt: skip

    @expose("/end/", methods=("GET", "POST"))
    def end(self) -> ResponseReturnValue:
        """From today on it reduces nothing that begins anew."""
        row = db.session.get(CouponRedemption, row_id(request.values.get("redemption")) or 0) or abort(404)
        number, contract = row.id, row.subscription_id
        what = [gettext("From today on it reduces nothing that begins anew. What was billed stays as it is.")]
        return self.asked(
            Form(), lambda: redemptions.end_redemption(actor(), number), title=gettext("End the coupon"), what=what,
            verb=gettext("End the coupon"), said=gettext("The coupon has ended."), back=_contract(contract),
            extra={"redemption": number}, danger=True,
        )  # fmt: skip


@contextmanager
def _at_amount() -> Iterator[None]:
    """The service counts cents; the field that a person sees is the amount."""
    try:
        yield
    except Invalid as error:
        raise Invalid("amount", error.code) if error.field == "amount_cents" else error from None


def _contract(number: int) -> str:
    return url_for("admin_subscriptions.details_view", id=number)


def _offering(form: Any) -> Any:
    form.product_ids.choices = products_on_sale(form.product_ids.data or ())
    return form


def _values(form: Form) -> dict[str, Any]:
    """As the service takes them: cents, ids, an interval; what the kind does not need is left empty."""
    values = {name: value for name, value in form.data.items() if name != "csrf_token"}
    amount, number, kind = values.pop("amount"), values.pop("customer_id"), values["kind"]
    currency = (values.pop("currency_code") or "").upper()
    if kind == "percent":
        values |= {"amount_cents": None, "currency_code": None}
    else:
        cents = None if amount is None else money_of(amount, "EUR").cents
        values |= {"percent": None, "amount_cents": cents, "currency_code": currency or None}
    values["customer_id"] = customer_by_number(number) if number else None
    if number and values["customer_id"] is None:
        raise NotFound("unknown_customer", field="customer_id")
    for name, otherwise in (("events", 1), ("uses_max", 0), ("uses_per_customer", 0)):
        values[name] = otherwise if values[name] is None else values[name]
    if kind == "voucher":
        values["lasts"] = "ever"
    return values | {name: values[name] or "" for name in ("code", "title", "campaign")}
