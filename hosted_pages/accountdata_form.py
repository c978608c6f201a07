"""The fields of a customer's own data: how they are called, what they take, and what the browser may fill in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from babel import Locale
from flask import Request
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from models import Customer
from services.accountdata_wishes import FIELDS
from services.values import COUNTRIES


@dataclass(frozen=True, slots=True)
class Field:
    """`kind` is text, email, tel, iban or select; `fill` the token of HTML's autocomplete."""

    name: str
    label: Any
    fill: str = "off"
    kind: str = "text"
    help: Any = ""
    needed: bool = False

    @property
    def longest(self) -> int:
        return 42 if self.kind == "iban" else int(getattr(Customer.__table__.c[self.name].type, "length", 0) or 200)


@dataclass(frozen=True, slots=True)
class Section:
    """`business` says that only companies are asked; `folded` that it opens on demand."""

    title: Any
    fields: tuple[Field, ...]
    folded: bool = False


SALUTATIONS = {"": "–", "mr": _l("Mr"), "mrs": _l("Ms"), "family": _l("Family")}
LANGUAGE_NAMES = {"de": "Deutsch", "en": "English"}
PAYMENTS = {1: _l("Bank transfer"), 2: _l("Direct debit"), 3: _l("Cash"), 4: _l("PayPal"), 5: _l("Prepayment"),
            6: _l("Credit card")}  # fmt: skip
ONLY_BUSINESS = frozenset(("organization", "vat_id"))

WHO = Section(_l("About you"), (
    Field("organization", _l("Company"), "organization", needed=True),
    Field("salutation", _l("Salutation"), kind="select"),
    Field("title_academic", _l("Title"), "honorific-prefix"),
    Field("first_name", _l("First name"), "given-name"),
    Field("last_name", _l("Last name"), "family-name"),
    Field("vat_id", _l("VAT ID"), help=_l("Only if you have one, such as DE136695976.")),
))  # fmt: skip
WHERE = Section(_l("Billing address"), (
    Field("address", _l("Street and number"), "billing address-line1"),
    Field("address_2", _l("Addition"), "billing address-line2", help=_l("Such as a floor or a department.")),
    Field("zipcode", _l("Postcode"), "billing postal-code"),
    Field("city", _l("City"), "billing address-level2"),
    Field("country_code", _l("Country"), "billing country", "select"),
))  # fmt: skip
CONTACT = Section(_l("Contact"), (
    Field("email", _l("E-mail address"), "email", "email"),
    Field("payment_mail_address", _l("E-mail address for invoices"), "off", "text",
          _l("Only if invoices are to go somewhere else; several are separated by commas.")),
    Field("phone", _l("Telephone"), "tel", "tel"),
    Field("mobile", _l("Mobile"), "off", "tel"),
    Field("language_code", _l("Language of our letters"), kind="select"),
))  # fmt: skip
PAYMENT = Section(_l("Payment"), (
    Field("payment_type", _l("Payment method"), kind="select"),
    Field("bank_account_owner", _l("Account holder"), "off"),
    Field("bank_iban", "IBAN", "off", "iban"),
    Field("bank_bic", "BIC", "off", help=_l("Can stay empty: it is found by the IBAN.")),
))  # fmt: skip
DELIVERY = Section(_l("Other delivery address"), (
    Field("delivery_recipient", _l("Recipient"), "shipping name"),
    Field("delivery_address", _l("Street and number"), "shipping address-line1"),
    Field("delivery_address_2", _l("Addition"), "shipping address-line2"),
    Field("delivery_zipcode", _l("Postcode"), "shipping postal-code"),
    Field("delivery_city", _l("City"), "shipping address-level2"),
    Field("delivery_country_code", _l("Country"), "shipping country", "select"),
), folded=True)  # fmt: skip
SECTIONS = (WHO, WHERE, CONTACT, PAYMENT, DELIVERY)
LABELS: Mapping[str, Any] = {
    **{field.name: field.label for section in SECTIONS for field in section.fields},
    **{field.name: field.label for field in WHERE.fields},
    "mandate": _l("SEPA direct debit mandate"),
}


def sections_for(customer_type: str) -> list[Section]:
    """What this customer is asked: a consumer has no company and no VAT ID."""
    business = customer_type == "business"
    return [Section(section.title, tuple(f for f in section.fields if business or f.name not in ONLY_BUSINESS),
                    section.folded) for section in SECTIONS]  # fmt: skip


def choices(payments: Iterable[int]) -> dict[str, list[tuple[str, str]]]:
    """(value, word) of every select, in the reader's language."""
    countries = sorted(_countries(), key=lambda pair: pair[1].casefold())
    return {
        "salutation": [(key, str(word)) for key, word in SALUTATIONS.items()],
        "language_code": list(LANGUAGE_NAMES.items()),
        "country_code": countries,
        "delivery_country_code": [("", "–"), *countries],
        "payment_type": [(str(kind), str(PAYMENTS[kind])) for kind in payments],
    }


def sent_values(request: Request) -> dict[str, Any]:
    """What the form sent of the fields that there are; whatever else a request holds is not looked at (S15)."""
    values: dict[str, Any] = {name: request.form[name].strip() for name in FIELDS if name in request.form}
    kind = values.get("payment_type", "")
    if kind in {str(known) for known in PAYMENTS}:
        values["payment_type"] = int(kind)
    return values


def _countries() -> list[tuple[str, str]]:
    names = Locale.parse(str(get_locale() or "de")).territories
    return [(code, names.get(code, code)) for code in COUNTRIES]
