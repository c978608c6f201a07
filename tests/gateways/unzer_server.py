"""A stand-in for Unzer's payment API 1 over a real connection.

Its shapes are those of Unzer's own SDKs (unzerdev/php-sdk with its integration tests, unzerdev/java-sdk) and of the
answers that mausbrand/unzer-python-sdk keeps from the sandbox; errors and declines as docs.unzer.com lists them ("Error
codes", "Merchant advice error codes"), messages as its page on notifications has them. It refuses unknown and missing
fields, amounts of more than four digits or of cents, foreign keys, an order's id that was used, more back than was
taken, and what the gateway in front of it refuses: an address of return on one's own machine, with an HTML page.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from tests.gateways.loopback import Call, Loopback, Reply

PRIVATE_KEY, PUBLIC_KEY = "s-priv-2a102ZMq3gV4I3zJ888J7RR6u75oqK3n", "s-pub-2a10ifVINFAjpQJ9qW8jBe5OJPBx6Gxa"
API = "https://api.unzer.com/v1"  # what its answers name, wherever it listens

# How a card behaves by name: what the charge becomes, and payment core's code.
CARDS = {
    "succeeds": ("success", "COR.000.100.112"),
    "debit": ("success", "COR.000.100.112"),
    "debit_returns": ("success", "COR.000.100.112"),
    "paypal": ("success", "COR.000.100.112"),
    "waits": ("pending", "COR.000.200.000"),
    "needs_action": ("pending", "COR.000.200.000"),
    "declines_hard": ("error", "COR.800.100.171"),
    "declines_soft": ("error", "COR.800.100.162"),
    "expired": ("error", "COR.100.100.303"),
    "not_authenticated": ("error", "COR.100.380.401"),
    "loses_its_line": ("error", "COR.900.100.300"),
}
SLUGS = {"card": "crd", "paypal": "ppl", "sepa-direct-debit": "sdd"}
PAGE = {"amount", "currency", "returnUrl", "orderId", "invoiceId", "card3ds", "excludeTypes", "additionalAttributes",
        "logoImage", "fullPageImage", "shopName", "shopDescription", "tagline", "css", "termsAndConditionUrl",
        "privacyPolicyUrl", "imprintUrl", "helpUrl", "contactUrl", "resources"}  # fmt: skip
CHARGE = {"amount", "currency", "returnUrl", "card3ds", "paymentReference", "orderId", "invoiceId", "resources",
          "effectiveInterestRate", "additionalTransactionData"}  # fmt: skip
CANCEL = {"amount", "paymentReference"}
EVENTS = {"cancel-charge": "charge.canceled", "cancel-authorize": "authorize.canceled", "chargeback": "chargeback"}
DIGITS = {"EUR": 2, "CHF": 2, "USD": 2, "JPY": 0}


@dataclass
class UnzerServer(Loopback):
    """`unique_orders`: whether an order's id can be used once only, which is a setting of the key pair."""

    now: datetime = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
    key_revoked: bool = False
    unique_orders: bool = True
    types: dict[str, dict[str, Any]] = field(default_factory=dict)
    payments: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: list[dict[str, str]] = field(default_factory=list)
    counter: int = 0

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a house that has this for Unzer."""
        return {"UNZER_PRIVATE_KEY": PRIVATE_KEY, "UNZER_PUBLIC_KEY": PUBLIC_KEY, "UNZER_URL": self.url}

    # --- calls

    def reply(self, call: Call) -> Reply:
        sent = base64.b64encode(f"{PRIVATE_KEY}:".encode()).decode()
        if self.key_revoked or call.headers.get("authorization") != f"Basic {sent}":
            return _error(401, "API.710.000.002")
        if urlsplit(str((call.json or {}).get("returnUrl") or "https://x")).hostname in ("localhost", "127.0.0.1"):
            return 403, b"<html><head><title>403 Forbidden</title></head></html>"
        with self.lock:
            return self._deed(call) if call.method == "POST" else self._read(call)

    def _deed(self, call: Call) -> Reply:
        match call.parts[1:]:
            case ("paypage", "authorize" | "charge" as action):
                return _wrong(call.json, PAGE, {"amount", "currency", "returnUrl"}) or self._page(action, call.json)
            case ("types", "paypal"):
                return 201, self._type("paypal", "paypal")
            case ("types", type_id, "recurring"):
                return _wrong(call.json, {"returnUrl"}, {"returnUrl"}) or self._recurring(type_id)
            case ("payments", "charges"):
                return _wrong(call.json, CHARGE, {"amount", "currency", "resources"}) or self._charge(call.json)
            case ("payments", payment, "charges" | "authorize" as part, transaction, "cancels"):
                return _wrong(call.json, CANCEL, set()) or self._cancel(payment, part, transaction, call.json)
        return _error(404, "API.000.000.999")

    def _read(self, call: Call) -> Reply:
        match call.parts[1:]:
            case ("types", slug, type_id):
                known = self.types.get(type_id)
                shown = {key: value for key, value in (known or {}).items() if key != "card"}
                return (200, shown) if known and known["method"] == slug else _error(404, "API.500.100.001")
            case ("payments", wanted):
                payment = self._payment(wanted)
                return (200, self._shown(payment)) if payment else _error(404, "API.310.100.003")
            case ("payments", wanted, *path):
                url = f"{API}/payments/{wanted}/" + "/".join(path)
                for entry in (self._payment(wanted) or {"transactions": []})["transactions"]:
                    if entry["url"] == url:
                        return 200, entry["told"]
        return _error(404, "API.310.100.003")

    def _payment(self, wanted: str) -> dict[str, Any] | None:
        found = [one for one in self.payments.values() if wanted in (one["id"], one["orderId"])]
        return found[-1] if found else None

    def _page(self, action: str, body: Mapping[str, Any]) -> Reply:
        slugs = [slug for slug in SLUGS if slug not in (body["excludeTypes"] or [])]
        payment = self._new(body, "")
        payment |= {"page": action, "slugs": slugs}
        page = self._id("ppg")
        return 201, {**body, "id": page, "action": action.upper(), "amount": _four(body["amount"]),
                     "redirectUrl": f"https://sbx-payment.unzer.com/v1/paypage/{page}", "card3ds": False,
                     "billingAddressRequired": "false", "shippingAddressRequired": "false",
                     "resources": {"paymentId": payment["id"]}}  # fmt: skip

    def _recurring(self, type_id: str) -> Reply:
        if type_id not in self.types:
            return _error(404, "API.500.100.001")
        return 200, {"id": self._id("rec"), "isSuccess": False, "isPending": True, "isError": False,
                     "redirectUrl": f"https://sbx-payment.unzer.com/redirect/{type_id}",
                     "resources": {"typeId": type_id}}  # fmt: skip

    def _charge(self, body: Mapping[str, Any]) -> Reply:
        type_ = self.types.get(str(body["resources"].get("typeId")))
        if type_ is None:
            return _error(400, "API.500.100.001")
        if type_["method"] != "sepa-direct-debit" and not body.get("returnUrl"):
            return _error(400, "API.710.200.100")
        order = body.get("orderId") or ""
        if order and self.unique_orders and self._payment(order):
            return _error(400, "API.320.200.138")
        status, code = CARDS[type_["card"]]
        if code.startswith("COR.900"):
            return _error(400, code)
        payment = self._new(body, type_["id"])
        told = self._move(payment, "charge", "charges", status, code, body["amount"], f"{payment['id']}/charges")
        told |= {"returnUrl": body.get("returnUrl"), "paymentReference": body.get("paymentReference")}
        if type_["card"] == "needs_action":
            told["redirectUrl"] = f"https://sbx-payment.unzer.com/redirect/{payment['id']}"
        return _error(400, code, isError=True, traceId="f00") if status == "error" else (201, told)

    def _cancel(self, wanted: str, part: str, transaction: str, body: Mapping[str, Any]) -> Reply:
        payment = self._payment(wanted)
        entry = _entry(payment, part, transaction) if payment else None
        if payment is None or entry is None:
            return _error(404, "API.310.100.003")
        if entry["status"] != "success":
            return _error(400, "API.340.000.004")
        type_ = "cancel-charge" if part == "charges" else "cancel-authorize"
        left = Decimal(entry["amount"]) - _moved(payment["transactions"], type_)
        amount = Decimal(str(body.get("amount") or left))
        if not left or amount > left:
            return _error(400, "API.340.100.014" if not left else "API.340.000.004")
        told = self._move(payment, type_, "cancels", "success", "COR.000.100.112", amount,
                          f"{payment['id']}/{part}/{transaction}/cancels")  # fmt: skip
        told["paymentReference"] = body.get("paymentReference")
        return 201, told

    # --- what it keeps

    def _new(self, body: Mapping[str, Any], type_id: str) -> dict[str, Any]:
        payment = {"id": self._id("pay"), "orderId": body.get("orderId") or "", "currency": body["currency"],
                   "total": body["amount"], "typeId": type_id, "transactions": []}  # fmt: skip
        self.payments[payment["id"]] = payment
        return payment

    def _type(self, slug: str, card: str, **shown: Any) -> dict[str, Any]:
        type_ = {"id": self._id(SLUGS[slug]), "method": slug, "recurring": False, "card": card, **shown}
        self.types[type_["id"]] = type_
        return {key: value for key, value in type_.items() if key != "card"}

    def _move(self, payment: dict[str, Any], type_: str, part: str, status: str, code: str, amount: Any,
              path: str) -> dict[str, Any]:  # fmt: skip
        short = {"charges": "chg", "authorize": "aut", "cancels": "cnl", "chargebacks": "cbk"}[part]
        number = sum(f"/{part}/" in one["url"] for one in payment["transactions"]) + 1
        told = {
            "id": f"s-{short}-{number}", "isSuccess": status == "success", "isPending": status == "pending",
            "isError": status == "error", "redirectUrl": "", "amount": _four(amount), "currency": payment["currency"],
            "message": {"code": code, "merchant": "told by the stand-in", "customer": "told by the stand-in"},
            "date": f"{self.now:%Y-%m-%d %H:%M:%S}", "orderId": payment["orderId"],
            "resources": {"paymentId": payment["id"], "typeId": payment["typeId"]}, "processing": {"traceId": "f00"},
        }  # fmt: skip
        url = f"{API}/payments/{path}/{told['id']}"
        entry = {"type": type_, "status": status, "amount": _four(amount), "date": told["date"], "url": url}
        payment["transactions"].append({**entry, "told": told})
        word = {"success": "succeeded", "error": "failed", "pending": "pending"}[status]
        self._ring(EVENTS.get(type_, f"{type_}.{word}"), payment, url)
        return told

    def _shown(self, payment: Mapping[str, Any]) -> dict[str, Any]:
        moved = payment["transactions"]
        state = (0, "pending") if not moved or moved[-1]["status"] == "pending" else (1, "completed")
        charged, back = _moved(moved, "charge"), _moved(moved, "cancel-charge")
        return {
            "id": payment["id"], "state": {"id": state[0], "name": state[1]}, "currency": payment["currency"],
            "amount": {"total": _four(payment["total"]), "charged": _four(charged), "canceled": _four(back),
                       "remaining": _four(0)},
            "orderId": payment["orderId"], "invoiceId": "",
            "resources": {"paymentId": payment["id"], "typeId": payment["typeId"], "customerId": ""},
            "transactions": [{key: one[key] for key in ("type", "status", "amount", "date", "url")} for one in moved],
        }  # fmt: skip

    # --- the outside of the outside

    def enter(self, setup_id: str, card: str) -> None:
        """The customer enters this card on the page; PayPal's is agreed to."""
        if setup_id in self.types:
            self.types[setup_id] |= {"recurring": True, "card": card}
            slug = self.types[setup_id]["method"]
            self._told("types", f"{API}/types/{slug}/{setup_id}", "")
            return
        payment = self.payments[setup_id]
        slug = next(slug for slug in payment["slugs"] if slug != "paypal")
        shown = (
            {"iban": "DE89370400440532013000", "holder": "Ada B"}
            if slug == "sepa-direct-debit"
            else {
                "number": "411111******1111",
                "brand": "VISA",
                "expiryDate": "03/2030",
                "cardHolder": "Ada B",
                "3ds": True,
            }
        )
        payment["typeId"] = self._type(slug, card, **shown)["id"]
        part = "authorize" if payment["page"] == "authorize" else "charges"
        self._move(payment, payment["page"], part, "success", "COR.000.100.112", payment["total"],
                   f"{setup_id}/{part}")  # fmt: skip

    def leave(self, setup_id: str) -> None:
        """The bank refuses what the page asked for."""
        payment = self.payments[setup_id]
        self._move(payment, "authorize", "authorize", "error", "COR.800.100.171", payment["total"],
                   f"{setup_id}/authorize")  # fmt: skip

    def act(self, payment_id: str, ok: bool) -> None:
        payment = self.payments[payment_id]
        entry = payment["transactions"][-1]
        entry["status"] = "success" if ok else "error"
        entry["told"] |= {"isSuccess": ok, "isPending": False, "isError": not ok, "redirectUrl": ""}
        entry["told"]["message"] = {"code": "COR.000.100.112" if ok else "COR.100.380.401"}
        self._ring("charge.succeeded" if ok else "charge.failed", payment, entry["url"])

    def charge_back(self, payment_id: str, cents: int) -> None:
        payment = self.payments[payment_id]
        charge = payment["transactions"][0]["told"]["id"]
        self._move(payment, "chargeback", "chargebacks", "success", "COR.000.100.206",
                   Decimal(cents).scaleb(-DIGITS[payment["currency"]]),
                   f"{payment_id}/charges/{charge}/chargebacks")  # fmt: skip

    def _ring(self, event: str, payment: Mapping[str, Any], url: str) -> None:
        self._told(event, url, payment["id"])
        self._told("payment.completed", f"{API}/payments/{payment['id']}", payment["id"])

    def _told(self, event: str, url: str, payment: str) -> None:
        told = {"event": event, "publicKey": PUBLIC_KEY, "retrieveUrl": url}
        self.told.append(told | ({"paymentId": payment} if payment else {}))

    def request_of(self, number: int) -> tuple[dict[str, str], bytes]:
        return {"Content-Type": "text/plain"}, json.dumps(self.told[number]).encode()

    def _id(self, short: str) -> str:
        self.counter += 1
        return f"s-{short}-{self.counter}"


def _entry(payment: Mapping[str, Any], part: str, transaction: str) -> dict[str, Any] | None:
    url = f"{API}/payments/{payment['id']}/{part}/{transaction}"
    return next((one for one in payment["transactions"] if one["url"] == url), None)


def _moved(transactions: list[dict[str, Any]], type_: str) -> Decimal:
    fitting = [one for one in transactions if (one["type"], one["status"]) == (type_, "success")]
    return sum((Decimal(one["amount"]) for one in fitting), Decimal())


def _wrong(body: Any, fields: set[str], needed: set[str]) -> Reply | None:
    """What the description refuses: unknown and missing fields, other types, and amounts the currency has not."""
    if not isinstance(body, dict) or set(body) - fields:
        return _error(400, "API.500.300.999")
    if any(body.get(name) is None for name in needed):
        return _error(400, "API.710.200.100")
    if body.get("amount") is None:
        return None
    if isinstance(body["amount"], str) or body.get("currency", "EUR") not in DIGITS:
        return _error(400, "API.330.100.202")
    amount = Decimal(str(body["amount"]))
    whole = amount.scaleb(DIGITS[body.get("currency", "EUR")])
    return None if amount > 0 and whole == whole.to_integral_value() else _error(400, "API.600.200.131")


def _four(amount: Any) -> str:
    return f"{Decimal(str(amount)):.4f}"


def _error(status: int, code: str, **more: Any) -> Reply:
    entry = {"code": code, "merchantMessage": "refused by the stand-in", "customerMessage": "refused by the stand-in"}
    return status, {
        "id": "s-err-9e1b0d5a7c34",
        "url": API,
        "timestamp": "2026-11-22 12:00:00",
        "errors": [entry],
        **more,
    }
