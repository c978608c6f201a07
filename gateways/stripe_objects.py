"""Stripe's objects as the contract's. Each is read as plain data: the library's and those of an event are the same."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, cast

from gateways.base import Charge, ChargeStatus, Kind, Method, Refund, RefundStatus
from gateways.stripe_declines import kind_of
from gateways.stripe_money import ours

KEY: Final = "kontor_key"  # our key, in the metadata of what we make
REFERENCE: Final = "kontor_reference"
KINDS: Final[tuple[Kind, ...]] = ("card", "paypal", "sepa_debit")
# Of a dispute whose money is with the customer's bank now; the inquiries before it (warning_...) move none.
WITHDRAWN: Final = frozenset({"needs_response", "under_review", "lost", "appeal_needs_response", "appeal_under_review"})

_CHARGE: Final[dict[str, ChargeStatus]] = {
    "requires_confirmation": "created",
    "requires_action": "needs_action",
    "processing": "processing",
    "requires_capture": "processing",
    "succeeded": "succeeded",
    "canceled": "cancelled",
}
_REFUND: Final[dict[str, RefundStatus]] = {"succeeded": "succeeded", "failed": "failed", "canceled": "failed"}

Told = Mapping[str, Any]


def charge_of(intent: Told, charged_back_cents: int = 0) -> Charge:
    """A PaymentIntent; with `latest_charge` expanded it says what was given back."""
    currency = str(intent["currency"])
    failure = intent.get("last_payment_error") or {}
    status = _CHARGE.get(str(intent["status"]), "declined" if failure else "created")
    code = str(failure.get("decline_code") or failure.get("code") or "") if status == "declined" else ""
    return Charge(
        id=str(intent["id"]),
        status=status,
        cents=_moved(intent, status),
        currency=currency.upper(),
        key=key_of(intent),
        decline_kind=kind_of(code, str(failure.get("advice_code") or "")) if status == "declined" else "",
        decline_code=code,
        url=_action(intent),
        refunded_cents=ours(_expanded(intent.get("latest_charge")).get("amount_refunded") or 0, currency),
        charged_back_cents=charged_back_cents,
    )


def is_disputed(intent: Told) -> bool:
    return bool(_expanded(intent.get("latest_charge")).get("disputed"))


def withdrawn(disputes: list[Told]) -> int:
    """What is with customers' banks now, of all disputes of one charge."""
    return sum(ours(one["amount"], str(one["currency"])) for one in disputes if one["status"] in WITHDRAWN)


def refund_of(refund: Told) -> Refund:
    currency = str(refund["currency"])
    return Refund(
        id=str(refund["id"]),
        status=_REFUND.get(str(refund.get("status")), "pending"),
        cents=ours(refund["amount"], currency),
        currency=currency.upper(),
        charge_id=id_of(refund.get("payment_intent")),
        reason=str(refund.get("failure_reason") or ""),
    )


def method_of(method: Told, mandate: str = "") -> Method:
    kind = cast(Kind, method["type"])
    shown = method.get(kind) or {}
    return Method(
        token=str(method["id"]),
        kind=kind,
        customer=id_of(method.get("customer")),
        brand=str(shown.get("brand") or ""),
        last4=str(shown.get("last4") or ""),
        expires_on=last_day(shown.get("exp_year"), shown.get("exp_month")),
        holder=str((method.get("billing_details") or {}).get("name") or ""),
        mandate=mandate,
    )


def last_day(year: int | None, month: int | None) -> date | None:
    """A card is valid to the end of its month."""
    if not (year and month):
        return None
    return date(year, month, calendar.monthrange(year, month)[1])


def key_of(told: Told) -> str:
    return str((told.get("metadata") or {}).get(KEY) or "")


def id_of(value: object) -> str:
    """An id, or the object that stands in its place."""
    return str(value.get("id") or "") if isinstance(value, Mapping) else str(value or "")


def _moved(intent: Told, status: ChargeStatus) -> int:
    currency = str(intent["currency"])
    if status == "succeeded":
        return ours(intent.get("amount_received") or intent["amount"], currency)
    return ours(intent["amount"], currency) if status == "processing" else 0


def _action(intent: Told) -> str:
    action = intent.get("next_action") or {}
    return str((action.get("redirect_to_url") or {}).get("url") or "")


def _expanded(value: object) -> Told:
    return value if isinstance(value, Mapping) else {}
