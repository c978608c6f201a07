"""Unzer's objects as ours: payments with their transactions, refunds, and the answers that begin them."""

from __future__ import annotations

import re
from typing import Any, Final

from gateways.base import Charge, ChargeStatus, ChargeWish, Refund, Unanswered
from gateways.reading import Body, maybe, part, rows, text, yes
from gateways.unzer_words import cents_of, decline_kind

# .../v1/payments/s-pay-1/charges/s-chg-1/cancels/s-cnl-1: ids of transactions stand in addresses alone.
_TRANSACTION: Final = re.compile(r"/payments/[^/]+(?:/[a-z-]+/([^/]+))?(?:/[a-z-]+/([^/]+))?/?$")


def charge_of(payment: Body, detail: Body) -> Charge:
    """A payment with its one charge; `detail` is that charge itself, where it is not a success."""
    currency, entries = text(payment, "currency"), transactions(payment)
    key = str(payment.get("orderId") or "")
    charges = [entry for entry in entries if entry["type"] == "charge"]
    if not charges:
        status: ChargeStatus = "cancelled" if part(payment, "state").get("id") == 2 else "created"
        cents = cents_of(part(payment, "amount").get("total"), currency)
        return Charge(text(payment, "id"), status, cents, currency, key)
    return Charge(
        id=text(payment, "id"),
        cents=cents_of(charges[-1]["amount"], currency),
        currency=currency,
        key=key,
        refunded_cents=sum_of(entries, "cancel-charge", currency),
        charged_back_cents=sum_of(entries, "chargeback", currency),
        **outcome(charges[-1]["status"], detail),
    )


def started(told: Body, wish: ChargeWish) -> Charge:
    status = "success" if yes(told, "isSuccess") else "pending" if yes(told, "isPending") else "error"
    if (cents_of(told.get("amount"), wish.currency), told.get("currency")) != (wish.cents, wish.currency):
        raise Unanswered("other_sum")
    return Charge(
        id=text(part(told, "resources"), "paymentId"),
        cents=wish.cents,
        currency=wish.currency,
        key=wish.key,
        **outcome(status, told),
    )


def outcome(status: str, told: Body) -> dict[str, Any]:
    """Status, reason and address of a charge transaction; `told` is itself, where it is not a success."""
    if status == "success":
        return {"status": "succeeded"}
    if status in ("pending", "resumed"):
        url = str(told.get("redirectUrl") or "")
        return {"status": "needs_action", "url": url} if url else {"status": "processing"}
    code = _code(told)
    return {"status": "declined", "decline_kind": decline_kind(code), "decline_code": code}


def given(told: Body, path: tuple[str, ...], charge_id: str) -> Refund:
    currency = text(told, "currency")
    ok, waits = yes(told, "isSuccess"), yes(told, "isPending")
    return Refund(
        id="/".join((path[0], path[2], text(told, "id"))),
        status="succeeded" if ok else "pending" if waits else "failed",
        cents=cents_of(told.get("amount"), currency),
        currency=currency,
        charge_id=charge_id,
        reason="" if ok or waits else _code(told),
    )


def transactions(payment: Body) -> list[dict[str, str]]:
    """Type, status and amount of each, with the ids that stand only in its address."""
    found = []
    for entry in rows(payment, "transactions"):
        match = _TRANSACTION.search(str(entry.get("url") or ""))
        if match is None:
            raise Unanswered("unreadable")
        found.append({"type": str(entry.get("type")).lower(), "status": str(entry.get("status")).lower(),
                      "amount": str(entry.get("amount")), "id": match[1] or "", "cancel": match[2] or ""})  # fmt: skip
    return found


def charge_id_of(payment: Body) -> str:
    return next((entry["id"] for entry in reversed(transactions(payment)) if entry["type"] == "charge"), "")


def sum_of(entries: list[dict[str, str]], type_: str, currency: str) -> int:
    return sum(cents_of(entry["amount"], currency) for entry in entries
               if (entry["type"], entry["status"]) == (type_, "success"))  # fmt: skip


def _code(told: Body) -> str:
    return str(maybe(told, "message").get("code") or "unknown")
