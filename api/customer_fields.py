"""The fields of a customer on the wire, as they come in."""

from __future__ import annotations

import re
from typing import cast

from sqlalchemy import String

from api.fields import Field
from api.kinds import ATTRIBUTES, COUNTRY, CURRENCY, DAY, FLAG, ID, IDS, Kind, one_of, text, whole, words
from api.scalars import Wrong
from models import Customer

_HASH_AT_END = re.compile(r"([0-9a-f]{32})/?$")
_SALUTATIONS = {"": "", "mr": "mr", "mrs": "mrs", "family": "family", "herr": "mr", "frau": "mrs", "familie": "family"}


def _column(name: str) -> Kind:
    """Text as long as the column holds."""
    return text(cast(String, Customer.__table__.columns[name].type).length or 0)


def _the_only(name: str) -> Kind:
    """The same as a tuple of one, as the queries take keys."""
    kind = _column(name)
    return Kind(kind.says, lambda value: (kind.read(value),))


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
# Whose they are: the same keys wherever something of a customer is looked for.
CUSTOMER_KEYS = (
    Field("CUSTOMER_ID", IDS, "customer_ids"),
    Field("CUSTOMER_EXT_UID", _column("ext_uid"), "customer_ext_uids", aliases=("CUSTMER_EXT_UID",)),
    Field("CUSTOMER_NUMBER", _column("number"), "customer_numbers"),
)
# Whose it is: the same keys wherever something of a customer is looked for.
CUSTOMER_KEYS = (
    Field("CUSTOMER_ID", IDS, "customer_ids"),
    Field("CUSTOMER_EXT_UID", _the_only("ext_uid"), "customer_ext_uids", aliases=("CUSTMER_EXT_UID",)),
    Field("CUSTOMER_NUMBER", _the_only("number"), "customer_numbers"),
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
