"""Unzer's Python library, and what its answers and errors mean. Nothing else in the house calls it.

The library would repeat what it reads, follow redirects, and log whole answers where it does not understand one (S19).
So its transport is ours; addresses, credentials, payloads and errors are its own.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

from unzer import UnzerClient
from unzer.model import ErrorResponse, PaymentPage, PaymentRequest
from unzer.model.payment_type import PayPal

from billing.errors import GatewayError
from gateways import wire
from gateways.base import Refused, Unanswered
from gateways.reading import Body, yes
from gateways.unzer_words import is_unsure

T = TypeVar("T")
_NOT_FOUND = "API.310.100.003"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")


class Calls:
    """Each raises Refused or Unanswered; None is said where nothing can be there."""

    def __init__(self, private_key: str, public_key: str, url: str = "", send: wire.Send = wire.send) -> None:
        self._client = _Client(private_key, public_key, send)
        if url:
            self._client.endpoint = url.rstrip("/")

    def page(self, page: PaymentPage) -> Body:
        return self._post(f"paypage/{page.action.value}", page.serialize())

    def paypal_type(self) -> str:
        return str(_told(lambda: self._client.createPaymentType(PayPal())).key)

    def make_recurring(self, type_id: str, return_url: str) -> Body:
        return self._post(f"types/{_id(type_id)}/recurring", {"returnUrl": return_url})

    def type_of(self, slug: str, type_id: str) -> Body:
        return self._need(f"types/{slug}/{_id(type_id)}")

    def charge(self, request: PaymentRequest) -> Body:
        """Raises ErrorResponse, for a decline looks like an error; see `meaning`."""
        if not _ID.fullmatch(request.orderId or ""):
            raise Refused("key_length")
        request.validateBeforeRequest()
        return _whole(self._client.request("payments/charges", "POST", request.serialize()))

    def payment(self, payment_id: str) -> Body | None:
        """By its id or by the order's; None where there is none."""
        return self.transaction(payment_id)

    def transaction(self, *path: str) -> Body | None:
        """What cannot be an id belongs to nothing."""
        return self._get("payments/" + "/".join(path)) if all(_ID.fullmatch(part) for part in path) else None

    def cancel(self, *path: str, body: Body) -> Body:
        return self._post("payments/" + "/".join(_id(part) for part in path) + "/cancels", body)

    def _post(self, operation: str, body: Body) -> Body:
        return _told(lambda: _whole(self._client.request(operation, "POST", body)))

    def _need(self, operation: str) -> Body:
        told = self._get(operation)
        if told is None:
            raise Refused("unknown")
        return told

    def _get(self, operation: str) -> Body | None:
        try:
            return _whole(self._client.request(operation, "GET"))
        except ErrorResponse as error:
            if error.statusCode == 404 and code_of(error) or code_of(error) == _NOT_FOUND:
                return None
            raise meaning(error) from None


class _Client(UnzerClient):
    """The library with another way out."""

    def __init__(self, private_key: str, public_key: str, send: wire.Send) -> None:
        super().__init__(private_key, public_key)
        self._send = send

    def _request(self, url: str, method: str, headers: dict[str, str], payload: Any, auth: tuple[str, str]) -> Any:
        basic = base64.b64encode(":".join(auth).encode()).decode()
        body = None if payload is None else json.dumps(payload).encode()
        answer = self._send(method, url, {**headers, "Authorization": f"Basic {basic}"}, body)
        told = _json(answer.body)
        if answer.status in (200, 201) and isinstance(told, dict):
            return told
        if answer.status in (200, 201):
            raise Unanswered("unreadable")
        known = isinstance(told, dict) and isinstance(told.get("errors"), list)
        error = ErrorResponse.fromDict(_errors(told)) if known else ErrorResponse("")
        error.statusCode = answer.status
        raise error


def meaning(error: ErrorResponse) -> GatewayError:
    """What an error says of the deed. Without a code it is not Unzer's own, but that of something on the way, which
    leaves all open. Its texts are for nobody's log."""
    status, code = error.statusCode, code_of(error)
    if status == 429:
        return Refused("busy", permanent=False)
    if status == 401 or code == "API.710.000.002":
        return Refused("credentials")
    unsure = not code or status >= 500 or is_unsure(code)
    return Unanswered(code or f"status_{status}") if unsure else Refused(code)


def code_of(error: ErrorResponse) -> str:
    return str(error.errors[0].code or "") if error.errors else ""


def _told(call: Callable[[], T]) -> T:
    try:
        return call()
    except ErrorResponse as error:
        raise meaning(error) from None
    except (AttributeError, KeyError, TypeError, ValueError):  # the library met a shape that it does not know
        raise Unanswered("unreadable") from None


def _whole(told: Any) -> Body:
    """An error may come with status 200 as well."""
    if yes(told, "isError") and isinstance(told.get("errors"), list):
        raise ErrorResponse.fromDict(_errors(told))
    body: Body = told
    return body


def _errors(told: Any) -> dict[str, Any]:
    """Only what decides: the library logs fields that it does not know."""
    codes = [str(entry.get("code") or "") for entry in told["errors"] if isinstance(entry, dict)]
    return {"errors": [{"code": code} for code in codes]}


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _id(text: str) -> str:
    """An id is part of an address, so nothing else may be in it."""
    if not _ID.fullmatch(text):
        raise Refused("unknown")
    return text
