"""The form of "Neues Abonnement" on a customer's card: what is booked, the record looked over, how it is paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectMultipleField

from admin import formats
from admin.fields import country, day, decimal, select, text, whole, yes
from admin.paying_choice import as_customer, kept_choices, method_id_of
from admin.payment_forms import OnceForm
from admin.products import active_products, plans_on_sale
from admin.words import choices, kind_label
from models import Coupon, Customer, Subscription
from services import clock
from services.accountdata_wishes import payment_choices
from services.card_booking import BANK, REVIEWED, Paying, Reviewed
from services.subscriptions import Booking, Order

_c, _s = Customer.__table__.c, Subscription.__table__.c


class BookingForm(OnceForm):
    article_number = select(_l("Plan"), ())
    quantity = decimal(_l("Quantity"), required=True, default=Decimal(1), places=0)
    starts_on = day(_l("Begins on"), help=_l("Empty: today."))
    coupon = text(_l("Coupon"), Coupon.__table__.c.code, help=_l("Code of a coupon that is redeemed with it."))
    addons = SelectMultipleField(_l("Add-ons"), choices=[])

    unit_price = decimal(_l("Unit price"), help=_l("Empty: the price of the product."))
    title = text(_l("Title"), _s.title, help=_l("Empty: the title of the plan."))
    ends_on = day(_l("Ends on"), help=_l("First day without service. Empty: without end."))
    next_event = day(
        _l("First billed here on"),
        help=_l("For contracts that come in running: what was due before counts as billed elsewhere."),
    )
    days_for_payment = whole(_l("Days for payment"), 0, 999, help=_l("Empty: as set for the customer."))

    organization = text(_l("Organisation"), _c.organization)
    salutation = select(_l("Salutation"), choices("salutation"))
    first_name = text(_l("First name"), _c.first_name)
    last_name = text(_l("Last name"), _c.last_name)
    address = text(_l("Street and number"), _c.address)
    address_2 = text(_l("Addition"), _c.address_2)
    zipcode = text(_l("Postcode"), _c.zipcode)
    city = text(_l("City"), _c.city)
    country_code = country(_l("Country"), required=True)
    email = text(_l("E-mail"), _c.email)
    payment_mail_address = text(_l("E-mail for invoices"), _c.payment_mail_address)
    vat_id = text(_l("VAT ID"), _c.vat_id)
    seen = HiddenField()

    payment_type = select(_l("Payment method"), ())
    only_here = yes(_l("For this contract only"), help=_l("The record keeps its own payment method."))
    ask = yes(
        _l("The customer enters the payment data"),
        help=_l("An e-mail with the link of their own page is sent: “Please complete your payment data”."),
    )
    bank_account_owner = text(_l("Account holder"), _c.bank_account_owner)
    bank_iban = text("IBAN", longest=42)
    bank_bic = text("BIC", _c.bank_bic, help=_l("Empty: found by the IBAN."))
    mandate_reference = text(_l("Mandate reference"), _c.mandate_reference, help=_l("Empty: is drawn for a new IBAN."))
    mandate_signed_on = day(_l("Mandate signed on"), help=_l("Empty: today."))


CHOSEN = ("quantity", "starts_on", "coupon", "addons")
MORE = ("unit_price", "title", "ends_on", "next_event", "days_for_payment")
ACCOUNT = ("bank_account_owner", "bank_iban", "bank_bic", "mandate_reference", "mandate_signed_on")
_KEPT_BANK = ("bank_account_owner",)


def form_for(customer: Customer) -> Any:
    """Filled from the record; of the account only its holder, for an IBAN is never sent to a page."""
    stored = {name: getattr(customer, name) for name in (*REVIEWED, *_KEPT_BANK)}
    plans = plans_on_sale()
    begin = {"seen": str(customer.version), "quantity": Decimal(1), "starts_on": clock.today(),
             "article_number": plans[0][0] if plans else None,
             "payment_type": str(customer.payment_type)}  # fmt: skip
    form = BookingForm(data={**stored, **begin})
    form.article_number.choices = plans
    form.addons.choices = active_products("addon")
    form.payment_type.choices = _ways(customer)
    if customer.bank_iban:
        known = formats.masked_iban(customer.bank_iban)
        form.bank_iban.description = gettext("Empty: the known one, %(iban)s.", iban=known)
    return form


def compare(form: Any, customer: Customer) -> None:
    """Somebody else changed the record meanwhile: beside each entry what is stored now, and the next click counts."""
    for name in REVIEWED:
        now = getattr(customer, name)
        if (form[name].data or "") != now:
            form[name].description = gettext("Stored now: %(value)s", value=now or "–")
    form.seen.data = str(customer.version)


def order_of(form: Any, customer_id: int) -> Order:
    return Order(
        customer_id=customer_id, plan=Booking(form.article_number.data, form.quantity.data, title=None,
                                              unit_price=form.unit_price.data),
        addons=tuple(Booking(addon) for addon in form.addons.data or ()), starts_on=form.starts_on.data,
        next_event=form.next_event.data, ends_on=form.ends_on.data, title=form.title.data or "",
        days_for_payment=form.days_for_payment.data, coupon=(form.coupon.data or "").strip(), key=form.key.data,
    )  # fmt: skip


def reviewed_of(form: Any, *, with_record: bool) -> Reviewed:
    """`with_record`: whether this person may change records at all."""
    seen = str(form.seen.data or "")
    version = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
    return Reviewed(version, {name: form[name].data or "" for name in REVIEWED} if with_record else {})


def paying_of(form: Any, *, with_record: bool) -> Paying:
    bank = {name: form[name].data for name in BANK if form[name].data} if with_record else {}
    way, only_here = str(form.payment_type.data), form.only_here.data or not with_record
    kept = method_id_of(way)
    return Paying(int(way) if kept is None else None, only_here, bank, form.ask.data, kept)


def _ways(customer: Customer) -> list[tuple[str, Any]]:
    """As the customer pays, first; then the other kinds, then what the customer has kept (M1-19)."""
    others = [kind for kind in payment_choices(customer) if kind != customer.payment_type]
    return [
        (str(customer.payment_type), as_customer(customer)),
        *((str(kind), kind_label("payment", kind)) for kind in others), *kept_choices(customer.id),
    ]  # fmt: skip
