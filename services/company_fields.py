"""The fields of the company's own record and their checks, as strict as those of a customer's (M1-11).

What stands here is printed on every invoice and frozen with it, so a slip in the IBAN or the VAT id must not get in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Boolean, String
from stdnum.eu import at_02
from stdnum.exceptions import ValidationError

from billing.errors import Invalid
from config import LANGUAGES
from models import Company
from services import values as check

# What nobody sets here: the row's own id, its links, its mode, its stamps, and what services/vat_settings.py sets.
NOT_WRITABLE = frozenset(
    (
        *("id", "account_hash", "mode", "is_demo", "created_at", "updated_at"),
        *("vat_check", "vat_check_days", "vat_rely_days", "vat_unconfirmed", "oss_from"),
    )
)
FIELDS: tuple[str, ...] = tuple(column.key for column in Company.__table__.columns if column.key not in NOT_WRITABLE)
ACCENT = "#0b6b62"  # the house's own colour, where none is chosen

_COLUMNS = Company.__table__.columns
_NEVER_EMPTY = ("name", "country_code", "currency_code", "language_code")
_COLOUR = re.compile("#[0-9a-f]{6}")
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_WEBSITE = re.compile(rf"(?:https?://)?{_LABEL}(?:\.{_LABEL})+(?::\d{{1,5}})?(?:[/?#][^\s<>\"'\\]*)?", re.IGNORECASE)


def cleaned(given: Mapping[str, Any], before: Company | None = None) -> dict[str, Any]:
    """The values checked and in their stored form; `before` is the row that they change.

    Raises Invalid(field) for an unknown field or a value that does not fit.
    """
    clean = {field: _clean(field, value) for field, value in given.items()}
    if clean.get("vat_id"):
        country = clean.get("country_code") or (before.country_code if before else "DE")
        clean["vat_id"] = check.vat_id("vat_id", clean["vat_id"], country)
    return clean


def _clean(field: str, value: Any) -> Any:
    if field not in FIELDS:
        raise Invalid(field, "unknown_field")
    column = _COLUMNS[field]
    if isinstance(column.type, String):
        return _clean_text(field, value)
    if isinstance(column.type, Boolean):
        return check.one_of(field, value, (True, False))
    if field == "days_for_payment":
        return check.number_in(field, value, 0, 999)
    return None if value is None else check.number_in(field, value, 1, 2**31 - 1)


def _clean_text(field: str, value: Any) -> str:
    if field in _COMPACTED:
        return _COMPACTED[field](field, _typed(field, value))
    text = check.text_of(_COLUMNS[field], "" if value is None else value)
    if field in _NEVER_EMPTY and not text:
        raise Invalid(field, "missing")
    return _CHECKS[field](field, text) if field in _CHECKS else text


def _typed(field: str, value: Any) -> str:
    if not isinstance(value, str | None):
        raise Invalid(field, "not_a_text")
    return (value or "").strip()


def _creditor_id(field: str, value: str) -> str:
    """A SEPA creditor identifier (EPC AT-02) with correct check digits, without blanks; or nothing."""
    try:
        return str(at_02.validate(value)) if value else ""
    except ValidationError:
        raise Invalid(field, "not_a_creditor_id") from None


def _accent(field: str, value: str) -> str:
    """A colour as #rrggbb; the house's own where none is given."""
    colour = value.lower() or ACCENT
    if not _COLOUR.fullmatch(colour):
        raise Invalid(field, "not_a_colour")
    return colour


def _website(field: str, value: str) -> str:
    """An address of the web with or without its http(s), or nothing; no other scheme, for papers make a link of it."""
    if value and not _WEBSITE.fullmatch(value):
        raise Invalid(field, "not_a_website")
    return value


def _language(field: str, value: str) -> str:
    return str(check.one_of(field, value, LANGUAGES))


_CHECKS: Mapping[str, Callable[[str, str], str]] = {
    "country_code": check.country,
    "currency_code": check.currency,
    "language_code": _language,
    "email": check.email,
    "report_email": check.email,
    "website": _website,
    "accent": _accent,
}
# People type these in groups, longer than their columns; what is valid fits.
_COMPACTED: Mapping[str, Callable[[str, str], str]] = {
    "iban": check.iban,
    "bic": check.bic,
    "creditor_id": _creditor_id,
    "vat_id": lambda _field, value: value,  # checked with its country
}
