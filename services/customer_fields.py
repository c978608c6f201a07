"""The fields of a customer record and their checks: one table for staff, API, hosted pages and import (M1-11)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Date, Integer, String, Text
from stdnum.de import leitweg

from billing.errors import Invalid
from config import LANGUAGES
from models import Customer
from services import values as check

CHOICES: Mapping[str, tuple[Any, ...]] = {
    "customer_type": ("business", "consumer"),
    "salutation": ("", "mr", "mrs", "family"),
    "language_code": LANGUAGES,
    "payment_type": (1, 2, 3, 4, 5, 6),
    "invoice_delivery_method": ("none", "mail", "post", "both"),
    "einvoice_format": ("zugferd", "xrechnung", "pdf"),
}
# What nobody sets by hand: ids, links, states with deeds of their own, stamps (S15).
NOT_WRITABLE = frozenset(
    (
        *("id", "hash", "survivor_id", "status", "sort_name", "created_at", "updated_at", "version"),
        *("registered_at", "erased_at", "retain_until", "legal_hold", "newsletter_at"),
    )
)
FIELDS: tuple[str, ...] = tuple(column.key for column in Customer.__table__.columns if column.key not in NOT_WRITABLE)

_COLUMNS = Customer.__table__.columns
# Coarse address (state 01 to 16, federation 99 with its further digits), fine address, check digits (KoSIT, 2.0.2).
_LEITWEG = re.compile(r"(?:0[1-9]|1[0-6]|99)\d{0,10}(?:-[0-9A-Za-z]{1,30})?-\d{2}")
_AUTOMATIC_TYPES = {"1", "2", "4", "6"}
# Fields that always hold something: an empty value leaves them as they are, or as they are at first.
_NEVER_EMPTY = frozenset(
    (
        *("number", "customer_type", "country_code", "currency_code", "language_code", "payment_type"),
        *("allowed_payment_types", "invoice_delivery_method", "einvoice_format"),
    )
)
_CHECKS: Mapping[str, Callable[[str, str], str]] = {
    "email": check.email,
    "email_cc": check.emails,
    "payment_mail_address": check.emails,
    "bank_account_owner_email": check.email,
    "bank_iban": check.iban,
    "bank_bic": check.bic,
    "currency_code": check.currency,
    "country_code": check.country,
}


def cleaned(given: Mapping[str, Any], before: Customer | None = None) -> dict[str, Any]:
    """The values checked one by one and together; `before` is the record that they change.

    Raises Invalid(field) for an unknown field, a value that does not fit, or a name that is missing.
    """
    told = {field: value for field, value in given.items() if value not in (None, "") or field not in _NEVER_EMPTY}
    clean = {field: _clean(field, value) for field, value in told.items()}
    after = {field: _after(field, clean, before) for field in ("customer_type", "organization", "last_name")}
    if before is None:
        clean.setdefault("customer_type", "business" if after["organization"] else "consumer")
        after["customer_type"] = clean["customer_type"]
    _require_name(after)
    if _after("einvoice_format", clean, before) == "xrechnung":
        _require_leitweg(_after("buyer_reference", clean, before))
    if clean.get("vat_id"):
        clean["vat_id"] = check.vat_id("vat_id", clean["vat_id"], _after("country_code", clean, before))
    return clean


def _after(field: str, clean: Mapping[str, Any], before: Customer | None) -> Any:
    return clean[field] if field in clean else getattr(before, field, "")


def _require_name(after: Mapping[str, Any]) -> None:
    """A company has its name, a person a last name; nothing else is asked for at first (M1-20)."""
    needed = "organization" if after["customer_type"] == "business" else "last_name"
    if not after[needed]:
        raise Invalid(needed, "missing")


def _require_leitweg(reference: str) -> None:
    """A buyer's reference that looks like a Leitweg-ID has right check digits: an authority would refuse it.

    Between firms any reference will do (BR-DE-15), and none means the customer number.
    """
    if _LEITWEG.fullmatch(reference) and not leitweg.is_valid(reference):
        raise Invalid("buyer_reference", "not_a_leitweg_id")


def _clean(field: str, value: Any) -> Any:
    if field not in FIELDS:
        raise Invalid(field, "unknown_field")
    if field in CHOICES:
        return check.one_of(field, value, CHOICES[field])
    if field == "allowed_payment_types":
        return _payment_types(value)
    column = _COLUMNS[field]
    if isinstance(column.type, String | Text):
        return _clean_text(field, value)
    return _clean_other(field, column.type, value)


def _clean_text(field: str, value: Any) -> Any:
    text = check.text_of(_COLUMNS[field], value or "")
    if field == "ext_uid":
        return text or None  # many records have none, so that none is not a value that is taken
    if field == "delivery_country_code" and text:
        return check.country(field, text)
    if field not in _CHECKS:
        return text
    return check.text_of(_COLUMNS[field], _CHECKS[field](field, text))  # addresses are set apart by a blank, too


def _clean_other(field: str, kind: Any, value: Any) -> Any:
    if field == "days_for_payment":
        return None if value in (None, "") else check.number_in(field, value, 0, 999)
    if isinstance(kind, Boolean):
        return check.one_of(field, value, (True, False))
    if isinstance(kind, Integer):
        return check.number_in(field, value, 0, 2**31 - 1)
    if isinstance(kind, Date) and not (value is None or type(value) is date):
        raise Invalid(field, "not_a_date")
    return list(value or ()) if field == "x_attributes" else value


def _payment_types(value: Any) -> str:
    """A subset of 1, 2, 4 and 6, in order."""
    chosen = {part.strip() for part in str(value).split(",")}
    if not chosen <= _AUTOMATIC_TYPES:
        raise Invalid("allowed_payment_types", "not_a_choice")
    return ",".join(sorted(chosen))
