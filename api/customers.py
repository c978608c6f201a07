"""customer.create, customer.get, customer.update, customer.delete (M1-26 to M1-30)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import String

from api import addresses, outward
from api.fields import Field, FieldErrors
from api.kinds import (
    ATTRIBUTES,
    COUNTRY,
    CURRENCY,
    DAY,
    FLAG,
    ID,
    IDS,
    Kind,
    Wrong,
    one_of,
    text,
    whole,
    words,
)
from api.registry import Ask, Service, Source, declare
from models import Customer
from queries.customers import CustomerCard, CustomerFilter, find_customers, get_customer
from services.company import get_company
from services.customer_erasure import delete_customer
from services.customers import create_customer, update_customer

_HASH_AT_END = re.compile(r"([0-9a-f]{32})/?$")
_SALUTATIONS = {"": "", "mr": "mr", "mrs": "mrs", "family": "family", "herr": "mr", "frau": "mrs", "familie": "family"}


def _column(name: str) -> Kind:
    """Text as long as the column holds."""
    return text(cast(String, Customer.__table__.columns[name].type).length or 0)


def _texts(*pairs: tuple[str, str]) -> tuple[Field, ...]:
    return tuple(Field(name, _column(column), column) for name, column in pairs)


def _type_list(value: object) -> str:
    entries = value if isinstance(value, list) else str(value).split(",")
    found = [str(whole(1, 6).read(entry)) for entry in entries]
    if not set(found) <= {"1", "2", "4", "6"}:
        raise Wrong
    return ",".join(found)


def _one_line(value: object) -> str:
    """SECONDARY_ADDRESS is one field with several lines; here it is kept in one."""
    lines = str(text(190, lines=True).read(value)).splitlines()
    return ", ".join(line.strip() for line in lines if line.strip())


def _hash_of(value: object) -> str:
    """A customer hash, alone or at the end of one of its addresses."""
    found = _HASH_AT_END.search(str(text(500).read(value)).lower())
    if found is None:
        raise Wrong
    return found[1]


_PAYMENT_TYPE = one_of(
    {str(number): number for number in range(1, 7)},
    "1 transfer, 2 direct debit, 3 cash, 4 paypal, 5 prepayment, 6 credit card; default 1",
)
TYPE = Field("CUSTOMER_TYPE", words("business", "consumer"), "customer_type", required=True)
OPTIONAL_TYPE = Field("CUSTOMER_TYPE", words("business", "consumer"), "customer_type")
THE_ID = Field("CUSTOMER_ID", ID, "customer_id", required=True)

WRITABLE = (
    Field("CUSTOMER_NUMBER", _column("number"), "number", note="empty: the next number of the range"),
    Field("CUSTOMER_EXT_UID", _column("ext_uid"), "ext_uid", note="unique", aliases=("CUSTMER_EXT_UID",)),
    Field("ORGANIZATION", _column("organization"), "organization", note="required for CUSTOMER_TYPE business"),
    Field("LAST_NAME", _column("last_name"), "last_name", note="required for CUSTOMER_TYPE consumer"),
    Field("SALUTATION", one_of(_SALUTATIONS, "mr, mrs, family or empty"), "salutation"),
    *_texts(
        ("POSITION", "position"),
        ("TITLE_ACADEMIC", "title_academic"),
        ("FIRST_NAME", "first_name"),
        ("ADDRESS", "address"),
        ("ADDRESS_2", "address_2"),
        ("ZIPCODE", "zipcode"),
        ("CITY", "city"),
    ),
    Field("COUNTRY_CODE", COUNTRY, "country_code", note="default: the account's country"),
    Field("SECONDARY_ADDRESS", Kind("text, up to 190 characters", _one_line, ""), "delivery_address"),
    *_texts(
        ("STATE", "state"),
        ("PHONE", "phone"),
        ("PHONE_2", "phone_2"),
        ("FAX", "fax"),
        ("MOBILE", "mobile"),
        ("EMAIL", "email"),
        ("EMAIL_CC", "email_cc"),
        ("PAYMENT_MAIL_ADDRESS", "payment_mail_address"),
    ),
    Field("BIRTHDAY", DAY, "birthday"),
    Field("VAT_ID", text(40), "vat_id", note="check digits are verified"),
    *_texts(("TAX_ID", "tax_id"), ("ACCOUNT_RECEIVABLE", "account_receivable")),
    Field("CURRENCY_CODE", CURRENCY, "currency_code", note="default: the account's currency"),
    Field("COMMENT", text(5_000, lines=True), "comment"),
    Field("DAYS_FOR_PAYMENT", whole(0, 999), "days_for_payment", note="default: the account's setting"),
    Field("PAYMENT_TYPE", _PAYMENT_TYPE, "payment_type"),
    Field("ALLOWED_PAYMENT_TYPES", Kind("some of 1, 2, 4, 6", _type_list, ""), "allowed_payment_types"),
    *_texts(("PAYMENT_PROVIDER", "payment_provider"), ("PAYMENT_TOKEN", "payment_token")),
    *_texts(("BANK_NAME", "bank_name"), ("BANK_ACCOUNT_OWNER", "bank_account_owner")),
    Field("BANK_IBAN", text(60), "bank_iban", note="check digits are verified; required for PAYMENT_TYPE 2"),
    Field("BANK_BIC", text(20), "bank_bic"),
    *_texts(
        ("BANK_ACCOUNT_NUMBER", "bank_account_number"),
        ("BANK_CODE", "bank_code"),
        ("BANK_ACCOUNT_OWNER_ADDRESS", "bank_account_owner_address"),
        ("BANK_ACCOUNT_OWNER_ZIPCODE", "bank_account_owner_zipcode"),
        ("BANK_ACCOUNT_OWNER_CITY", "bank_account_owner_city"),
        ("BANK_ACCOUNT_OWNER_EMAIL", "bank_account_owner_email"),
        ("BANK_ACCOUNT_MANDATE_REFERENCE", "mandate_reference"),
    ),
    Field("BANK_ACCOUNT_MANDATE_REFERENCE_DATE", DAY, "mandate_signed_on"),
    Field("SHOW_PAYMENT_NOTICE", FLAG, "show_payment_notice"),
    Field("NEWSLETTER_OPTIN", FLAG, "newsletter_optin"),
    *_texts(("AFFILIATE", "affiliate")),
    Field("TAGS", text(2_000), "tags", note="names with commas"),
    Field("LANGUAGE_CODE", words("de", "en"), "language_code"),
    Field("INVOICE_DELIVERY_METHOD", words("none", "mail", "post", "both"), "invoice_delivery_method"),
    Field("X_ATTRIBUTES", ATTRIBUTES, "x_attributes"),
)
FILTERS = (
    Field("CUSTOMER_ID", IDS, "ids"),
    Field("CUSTOMER_EXT_UID", _column("ext_uid"), "ext_uid", aliases=("CUSTMER_EXT_UID",)),
    Field("CUSTOMER_NUMBER", _column("number"), "number"),
    Field("COUNTRY_CODE", COUNTRY, "country_code"),
    Field("CITY", _column("city"), "city"),
    Field("TERM", text(200), "term", note="each word begins a word of name, address, e-mail, number or city"),
    Field("COMMENT", text(5_000, lines=True), "comment"),
    Field("DASHBOARD_URL", Kind("the address", _hash_of), "dashboard_url"),
    Field("CHANGEDATA_URL", Kind("the address", _hash_of), "changedata_url"),
    Field("HASH", Kind("32 hexadecimal digits", _hash_of), "hash"),
)


def _create(ask: Ask) -> dict[str, object]:
    values = _with_lists(ask.values)
    if values.get("payment_type") == 2 and not _has_account(values):
        raise FieldErrors(["BANK_IBAN"])
    card = get_customer(create_customer(ask.actor, values))
    assert card is not None
    account = get_company().account_hash
    return {
        "STATUS": "success",
        "CUSTOMER_ID": card.id,
        "HASH": card.hash,
        "CHANGEDATA_URL": addresses.change_data(account, card.hash),
        "DASHBOARD_URL": addresses.dashboard(account, card.hash),
    }


def _update(ask: Ask) -> dict[str, object]:
    values = _with_lists(ask.values)
    customer_id = int(values.pop("customer_id"))
    return {"STATUS": "success", "CUSTOMER_ID": update_customer(ask.actor, customer_id, values)}


def _delete(ask: Ask) -> dict[str, object]:
    delete_customer(ask.actor, int(str(ask.values["customer_id"])))
    return {"STATUS": "success"}


def _get(ask: Ask) -> dict[str, object]:
    wanted = _filter(ask.values)
    if wanted is None:
        return {"CUSTOMERS": []}
    account = get_company().account_hash
    cards = find_customers(wanted, ask.page.limit, ask.page.offset)
    return {"CUSTOMERS": [customer_object(card, account) for card in cards]}


def _with_lists(values: Mapping[str, object]) -> dict[str, Any]:
    """Lists as the record keeps them; a list that was emptied comes as an empty tuple."""
    found: dict[str, Any] = dict(values)
    if "x_attributes" in found:
        found["x_attributes"] = list(found["x_attributes"])
    return found


def _has_account(values: Mapping[str, object]) -> bool:
    """An IBAN, an account of the time before SEPA, or a provider's token."""
    old = values.get("bank_account_number") and values.get("bank_code")
    return bool(values.get("bank_iban") or old or values.get("payment_token"))


def _filter(values: Mapping[str, Any]) -> CustomerFilter | None:
    """The filter; None where two addresses name two customers."""
    hashes = {values[name] for name in ("hash", "dashboard_url", "changedata_url") if name in values}
    if len(hashes) > 1:
        return None
    return CustomerFilter(
        ids=values.get("ids", ()),
        numbers=(values["number"],) if "number" in values else (),
        ext_uids=(values["ext_uid"],) if "ext_uid" in values else (),
        hash=next(iter(hashes), ""),
        **{name: values.get(name, "") for name in ("country_code", "city", "comment", "term")},
    )


def customer_object(card: CustomerCard, account_hash: str) -> dict[str, object]:
    """The customer as an answer shows it, in the order of the documentation."""
    return {
        "CUSTOMER_ID": str(card.id),
        "CUSTOMER_NUMBER": card.number,
        "CUSTOMER_EXT_UID": card.ext_uid or False,
        "CUSTOMER_TYPE": card.customer_type,
        "ORGANIZATION": card.organization,
        "POSITION": card.position,
        "TITLE_ACADEMIC": card.title_academic,
        "SALUTATION": card.salutation,
        "FIRST_NAME": card.first_name,
        "LAST_NAME": card.last_name,
        "ADDRESS": card.address,
        "ADDRESS_2": card.address_2,
        "ZIPCODE": card.zipcode,
        "CITY": card.city,
        "COUNTRY_CODE": card.country_code,
        "SECONDARY_ADDRESS": _delivery(card),
        "STATE": card.state,
        "PHONE": card.phone,
        "PHONE_2": card.phone_2,
        "FAX": card.fax,
        "MOBILE": card.mobile,
        "EMAIL": card.email,
        "EMAIL_CC": card.email_cc,
        "BIRTHDAY": outward.day(card.birthday),
        "PAYMENT_MAIL_ADDRESS": card.payment_mail_address,
        "VAT_ID": card.vat_id,
        "TAX_ID": card.tax_id,
        "ACCOUNT_RECEIVABLE": card.account_receivable,
        "CURRENCY_CODE": card.currency_code,
        "COMMENT": card.comment,
        "DAYS_FOR_PAYMENT": str(card.days_for_payment),
        "CREATED": outward.moment(card.created_at),
        **_payment(card),
        "SHOW_PAYMENT_NOTICE": outward.flag(card.show_payment_notice),
        "NEWSLETTER_OPTIN": "1" if card.newsletter_optin else False,
        "AFFILIATE": card.affiliate,
        "HASH": card.hash,
        "LASTUPDATE": outward.moment(card.updated_at),
        "TAGS": ",".join(card.tags),
        "LANGUAGE_CODE": card.language_code,
        "CHANGEDATA_URL": addresses.change_data(account_hash, card.hash),
        "DASHBOARD_URL": addresses.dashboard(account_hash, card.hash),
        "CREDIT_BALANCE": outward.german(card.credit_cents),
        "X_ATTRIBUTES": outward.listed(card.x_attributes),
        "INVOICE_DELIVERY_METHOD": card.invoice_delivery_method,
    }


def _payment(card: CustomerCard) -> dict[str, object]:
    return {
        "PAYMENT_TYPE": str(card.payment_type),
        "ALLOWED_PAYMENT_TYPES": card.allowed_payment_types,
        "PAYMENT_PROVIDER": card.payment_provider,
        "PAYMENT_TOKEN": card.payment_token,
        "BANK_NAME": card.bank_name,
        "BANK_ACCOUNT_OWNER": card.bank_account_owner,
        "BANK_IBAN": card.bank_iban,
        "BANK_BIC": card.bank_bic,
        "BANK_ACCOUNT_MANDATE_REFERENCE": card.mandate_reference,
        "BANK_ACCOUNT_MANDATE_REFERENCE_DATE": outward.moment(card.mandate_signed_on),
        "BANK_ACCOUNT_NUMBER": card.bank_account_number,
        "BANK_CODE": card.bank_code,
        "BANK_ACCOUNT_OWNER_ADDRESS": card.bank_account_owner_address,
        "BANK_ACCOUNT_OWNER_CITY": card.bank_account_owner_city,
        "BANK_ACCOUNT_OWNER_ZIPCODE": card.bank_account_owner_zipcode,
        "BANK_ACCOUNT_OWNER_EMAIL": card.bank_account_owner_email,
    }


def _delivery(card: CustomerCard) -> str:
    place = f"{card.delivery_zipcode} {card.delivery_city}".strip()
    parts = (card.delivery_recipient, card.delivery_address, card.delivery_address_2, place, card.delivery_country_code)
    return ", ".join(part for part in parts if part)


ANSWER = ("CUSTOMER_ID", "HASH", "CHANGEDATA_URL", "DASHBOARD_URL")
declare(
    Service(
        "customer.create", "Make a customer record.", Source.DATA, (TYPE, *WRITABLE), _create,
        ("STATUS", *ANSWER), writes=True, subject="Customer",
    )
)  # fmt: skip
declare(
    Service(
        "customer.get", "Find customer records.", Source.FILTER, FILTERS, _get, ("CUSTOMERS",), subject="Customer",
    )
)  # fmt: skip
declare(
    Service(
        "customer.update", "Change the given fields of a customer record.", Source.DATA,
        (THE_ID, OPTIONAL_TYPE, *WRITABLE), _update, ("STATUS", "CUSTOMER_ID"), clearing=True, writes=True,
        subject="Customer",
    )
)  # fmt: skip
declare(
    Service(
        "customer.delete", "Delete a customer for good, or restrict it while its papers must be kept.", Source.DATA,
        (THE_ID,), _delete, ("STATUS",), writes=True, subject="Customer",
        error_text="Customer Error: Missing / invalid field: ",
    )
)  # fmt: skip
