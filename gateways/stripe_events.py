"""Stripe's events: signed over the raw body with their time (S20), and what each of them tells of.

Source: docs.stripe.com/webhooks (the header Stripe-Signature), docs.stripe.com/api/events/types.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from gateways.base import TOLERANCE, BadEvent, Event, EventKind
from gateways.reading import posted
from gateways.stripe_money import ours
from gateways.stripe_objects import WITHDRAWN, id_of, key_of, last_day

KINDS: Final[dict[str, EventKind]] = {
    "payment_intent.succeeded": "charge",
    "payment_intent.processing": "charge",
    "payment_intent.payment_failed": "charge",
    "payment_intent.requires_action": "charge",
    "payment_intent.canceled": "charge",
    "charge.refunded": "charge",
    "refund.created": "refund",
    "refund.updated": "refund",
    "refund.failed": "refund",
    "charge.dispute.created": "chargeback",
    "charge.dispute.funds_withdrawn": "chargeback",
    "charge.dispute.closed": "chargeback_reversed",
    "charge.dispute.funds_reinstated": "chargeback_reversed",
    "checkout.session.completed": "setup",
    "checkout.session.expired": "setup",
    "payment_method.automatically_updated": "method_updated",
    "payment_method.updated": "method_updated",
}


def verify(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> None:
    """Raises BadEvent for what Stripe did not sign for this endpoint within the last five minutes."""
    header = next((value for name, value in headers.items() if name.lower() == "stripe-signature"), "")
    parts = [part.partition("=")[::2] for part in header.split(",")]
    stamp = next((value for name, value in parts if name == "t"), "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 15):
        raise BadEvent("signature")
    right = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest().encode()
    # While its secret is rolled over, Stripe signs with both.
    if not any(hmac.compare_digest(right, value.encode()) for name, value in parts if name == "v1"):
        raise BadEvent("signature")
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        raise BadEvent("too_old")


def read(body: bytes, is_live: bool) -> Event:
    """One event. Raises BadEvent for what is none, and for one of the other world."""
    try:
        told = posted(body)
        if told["object"] != "event":
            raise BadEvent("unreadable")
        if told["livemode"] is not is_live:
            raise BadEvent("wrong_mode")
        return _event(told, told["data"]["object"])
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise BadEvent("unreadable") from None


def _event(told: Mapping[str, Any], about: Mapping[str, Any]) -> Event:
    type_ = str(told["type"])
    kind = KINDS.get(type_, "other")
    status = str(about.get("status") or "")
    if kind == "chargeback" and status not in WITHDRAWN:
        kind = "other"  # an inquiry: no money moved
    if type_ == "charge.dispute.closed" and status != "won":
        kind = "other"
    object_id = id_of(about.get("payment_intent")) if type_.startswith("charge.") else str(about.get("id") or "")
    currency = str(about.get("currency") or "")
    return Event(
        id=str(told["id"]),
        kind=kind if object_id else "other",
        type=type_,
        object_id=object_id,
        occurred_at=datetime.fromtimestamp(told["created"], UTC),
        key=key_of(about),
        cents=ours(int(about.get("amount") or 0), currency),
        currency=currency.upper(),
        fee_cents=_fee(about, currency) if kind == "chargeback" else 0,
        reason=_reason(about),
        facts=_facts(kind, about),
    )


def _reason(about: Mapping[str, Any]) -> str:
    failure = about.get("last_payment_error") or {}
    told = failure.get("decline_code") or failure.get("code") or about.get("failure_reason") or about.get("reason")
    return str(told or "")


def _fee(dispute: Mapping[str, Any], currency: str) -> int:
    """What Stripe keeps for a chargeback, where it keeps it in the charge's own currency."""
    return sum(
        ours(int(one.get("fee") or 0), currency)
        for one in dispute.get("balance_transactions") or []
        if one.get("currency") == currency
    )


def _facts(kind: EventKind, about: Mapping[str, Any]) -> dict[str, str]:
    if kind in ("chargeback", "chargeback_reversed"):
        return {"case": str(about.get("id") or "")}
    if kind == "refund":
        return {"charge_id": id_of(about.get("payment_intent"))}
    if kind == "setup":
        return {"reference": str(about.get("client_reference_id") or "")}
    if kind == "method_updated":
        return _method_facts(about)
    return {}


def _method_facts(method: Mapping[str, Any]) -> dict[str, str]:
    shown = method.get(str(method.get("type"))) or {}
    expires_on = last_day(shown.get("exp_year"), shown.get("exp_month"))
    found = {
        "brand": str(shown.get("brand") or ""),
        "last4": str(shown.get("last4") or ""),
        "expires_on": expires_on.isoformat() if expires_on else "",
    }
    return {name: value for name, value in found.items() if value}
