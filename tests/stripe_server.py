"""A stand-in for Stripe over real connections: keys, their saved answers, troubles of the line, and signed events.

It refuses what Stripe's description refuses (tests/stripe_fields.py) and keeps what Stripe keeps
(tests/stripe_house.py). Source for keys, errors and signatures: docs.stripe.com/api/idempotent_requests,
docs.stripe.com/api/errors, docs.stripe.com/webhooks.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests import stripe_fields as fields
from tests.serving import Handler, serving
from tests.stripe_fields import Fault
from tests.stripe_house import StripeHouse

KEY = "sk_test_" + "0" * 24
WEBHOOK_SECRET = "whsec_" + "1" * 32
Answer = tuple[int, dict[str, Any]]
Headers = dict[str, str]


@dataclass
class StripeServer:
    """`trouble` befalls the next POST: lost, silent (done, no answer), broken_before, broken_after (500, kept for its
    key), busy (429), in_use (409), garbage, elsewhere (a proxy's answer), redirect. `asked` holds every call."""

    house: StripeHouse = field(default_factory=StripeHouse)
    trouble: str = ""
    key_expired: bool = False
    saved: dict[str, tuple[str, Answer, str]] = field(default_factory=dict)  # key -> digest, answer, request
    asked: list[tuple[str, str, dict[str, Any], Headers]] = field(default_factory=list)
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def forget_keys(self) -> None:
        """A day went by."""
        self.saved.clear()

    def requests(self, secret: str = WEBHOOK_SECRET, at: float | None = None) -> list[tuple[Headers, bytes]]:
        """All events as Stripe would send them at this time."""
        stamp = int(time.time() if at is None else at)
        bodies = [json.dumps(event, indent=2).encode() for event in self.house.events]
        return [({"Stripe-Signature": signature(body, secret, stamp), "Content-Type": "application/json"}, body)
                for body in bodies]  # fmt: skip

    def answer(self, method: str, path: str, params: dict[str, Any], headers: Headers) -> tuple[Answer, Headers]:
        """One call, without its line."""
        request = f"req_{secrets.token_hex(7)}"
        self.asked.append((method, path, params, headers))
        try:
            self._check_head(headers)
            key = headers.get("idempotency-key", "")
            if method == "POST" and key:
                return self._by_key(key, path, params, request)
            return (200, route(self.house, method, path)(params)), {"Request-Id": request}
        except Fault as fault:
            return (fault.status, {"error": fault.error}), {"Request-Id": request}

    def _check_head(self, headers: Headers) -> None:
        if headers.get("authorization") != f"Bearer {KEY}":
            raise Fault(401)
        if self.key_expired:
            raise Fault(401, "api_key_expired")
        if headers.get("stripe-version") != fields.VERSION:
            raise Fault(400)

    def _by_key(self, key: str, path: str, params: dict[str, Any], request: str) -> tuple[Answer, Headers]:
        if len(key) > 255:
            raise Fault(400)
        digest = hashlib.sha256(json.dumps([path, params], sort_keys=True).encode()).hexdigest()
        if key in self.saved:
            before, answer, original = self.saved[key]
            if before != digest:
                raise Fault(400, "", "idempotency_error")
            return answer, {"Request-Id": request, "Original-Request": original, "Idempotent-Replayed": "true"}
        answer, begun = self._carried_out(path, params)
        if begun:
            self.saved[key] = (digest, json.loads(json.dumps(answer)), request)
        return answer, {"Request-Id": request}

    def _carried_out(self, path: str, params: dict[str, Any]) -> tuple[Answer, bool]:
        """The answer, and whether the work began: what fails before that is not kept for the key."""
        trouble = self.trouble if self.trouble.startswith("broken") else ""
        if trouble:
            self.trouble = ""
        if trouble == "broken_before":
            return (500, {"error": {"type": "api_error", "message": "Broken."}}), True
        try:
            answer = (200, route(self.house, "POST", path)(params))
        except Fault as fault:
            answer = (fault.status, {"error": fault.error})
            return answer, fault.status == 402
        return ((500, {"error": {"type": "api_error", "message": "Broken."}}) if trouble else answer), True


def signature(body: bytes, secret: str, stamp: int) -> str:
    mac = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={mac},v0={'0' * 64}"


def route(house: StripeHouse, method: str, path: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The deed behind an address."""
    for verb, pattern, deed in _routes(house):
        if verb == method and (match := re.fullmatch(pattern, path)):
            return lambda params: deed(*match.groups(), params)
    raise Fault(404)


def _routes(house: StripeHouse) -> list[tuple[str, str, Callable[..., dict[str, Any]]]]:
    id_ = r"([A-Za-z0-9_]+)"
    return [
        ("POST", "/v1/customers", house.create_customer),
        ("POST", "/v1/checkout/sessions", house.create_session),
        ("GET", f"/v1/checkout/sessions/{id_}", lambda one, params: house.read(one, "checkout.session", params)),
        ("POST", "/v1/payment_intents", house.create_intent),
        ("GET", "/v1/payment_intents", lambda params: house.page("payment_intent", params, fields.INTENTS)),
        ("GET", f"/v1/payment_intents/{id_}", lambda one, params: house.read(one, "payment_intent", params)),
        ("POST", f"/v1/payment_intents/{id_}/confirm", house.confirm),
        ("POST", f"/v1/payment_intents/{id_}/cancel", house.cancel),
        ("POST", "/v1/refunds", house.refund),
        ("GET", "/v1/refunds", lambda params: house.page("refund", params, fields.OF_INTENT)),
        ("GET", f"/v1/refunds/{id_}", lambda one, params: house.read(one, "refund", params)),
        ("GET", "/v1/disputes", lambda params: house.page("dispute", params, fields.OF_INTENT)),
        ("GET", f"/v1/payment_methods/{id_}", lambda one, params: house.read(one, "payment_method", params)),
        ("POST", f"/v1/payment_methods/{id_}/detach", house.detach),
    ]


def unflattened(text: str) -> dict[str, Any]:
    """`metadata[a]=1&expand[0]=b` as nested mappings."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, *rest = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        node, steps = tree, [head, *rest]
        for step in steps[:-1]:
            node = node.setdefault(step, {})
        node[steps[-1]] = value
    return tree


@contextmanager
def stripe_server() -> Iterator[StripeServer]:
    """The stand-in on a free port of the loopback."""
    server = StripeServer()
    with serving(_handler_of(server), server.released) as server.port:
        yield server


def _handler_of(server: StripeServer) -> type[Handler]:
    class Stripe(Handler):
        def do_POST(self) -> None:
            self._answer("POST", unflattened(self.body().decode()))

        def do_GET(self) -> None:
            self._answer("GET", unflattened(urlsplit(self.path).query))

        def _answer(self, method: str, params: dict[str, Any]) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            with server.lock:
                trouble = server.trouble if method == "POST" and not server.trouble.startswith("broken") else ""
                if trouble:
                    server.trouble = ""
                if trouble in UNDONE:
                    (status, told), more = UNDONE[trouble], {}
                else:
                    (status, told), more = server.answer(method, urlsplit(self.path).path, params, headers)
            if trouble == "silent":
                server.released.wait(30)
            if trouble in ("lost", "silent"):
                return self.hang_up()
            if trouble == "redirect":
                more = more | {"Location": "/v1/elsewhere"}
            said = b"<html>" if trouble in ("garbage", "elsewhere") else told
            return self.tell(status, said, {"Content-Type": "application/json"} | more)

    return Stripe


# What is turned away before any work begins. `elsewhere` is a proxy on the way, `garbage` an answer nobody understands.
UNDONE: dict[str, Answer] = {
    "busy": (429, {"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "Slow down."}}),
    "in_use": (409, {"error": {"type": "idempotency_error", "code": "idempotency_key_in_use", "message": "Wait."}}),
    "elsewhere": (404, {}),
    "redirect": (307, {}),
    "forbidden": (403, {"error": {"type": "invalid_request_error", "message": "Not with this key."}}),
}
