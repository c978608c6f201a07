"""The form of a customer record: who it is first, all other fields in groups; only a name is needed (M1-20)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import RadioField

from admin.door import opens
from admin.fields import Form, country, day, select, text, whole, yes
from admin.people import may
from admin.words import choices
from models import Customer

_c = Customer.__table__.c
MASK = "••"  # as formats.masked_iban draws it
WHO = ("customer_type", "organization", "first_name", "last_name", "email")
# How invoices reach the customer and how they are booked: the tab "Einstellungen" has them, too.
SETTINGS = (
    "invoice_delivery_method", "einvoice_format", "buyer_reference", "language_code", "days_for_payment",
    "currency_code", "account_receivable", "costcenter", "show_payment_notice", "newsletter_optin",
)  # fmt: skip
# What stands in a record of which nobody asked for anything else.
USUAL = {
    "payment_type": (1,), "invoice_delivery_method": ("mail",), "einvoice_format": ("zugferd",),
    "country_code": ("DE",), "language_code": ("de",), "currency_code": ("EUR",),
}  # fmt: skip


def _blank(field: Any) -> Any:
    """A field that the stylesheet can see to be empty (static/css/record.css)."""
    field.kwargs["render_kw"] = {**field.kwargs.get("render_kw", {}), "placeholder": " "}
    return field


class CustomerForm(Form):
    customer_type = RadioField(_l("Kind"), choices=list(choices("customer")))
    organization = _blank(text(_l("Organisation"), _c.organization, help=_l("Needed for companies.")))
    salutation = select(_l("Salutation"), choices("salutation"))
    title_academic = text(_l("Title"), _c.title_academic)
    first_name = text(_l("First name"), _c.first_name)
    last_name = text(_l("Last name"), _c.last_name, help=_l("Needed for consumers."))
    position = _blank(text(_l("Position"), _c.position))
    number = text(_l("Customer number"), _c.number, help=_l("Empty: the next number of the range."))
    ext_uid = text(_l("External ID"), _c.ext_uid, help=_l("Your own key from another system; each only once."))
    tags = text(_l("Tags"), longest=2000, help=_l("Separated by commas."))

    address = text(_l("Street and number"), _c.address)
    address_2 = text(_l("Addition"), _c.address_2)
    zipcode = text(_l("Postcode"), _c.zipcode)
    city = text(_l("City"), _c.city)
    state = text(_l("State"), _c.state)
    country_code = country(_l("Country"))

    delivery_recipient = text(_l("Recipient"), _c.delivery_recipient)
    delivery_address = text(_l("Street and number"), _c.delivery_address)
    delivery_address_2 = text(_l("Addition"), _c.delivery_address_2)
    delivery_zipcode = text(_l("Postcode"), _c.delivery_zipcode)
    delivery_city = text(_l("City"), _c.delivery_city)
    delivery_country_code = country(_l("Country"))

    email = text(_l("E-mail"), _c.email, help=_l("Invoices go here unless another address is given below."))
    payment_mail_address = text(_l("E-mail for invoices"), _c.payment_mail_address)
    email_cc = text(_l("Copies to"), _c.email_cc, help=_l("Separated by commas."))
    phone = text(_l("Telephone"), _c.phone)
    phone_2 = text(_l("Second telephone"), _c.phone_2)
    mobile = text(_l("Mobile"), _c.mobile)
    fax = text(_l("Fax"), _c.fax)
    language_code = select(_l("Language"), choices("language"))
    birthday = day(_l("Birthday"))
    newsletter_optin = yes(_l("Wants the newsletter"))

    vat_id = _blank(
        text(_l("VAT ID"), _c.vat_id, help=_l("Checked with the tax authorities of the EU once it is saved."))
    )
    tax_id = text(_l("Tax number"), _c.tax_id)
    owes_vat = yes(
        _l("Owes the VAT on supplies of section 13b UStG"),
        help=_l("Only with evidence, such as the certificate USt 1 TG. Holds for products that are marked so."),
    )
    currency_code = text(_l("Currency"), _c.currency_code, help=_l("Three letters, such as EUR."))
    days_for_payment = whole(_l("Days for payment"), 0, 999, help=_l("Empty: as set for the company."))
    invoice_delivery_method = select(_l("Invoices are sent"), choices("delivery"))
    einvoice_format = select(
        _l("E-invoice"),
        choices("einvoice"),
        help=_l("XRechnung goes out beside the PDF; public authorities ask for it."),
    )
    buyer_reference = text(
        _l("Buyer reference (Leitweg-ID)"),
        _c.buyer_reference,
        help=_l("An authority's Leitweg-ID, or what a firm wants to read on its invoices. Empty: the customer number."),
    )
    account_receivable = text(_l("Debtor account"), _c.account_receivable)
    costcenter = text(_l("Cost centre"), _c.costcenter)
    show_payment_notice = yes(_l("Payment notice on invoices"))

    payment_type = select(
        _l("Payment method"), choices("payment"), coerce=int, help=_l("Transfer, unless you choose another one.")
    )
    bank_account_owner = text(_l("Account holder"), _c.bank_account_owner)
    bank_iban = text(
        "IBAN",
        longest=42,
        help=_l("May come later, also from the customer. Shown masked; type a new one to change it."),
    )
    bank_bic = text("BIC", _c.bank_bic)
    bank_name = text(_l("Bank"), _c.bank_name)
    mandate_reference = text(_l("Mandate reference"), _c.mandate_reference)
    mandate_signed_on = day(_l("Mandate signed on"))

    affiliate = text(_l("Referred by"), _c.affiliate)
    comment = text(_l("Note"), _c.comment, help=_l("For the team only."))

    groups = (
        (_l("Who"), WHO),
        (_l("Billing address"), ("address", "address_2", "zipcode", "city", "state", "country_code")),
        (_l("Telephone and further addresses"), ("phone", "mobile", "phone_2", "fax", "payment_mail_address",
                                                 "email_cc")),
        (_l("Person, number and tags"), ("salutation", "title_academic", "position", "birthday", "number", "ext_uid",
                                         "tags")),
        (_l("Payment"), ("payment_type", "bank_account_owner", "bank_iban", "bank_bic", "bank_name",
                         "mandate_reference", "mandate_signed_on")),
        (_l("Tax"), ("vat_id", "tax_id", "owes_vat")),
        (_l("Invoices and settings"), SETTINGS),
        (_l("Delivery address"), ("delivery_recipient", "delivery_address", "delivery_address_2", "delivery_zipcode",
                                  "delivery_city", "delivery_country_code")),
        (_l("Other"), ("affiliate", "comment")),
    )  # fmt: skip

    def holds(self, names: Sequence[str]) -> bool:
        """Whether a group holds something that somebody typed, so that it stands open."""
        return any(self[name].data not in (None, "", False, *USUAL.get(name, ())) for name in names if name in self)


class NewCustomerForm(CustomerForm):
    invite = yes(_l("Send an invitation to the customer portal"),
                 help=_l("The customer chooses a password behind a link that works for seven days."))  # fmt: skip

    groups = ((_l("Who"), (*WHO, "invite")), *CustomerForm.groups[1:])


def number_help(first: str) -> str:
    """What a number typed by hand means, and where the range is set for who may look."""
    told = gettext("By hand any number goes that is free; the range goes on as before and skips what is taken.")
    if not opens("admin_number_ranges.index_view"):
        return f"{first} {told}"
    way = Markup('<a href="{}">{}</a>').format(url_for("admin_number_ranges.index_view"), gettext("Number ranges"))
    return Markup("{} {} {}").format(first, told, way)


def without_settings(form: Form) -> Form:
    """The settings have a permission of their own; without it they are not asked for."""
    if not may("customer_settings.write"):
        for name in SETTINGS:
            del form[name]
    return form


def values_of(form: Form) -> dict[str, Any]:
    """What the form sends to the service; an IBAN that still is a mask is left out."""
    values = {name: value for name, value in form.data.items() if name not in ("csrf_token", "invite")}
    values["tags"] = values["tags"] or ""
    if MASK in (values["bank_iban"] or ""):
        del values["bank_iban"]
    return {name: "" if value is None and name in _TEXTS else value for name, value in values.items()}


_TEXTS = frozenset(name for name, column in _c.items() if column.type.python_type is str)
