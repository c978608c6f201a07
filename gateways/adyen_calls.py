"""Adyen's own library, which has no types, and what its answers and errors mean."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from Adyen import AdyenClient
from Adyen.exceptions import AdyenError
from Adyen.services.checkout import AdyenCheckoutApi

from billing.errors import GatewayError
from gateways import wire
from gateways.base import Refused, Unanswered
from gateways.reading import Body

_TEST_URL: Final = "https://checkout-test.adyen.com"


class Calls:
    """Checkout's calls. The live platform has an address of one's own, made of `live_prefix`; `url` replaces every
    other one. A key makes a POST one; Adyen keeps it for at least seven days, and takes 64 characters."""

    def __init__(self, api_key: str, live_prefix: str = "", url: str = "", send: wire.Send = wire.send) -> None:
        platform = "live" if live_prefix else "test"
        client = AdyenClient(xapikey=api_key, platform=platform, live_endpoint_prefix=live_prefix or None)
        client.http_client, client.http_init = _Http(send), True
        if url:
            client._determine_api_url = lambda _, endpoint: endpoint.replace(_TEST_URL, url.rstrip("/"))
        self._checkout = AdyenCheckoutApi(client=client)

    def begin_session(self, body: Body) -> Body:
        return _told(lambda: self._checkout.payments_api.sessions(body))

    def pay(self, body: Body, key: str) -> Body:
        return _told(lambda: self._checkout.payments_api.payments(body, idempotency_key=_key(key)))

    def refund(self, charge_id: str, body: Body, key: str) -> Body:
        calls = self._checkout.modifications_api
        return _told(lambda: calls.refund_captured_payment(body, _part(charge_id), idempotency_key=_key(key)))

    def stored(self, **query: str) -> Body:
        calls = self._checkout.recurring_api
        return _told(lambda: calls.get_tokens_for_stored_payment_details(query_parameters=_query(query)))

    def forget(self, token: str, **query: str) -> Body:
        calls, part = self._checkout.recurring_api, _part(token)
        return _told(lambda: calls.delete_token_for_stored_payment_details(part, query_parameters=_query(query)))


class _Http:
    """In place of the library's client, which follows redirects. Hands it JSON objects only: others it trips over."""

    user_agent = "kontor"

    def __init__(self, send: wire.Send) -> None:
        self._send = send

    def request(
        self, method: str, url: str, json: Body | None = None, xapikey: str = "", headers: Mapping[str, str] = {}
    ) -> tuple[str, Body | None, int, Mapping[str, str]]:
        head = {**headers, "x-api-key": xapikey, "Content-Type": "application/json", "Accept": "application/json"}
        answer = self._send(method, url, head, None if json is None else _bytes(json))
        text = _object(answer.body)
        if text is None and answer.status in (200, 201, 202):
            raise Unanswered("unreadable")
        return text or "{}", json, answer.status, answer.headers


def _bytes(body: Body) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _object(body: bytes) -> str | None:
    try:
        return body.decode() if isinstance(json.loads(body), dict) else None
    except ValueError:
        return None


def _told(call: Callable[[], Any]) -> Body:
    try:
        told: Body = call().message
    except AdyenError as error:
        raise _meaning(int(error.status_code or 0), str(error.error_code or "")) from None
    return told


def _meaning(status: int, code: str) -> GatewayError:
    """704: the same key is under way at this moment. 5xx, and what is no answer of Adyen's own, leaves all open."""
    if status == 429:
        return Refused("busy", permanent=False)
    if status == 401 or status == 403 and code:
        return Refused("credentials")
    if status in (409, 422) and code == "704":
        return Refused("in_progress", permanent=False)
    return Refused(f"adyen_{code}") if code and status < 500 else Unanswered(f"status_{status}")


def _key(key: str) -> str:
    if not 1 <= len(key) <= 64:
        raise Refused("key_length")
    return key


def _part(text: str) -> str:
    return quote(text, safe="")


def _query(values: Mapping[str, str]) -> dict[str, str]:
    """The library joins them as they are."""
    return {name: _part(value) for name, value in values.items()}
