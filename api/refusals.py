"""What goes wrong, in the contract's words. A client reads the field's name after the last ": "."""

from __future__ import annotations

from collections import defaultdict

from api.fields import Field, FieldErrors
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
    "deactivated_subscriptions": "customer has subscriptions that are deactivated and not cancelled",
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


# What is wrong with a field, where its name alone does not say it. The facts are the house's own, never what was sent.
WRONGS = {
    "missing": "is missing",
    "unknown_product": "there is no such article",
    "unknown_addon": "the contract has no such add-on",
    "not_an_addon": "the article is no add-on",
    "addon_of_other_plans": "the add-on {addon} is for other articles",
    "addons_of_other_rhythm": "the add-on {addon} stays, but the new article is billed in another rhythm; RESET_ADDONS "
    "ends it",
    "net_and_gross_in_one_contract": "net and gross prices in one contract",
    "net_and_gross_in_one_invoice": "net and gross prices in one invoice",
    "no_price_in_currency": "the article has no price in this currency",
    "unknown_vat_rate": "not the VAT rate that holds",
    "no_vat_rate": "no VAT rate on the day of supply",
    "day_out_of_range": "a day from {low} to {high}",
    "beyond_due_day": "not after the due day",
    "before_start": "not before the first day",
    "too_far": "not after {latest}",
    "in_the_past": "not in the past",
    "two_tax_cases": "supplies that are taxed in different ways need an invoice each",
    "too_many_lines": "at most {most} lines",
}
# Said only of entries.
_OF_ENTRIES = ("missing", "before_start", "unknown_product", "unknown_vat_rate", "no_price_in_currency")
# Names inside the house that go by another one in the contract.
_OTHER_NAMES = {"title": "description", "vat_category": "vat_percent", "currency_code": "unit_price"}
_HEAD_NAMES = {"positions": "items", "service_from": "invoice_date", "service_last": "invoice_date"}


def unknown_service(name: str) -> list[str]:
    """Both entries as recorded; a very long name is cut."""
    return [f"unknown SERVICE: {name[:100]}", "unknown SERVICE: "]


def field_error(service: Service, name: str, wanted: str = "") -> str:
    """ "missing / invalid field (is missing): ITEMS[2].UNIT_PRICE"; the name stands after the last colon."""
    return service.error_text.removesuffix(": ") + (f" ({wanted})" if wanted else "") + f": {name}"


def business_errors(service: Service, error: KontorError, call: Call) -> list[str]:
    """The refusal of a deed as ERRORS; values are never repeated, only the field's name or the reason."""
    missing = error.facts.get("fields")
    if isinstance(missing, list):
        return [field_error(service, str(name).upper()) for name in missing]
    field = _wire_name(service, error, call)
    if field and isinstance(error, Invalid | NotFound | Conflict):
        return [field_error(service, field, _wanted(error, field))]
    reason = REASONS.get(error.code, error.code.replace("_", " "))
    return [f"{service.subject} Error: {reason}" + (f": {field}" if field else "")]


def errors_of(service: Service, error: KontorError | FieldErrors, call: Call) -> list[str]:
    if isinstance(error, FieldErrors):
        return [field_error(service, fault.path, fault.wanted) for fault in error.faults]
    return business_errors(service, error, call)


def _wire_name(service: Service, error: KontorError, call: Call) -> str:
    """The field that the error speaks of, as the call named it; empty where it names none."""
    inner = error.field if isinstance(error, Invalid) else str(error.facts.get("field", ""))
    given = service.given(call)
    names = {field.to: field.sent_as(given) for field in service.fields}
    if isinstance(line := error.facts.get("line"), int):
        listed = next((field for field in service.fields if field.entries), None)
        if listed is not None:
            return _of_entry(listed, error, inner, line)
        inner = str(error.facts.get("part") or inner)  # subscription.setaddon is an entry by itself
    if inner not in names and inner in _HEAD_NAMES:
        inner = "delivery" if inner.startswith("service") and given.get("DELIVERY_DATE") else _HEAD_NAMES[inner]
    return names.get(inner, inner.upper())


def _of_entry(field: Field, error: KontorError, inner: str, line: int) -> str:
    """ "ITEMS[2].UNIT_PRICE": the entry of the call, counted from 1, and its field."""
    part = str(error.facts.get("part") or (inner if inner != field.to else ""))
    names = {each.to: each.name for each in field.entries}
    found = names.get(part) or names.get(_OTHER_NAMES.get(part, "")) or part.upper()
    return f"{field.name}[{line}]" + (f".{found}" if found else "")


def _wanted(error: KontorError, field: str) -> str:
    """What is wrong, in words: always of an entry in a list, elsewhere where the name does not say it."""
    if error.code in _OF_ENTRIES and "[" not in field:
        return ""
    words = WRONGS.get(error.code, error.code.replace("_", " ") if "[" in field else "")
    return words.format_map(defaultdict(str, error.facts))
