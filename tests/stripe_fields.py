"""Which fields Stripe takes, of which type, and which it must have: the calls that this house makes, no others.

Source: Stripe's published description, github.com/stripe/openapi (MIT), at the version below; the official library's
parameter types are made from the same one, and a test holds this table against them.
"""

from __future__ import annotations

import re
from typing import Any

VERSION = "2026-10-28.endive"
EURO_AND_NEIGHBOURS = ("eur", "usd", "gbp", "chf", "sek", "nok", "dkk", "pln", "czk", "huf")
OF_OTHER_UNITS = ("isk", "jpy", "krw", "clp", "twd", "mga", "kwd", "bhd", "jod", "omr", "tnd")
CURRENCIES = frozenset(EURO_AND_NEIGHBOURS + OF_OTHER_UNITS)
TYPES = frozenset({"card", "paypal", "sepa_debit"})

Fields = dict[str, str]

CUSTOMER: Fields = {
    "address": "map", "description": "text", "email": "text", "metadata": "metadata", "name": "text", "phone": "text",
    "preferred_locales": "list",
}  # fmt: skip
SESSION: Fields = {
    "allowed_payment_method_types": "types", "cancel_url": "url", "client_reference_id": "text", "currency": "currency",
    "customer": "text", "customer_email": "text", "locale": "locale", "metadata": "metadata", "mode": "mode",
    "success_url": "url", "expand": "list",
}  # fmt: skip
INTENT: Fields = {
    "allowed_payment_method_types": "types", "amount": "int!", "capture_method": "text", "confirm": "bool",
    "currency": "currency!", "customer": "text", "description": "text", "metadata": "metadata", "off_session": "bool",
    "payment_method": "text", "statement_descriptor": "statement", "statement_descriptor_suffix": "statement",
    "expand": "list",
}  # fmt: skip
CONFIRM: Fields = {
    "error_on_requires_action": "bool", "mandate": "text", "off_session": "bool", "payment_method": "text",
    "return_url": "url", "expand": "list",
}  # fmt: skip
CANCEL: Fields = {"cancellation_reason": "text", "expand": "list"}
REFUND: Fields = {
    "amount": "int", "charge": "text", "metadata": "metadata", "payment_intent": "text", "reason": "text",
    "expand": "list",
}  # fmt: skip
PAGE: Fields = {"limit": "int", "starting_after": "text", "ending_before": "text", "expand": "list"}
INTENTS: Fields = PAGE | {"customer": "text"}
OF_INTENT: Fields = PAGE | {"charge": "text", "payment_intent": "text"}
READ: Fields = {"expand": "list"}


class Fault(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str = "", type_: str = "invalid_request_error", **more: Any) -> None:
        super().__init__(code)
        self.status = status
        self.error = {"type": type_, "message": f"Refused: {code or type_}", **more}
        if code:
            self.error["code"] = code


def checked(params: dict[str, Any], fields: Fields) -> dict[str, Any]:
    """The parameters with their types. Raises Fault for unknown, missing and wrong ones."""
    for name in params:
        if name == "payment_method_types":
            raise Fault(400, "payment_method_types_no_longer_supported", param=name)
        if name not in fields:
            raise Fault(400, "parameter_unknown", param=name)
    for name, kind in fields.items():
        if kind.endswith("!") and name not in params:
            raise Fault(400, "parameter_missing", param=name)
    return {name: _value(name, value, fields[name].rstrip("!")) for name, value in params.items()}


def check_amount(amount: int, currency: str) -> None:
    """Stripe's limits and its special cases (docs.stripe.com/currencies)."""
    if amount < 1:
        raise Fault(400, "parameter_invalid_integer", param="amount")
    if currency == "eur" and amount < 50:
        raise Fault(400, "amount_too_small", param="amount")
    if amount > 99_999_999:
        raise Fault(400, "amount_too_large", param="amount")
    if (currency == "isk" and amount % 100) or (currency in {"kwd", "bhd", "jod", "omr", "tnd"} and amount % 10):
        raise Fault(400, "invalid_charge_amount_no_decimal_compatible", param="amount")


def _value(name: str, value: Any, kind: str) -> Any:
    match kind:
        case "int":
            if not (isinstance(value, str) and re.fullmatch(r"-?\d+", value)):
                raise Fault(400, "parameter_invalid_integer", param=name)
            return int(value)
        case "bool":
            if value not in ("true", "false"):
                raise Fault(400, "parameter_invalid_boolean", param=name)
            return value == "true"
        case "currency":
            if value not in CURRENCIES:
                raise Fault(400, "invalid_currency", param=name)
        case "url":
            if not (isinstance(value, str) and re.match(r"https?://", value)):
                raise Fault(400, "url_invalid", param=name)
        case "types":
            _check_list(name, value)
            if not set(value.values()) <= TYPES:
                raise Fault(400, "parameter_invalid", param=name)
            return list(value.values())
        case "list":
            _check_list(name, value)
            return list(value.values())
        case "map":
            _check(isinstance(value, dict), name)
        case "metadata":
            _check(isinstance(value, dict) and len(value) <= 50, name)
            _check(all(len(key) <= 40 and len(str(text)) <= 500 for key, text in value.items()), name)
        case "statement":
            _check(isinstance(value, str) and len(value) <= 22 and not re.search(r"""[<>\\'"*]""", value), name)
            _check(bool(re.search("[A-Za-z]", value)), name)
        case "locale":
            _check(value in ("auto", "de", "en"), name)
        case "mode":
            _check(value == "setup", name)
        case _:
            _check(isinstance(value, str) and 0 < len(value) <= 5_000, name)
    return value


def _check_list(name: str, value: Any) -> None:
    _check(isinstance(value, dict) and all(key.isdigit() or key == "" for key in value), name)


def _check(ok: bool, name: str) -> None:
    if not ok:
        raise Fault(400, "parameter_invalid", param=name)
