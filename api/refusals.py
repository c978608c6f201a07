"""What goes wrong, in the contract's words. A client reads the field's name after the last ": "."""

from __future__ import annotations

from api.fields import FieldErrors
from api.reading import Call
from api.registry import Service
from billing.errors import Conflict, Invalid, KontorError, NotFound

WRONG_KEY = "Login Error: Wrong API KEY or user credentials."
READ_ONLY_KEY = "Login Error: This API KEY may only read."
TOO_MANY_CALLS = "Rate limit exceeded: 500 calls per minute"
ONLY_POST = "the call API answers POST only"
TOO_LARGE = "request too large: 1048576 bytes at most"
INTERNAL = "Internal Error: the call could not be completed and nothing was stored."
BUSY = "Internal Error: the system is busy and nothing was stored, please try again."

# Why a deed is refused, by code; the rest is told with its code.
REASONS = {
    "wrong_state": "not possible in the subscription's status",
    "already_over": "the last day is over",
    "nothing_due": "nothing more is due",
    "pause_planned": "a pause is under way or planned",
    "change_planned": "a change is planned",
    "open_items": "customer has open items",
    "credit_left": "customer has credit that was not paid out",
    "running_subscriptions": "customer has running subscriptions",
    "unfinished_documents": "customer has documents in work",
    "legal_hold": "customer is under a legal hold",
    "erased": "customer is deleted",
    "not_billed_yet": "the contract has no invoice yet",
    "nothing_left": "nothing of it is left to correct",
    "not_correctable": "only an issued invoice can be canceled",
    "not_issued": "not issued yet",
    "not_a_draft": "not a draft any more",
    "not_offered_signature": "signing is not offered, the law asks for no signature",
    "not_offered_post": "sending by post is not offered",
    "usage_billed": "usage is billed already",
    "coupon_inactive": "coupon is not active",
    "coupon_not_yet": "coupon is not valid yet",
    "coupon_over": "coupon is not valid any more",
    "coupon_used_up": "coupon is used up",
    "coupon_already_used": "coupon was used already",
    "coupon_other_customer": "coupon is for another customer",
    "coupon_other_products": "coupon is for other articles",
    "coupon_other_currency": "coupon is in another currency",
    "customer_blocked": "customer is blocked and cannot book",
    "customer_deactivated": "customer is deactivated and cannot book",
}


def unknown_service(name: str) -> list[str]:
    """Both entries as recorded; a very long name is cut."""
    return [f"unknown SERVICE: {name[:100]}", "unknown SERVICE: "]


def field_errors(service: Service, names: tuple[str, ...]) -> list[str]:
    return [service.error_text + name for name in names]


def business_errors(service: Service, error: KontorError, call: Call) -> list[str]:
    """The refusal of a deed as ERRORS; values are never repeated, only the field's name or the reason."""
    missing = error.facts.get("fields")
    if isinstance(missing, list):
        return [service.error_text + str(name).upper() for name in missing]
    field = _wire_name(service, error, call)
    if field and isinstance(error, Invalid | NotFound | Conflict):
        return [service.error_text + field]
    reason = REASONS.get(error.code, error.code.replace("_", " "))
    return [f"{service.subject} Error: {reason}" + (f": {field}" if field else "")]


def errors_of(service: Service, error: KontorError | FieldErrors, call: Call) -> list[str]:
    if isinstance(error, FieldErrors):
        return field_errors(service, error.names)
    return business_errors(service, error, call)


def _wire_name(service: Service, error: KontorError, call: Call) -> str:
    """The field that the error speaks of, as the call named it; empty where it names none."""
    inner = error.field if isinstance(error, Invalid) else str(error.facts.get("field", ""))
    given = service.given(call)
    names = {field.to: field.sent_as(given) for field in service.fields}
    return names.get(inner, inner.upper())
