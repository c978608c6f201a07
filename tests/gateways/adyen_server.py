"""A stand-in for Adyen's Checkout API 72 over a real connection.

Its shapes are those of Adyen's OpenAPI description (Adyen/adyen-openapi: CheckoutService-v72, PaymentService's
notifications, the tokenization webhooks); idempotency, refusal reasons and signatures as Adyen's documentation has
them. It refuses what they refuse: unknown and missing fields, amounts that are no minor units, keys and accounts that
are not its own, tokens that nobody has. Where Adyen says nothing (a key that comes back with another body) it refuses;
`replays_blindly` answers as if nothing was wrong.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from Adyen import util

from tests.gateways.loopback import Call, Loopback, Reply

ACCOUNT, API_KEY, HMAC_KEY = (
    "KontorECOM",
    "AQE-test-key",
    "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
)

# How a card behaves by name: result code, refusal reason, its code.
CARDS = {
    "succeeds": ("Authorised", "", ""),
    "debit": ("Authorised", "", ""),
    "debit_returns": ("Authorised", "", ""),
    "paypal": ("Authorised", "", ""),
    "waits": ("Received", "", ""),
    "declines_hard": ("Refused", "Blocked Card", "5"),
    "declines_soft": ("Refused", "Not enough balance", "12"),
    "expired": ("Refused", "Expired Card", "6"),
    "needs_action": ("Refused", "Authentication required", "38"),
    "breaks": ("Error", "Acquirer Error", "4"),
    "redirects": ("RedirectShopper", "", ""),
    "challenges": ("ChallengeShopper", "", ""),
}
_TEXT, _AMOUNT, _OBJECT, _LIST = str, "amount", dict, list
SESSION = {
    "merchantAccount": _TEXT, "amount": _AMOUNT, "reference": _TEXT, "returnUrl": _TEXT, "mode": _TEXT,
    "channel": _TEXT, "shopperReference": _TEXT, "shopperEmail": _TEXT, "countryCode": _TEXT, "shopperLocale": _TEXT,
    "shopperInteraction": _TEXT, "storePaymentMethodMode": _TEXT, "recurringProcessingModel": _TEXT,
    "allowedPaymentMethods": _LIST,
}  # fmt: skip
PAYMENT = {
    "merchantAccount": _TEXT, "amount": _AMOUNT, "reference": _TEXT, "returnUrl": _TEXT, "paymentMethod": _OBJECT,
    "merchantOrderReference": _TEXT, "shopperReference": _TEXT, "shopperInteraction": _TEXT,
    "recurringProcessingModel": _TEXT, "shopperStatement": _TEXT,
}  # fmt: skip
REFUND = {"merchantAccount": _TEXT, "amount": _AMOUNT, "reference": _TEXT}
NEEDED = {"merchantAccount", "amount", "reference", "returnUrl", "paymentMethod"}
DECIMALS = {"EUR": 2, "CHF": 2, "USD": 2, "JPY": 0}


@dataclass
class AdyenServer(Loopback):
    now: datetime = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
    replays_blindly: bool = False
    key_revoked: bool = False
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)  # by shopper
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)  # by token, with its shopper and its card
    payments: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, tuple[str, Reply]] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set)
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # "item" or "token", and its body
    counter: int = 0

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a house that has this for Adyen."""
        return {"ADYEN_API_KEY": API_KEY, "ADYEN_MERCHANT_ACCOUNT": ACCOUNT, "ADYEN_HMAC_KEY": HMAC_KEY,
                "ADYEN_URL": self.url}  # fmt: skip

    def forget_keys(self) -> None:
        """Weeks went by."""
        self.keys.clear()

    # --- calls

    def reply(self, call: Call) -> Reply:
        if self.key_revoked or call.headers.get("x-api-key") != API_KEY:
            return _error(401, "000", "security")
        if call.parts[0] != "v72":
            return _error(404, "404", "validation")
        if call.method == "POST":
            return self._once(call)
        with self.lock:
            return self._read(call)

    def _once(self, call: Call) -> Reply:
        """A key stands for one answer; what comes while its first call is under way is turned away (704)."""
        key, body = call.headers.get("idempotency-key", ""), json.dumps([call.path, call.json], sort_keys=True)
        if len(key) > 64:
            return _error(400, "702", "validation")
        with self.lock:
            if key in self.under_way:
                return _error(422, "704", "validation")
            if key and key in self.keys:
                same = self.keys[key][0] == body or self.replays_blindly
                return self.keys[key][1] if same else _error(422, "validation", "validation")
            self.under_way |= {key} - {""}
            answer = self._deed(call)
            if key:
                self.keys[key] = (body, answer)
            self.under_way -= {key}
            return answer

    def _deed(self, call: Call) -> Reply:
        match call.parts[1:]:
            case ("sessions",):
                return wrong if (wrong := _wrong(call.json, SESSION)) else self._session(call.json)
            case ("payments",):
                return wrong if (wrong := _wrong(call.json, PAYMENT)) else self._pay(call.json)
            case ("payments", psp, "refunds"):
                return wrong if (wrong := _wrong(call.json, REFUND)) else self._refund(psp, call.json)
        return _error(404, "404", "validation")

    def _read(self, call: Call) -> Reply:
        if call.query.get("merchantAccount") != ACCOUNT:
            return _error(403, "901", "security")
        shopper = call.query.get("shopperReference", "")
        match (call.method, *call.parts[1:]):
            case ("GET", "storedPaymentMethods"):
                kept = [token["shown"] for token in self.tokens.values() if token["shopper"] == shopper]
                return 200, {"merchantAccount": ACCOUNT, "shopperReference": shopper, "storedPaymentMethods": kept}
            case ("DELETE", "storedPaymentMethods", token):
                if self.tokens.get(token, {}).get("shopper") != shopper:
                    return _error(422, "800", "validation")
                del self.tokens[token]
                return 204, b""
        return _error(404, "404", "validation")

    def _session(self, body: Mapping[str, Any]) -> Reply:
        if body.get("storePaymentMethodMode") == "enabled" and not body.get("recurringProcessingModel"):
            return _error(422, "validation", "validation")
        if len(body.get("shopperReference", "")) < 3 or not body["returnUrl"].startswith(("https://", "http://")):
            return _error(422, "validation", "validation")
        session = {**body, "id": self._psp("CS"), "expiresAt": self.now.isoformat(), "sessionData": "Ab02b4c0"}
        session["url"] = f"https://eu.adyen.link/{session['id']}"
        self.sessions[body["shopperReference"]] = session
        return 201, session

    def _pay(self, body: Mapping[str, Any]) -> Reply:
        method = body["paymentMethod"]
        if set(method) - {"type", "storedPaymentMethodId"} or not body["returnUrl"]:
            return _error(400, "702", "validation")
        token = self.tokens.get(method.get("storedPaymentMethodId", ""))
        if token is None or token["shopper"] != body.get("shopperReference"):
            return _error(422, "800", "validation")
        if token["shown"]["type"] != method["type"] or body.get("shopperInteraction") != "ContAuth":
            return _error(422, "validation", "validation")
        if body.get("recurringProcessingModel") not in token["shown"]["supportedRecurringProcessingModels"]:
            return _error(422, "validation", "validation")
        result, reason, code = CARDS[token["card"]]
        psp = self._psp("PAY")
        told = {"pspReference": psp, "resultCode": result, "amount": body["amount"],
                "merchantReference": body["reference"], "additionalData": {"authCode": "081439"}}  # fmt: skip
        if result in ("Refused", "Error"):
            told |= {"refusalReason": reason, "refusalReasonCode": code}
        if result == "RedirectShopper":
            told["action"] = {"type": "redirect", "method": "GET", "url": "https://checkoutshopper.example/redirect"}
        self.payments[psp] = {"result": result, "amount": body["amount"], "reference": body["reference"], "back": 0}
        self.tell("AUTHORISATION", psp, body["reference"], body["amount"], result in ("Authorised", "Received"))
        return 200, told

    def _refund(self, psp: str, body: Mapping[str, Any]) -> Reply:
        paid = self.payments.get(psp)
        if paid is None or paid["result"] != "Authorised":
            return _error(422, "167", "validation")
        if body["amount"]["currency"] != paid["amount"]["currency"]:
            return _error(422, "139", "validation")
        refund, cents = self._psp("REF"), body["amount"]["value"]
        fits = paid["back"] + cents <= paid["amount"]["value"]
        if fits:
            paid["back"] += cents
            self.refunds[refund] = {"charge": psp, "amount": body["amount"], "reference": body["reference"]}
        self.tell(
            "REFUND", refund, body["reference"], body["amount"], fits, psp, "" if fits else "Insufficient balance"
        )
        return 201, {"merchantAccount": ACCOUNT, "paymentPspReference": psp, "pspReference": refund,
                     "reference": body["reference"], "status": "received", "amount": body["amount"]}  # fmt: skip

    # --- the outside of the outside

    def enter(self, shopper: str, card: str) -> None:
        """The customer enters this card on the page, which keeps it."""
        session = self.sessions[shopper]
        type_ = session["allowedPaymentMethods"][0]
        token = self._psp("TOK")
        shown = {"id": token, "type": type_, "shopperReference": shopper,
                 "supportedRecurringProcessingModels": ["CardOnFile", session["recurringProcessingModel"]]}  # fmt: skip
        if type_ == "scheme":
            shown |= {
                "brand": "visa",
                "lastFour": "1111",
                "expiryMonth": "3",
                "expiryYear": "2030",
                "holderName": "Ada B",
            }
        if type_ == "sepadirectdebit":
            shown |= {"iban": "DE89370400440532013000", "ownerName": "Ada B"}
        self.tokens[token] = {"shopper": shopper, "card": card, "shown": shown}
        psp = self._psp("PAY")
        self.tell("AUTHORISATION", psp, session["reference"], session["amount"], True)
        self.tell("RECURRING_CONTRACT", token, session["reference"], session["amount"], True, psp)
        self.told.append(("token", {
            "createdAt": self.now.isoformat(), "environment": "test", "eventId": psp, "type": "recurring.token.created",
            "data": {"merchantAccount": ACCOUNT, "shopperReference": shopper, "storedPaymentMethodId": token,
                     "type": "visa", "operation": "created"}}))  # fmt: skip

    def tell(self, code: str, psp: str, reference: str, amount: Mapping[str, Any], ok: bool, of: str = "",
             reason: str = "") -> None:  # fmt: skip
        self.told.append(("item", {
            "pspReference": psp, **({"originalReference": of} if of else {}), "merchantAccountCode": ACCOUNT,
            "merchantReference": reference, "amount": dict(amount), "eventCode": code, "success": str(ok).lower(),
            "eventDate": self.now.isoformat(), "reason": reason, "paymentMethod": "visa"}))  # fmt: skip

    def dispute(self, psp: str, cents: int, code: str = "CHARGEBACK", case: str = "") -> str:
        case, paid = case or self._psp("DIS"), self.payments[psp]
        amount = {"value": cents, "currency": paid["amount"]["currency"]}
        self.tell(code, case, paid["reference"], amount, True, psp, "Other Fraud-Card Absent Environment")
        return case

    def request_of(self, *numbers: int, key: str = HMAC_KEY, live: str = "false") -> tuple[dict[str, str], bytes]:
        """What was told under these numbers, as one request, signed."""
        if self.told[numbers[0]][0] == "token":
            body = json.dumps(self.told[numbers[0]][1]).encode()
            return {"hmacsignature": _whole(key, body), "protocol": "HmacSHA256"}, body
        items = [{"NotificationRequestItem": signed_item(self.told[number][1], key)} for number in numbers]
        return {"Content-Type": "application/json"}, json.dumps({"live": live, "notificationItems": items}).encode()

    def _psp(self, kind: str) -> str:
        self.counter += 1
        return f"{kind}{self.counter:013d}"


def signed_item(item: Mapping[str, Any], key: str = HMAC_KEY) -> dict[str, Any]:
    signature = util.generate_notification_sig(dict(item), key).decode()
    return {**item, "additionalData": {"hmacSignature": signature}}


def _whole(key: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(bytes.fromhex(key), body, hashlib.sha256).digest()).decode()


def _wrong(body: Any, fields: Mapping[str, Any]) -> Reply | None:
    """What the description refuses: unknown and missing fields, other types, other accounts, amounts in euros."""
    if not isinstance(body, dict) or set(body) - set(fields):
        return _error(400, "702", "validation")
    if any(name not in body for name in NEEDED & set(fields)):
        return _error(422, "130", "validation")
    if any(not isinstance(body[name], kind) for name, kind in fields.items() if name in body and kind != _AMOUNT):
        return _error(400, "702", "validation")
    if body["merchantAccount"] != ACCOUNT:
        return _error(403, "901", "security")
    if len(body["reference"]) > 80:
        return _error(422, "validation", "validation")
    if "amount" not in fields:
        return None
    amount = body["amount"]
    if set(amount) != {"value", "currency"} or type(amount["value"]) is not int or amount["value"] < 0:
        return _error(422, "137", "validation")
    return None if amount["currency"] in DECIMALS else _error(422, "138", "validation")


def _error(status: int, code: str, kind: str) -> Reply:
    return status, {"status": status, "errorCode": code, "errorType": kind, "message": "refused by the stand-in"}
