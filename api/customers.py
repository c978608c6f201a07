"""customer.create, customer.get, customer.update, customer.delete (M1-26 to M1-30)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api import addresses, outward
from api.customer_fields import FILTERS, OPTIONAL_TYPE, THE_ID, TYPE, WRITABLE
from api.fields import FieldErrors
from api.registry import Ask, Service, Source, declare
from queries.customers import CustomerCard, CustomerFilter, find_customers, get_customer
from services.company import get_company
from services.customer_erasure import delete_customer
from services.customers import create_customer, update_customer


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
