"""VIES, the European Commission's service that confirms VAT ids, by its REST interface.

Plain data in and out. A failure is an answer as well: who asks has to keep it, and an outage is not an invalid id. The
service reports its own outages with status 200 as often as with another, so only a plain true or false counts.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateways.wire import OPENER

URL: Final = "https://ec.europa.eu/taxation_customs/vies/rest-api"
SECONDS: Final = 10
LONGEST: Final = 65_536  # an answer has some hundred bytes
_MATCHES: Final = {"VALID": "match", "INVALID": "mismatch"}
_ADDRESS: Final = ("traderStreetMatch", "traderPostalCodeMatch", "traderCityMatch")


@dataclass(frozen=True, slots=True)
class Question:
    """`vat_id` with its prefix; `requester` is our own, without which the answer carries no number (section 18e UStG).
    Name and address are what we know of the buyer, for the qualified confirmation."""

    vat_id: str
    requester: str = ""
    name: str = ""
    street: str = ""
    zipcode: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`result`: valid, invalid, unavailable or timeout; `reason` is the service's code where it has none of the first
    two. `name_match`, `address_match`: match, mismatch, or "" where the country does not say."""

    result: str
    reason: str = ""
    request_id: str = ""
    name_match: str = ""
    address_match: str = ""


def ask(url: str, question: Question, seconds: float = SECONDS) -> Answer:
    """One question over the network; `url` is that of the REST interface. Never raises for what the outside does."""
    request = urllib.request.Request(
        f"{url.rstrip('/')}/check-vat-number",
        json.dumps(_body(question)).encode(),
        {"Content-Type": "application/json", "Accept": "application/json"},
        method="POST",
    )
    try:
        with OPENER.open(request, timeout=seconds) as response:
            return read(response.read(LONGEST))
    except urllib.error.HTTPError as error:
        with error:
            return _failed(error)
    except (TimeoutError, urllib.error.URLError) as error:
        slow = isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError)
        return Answer("timeout" if slow else "unavailable", "no_answer" if slow else "unreachable")
    except (OSError, http.client.HTTPException):
        return Answer("unavailable", "connection_lost")


def read(body: bytes) -> Answer:
    """The service's answer as ours; what nobody understands is `unavailable`."""
    try:
        told = json.loads(body)
    except ValueError:
        return Answer("unavailable", "unreadable")
    if not isinstance(told, dict):
        return Answer("unavailable", "unreadable")
    if not isinstance(told.get("valid"), bool) or told.get("actionSucceed") is False:
        return _outage(told)
    return Answer(
        "valid" if told["valid"] is True else "invalid",
        "",
        str(told.get("requestIdentifier") or "")[:60],
        _MATCHES.get(str(told.get("traderNameMatch")), ""),
        _together(told),
    )


def _body(question: Question) -> dict[str, str]:
    body = {"countryCode": question.vat_id[:2], "vatNumber": question.vat_id[2:]}
    if question.requester:
        body |= {"requesterMemberStateCode": question.requester[:2], "requesterNumber": question.requester[2:]}
    trader = {
        "traderName": question.name, "traderStreet": question.street, "traderPostalCode": question.zipcode,
        "traderCity": question.city,
    }  # fmt: skip
    return body | {name: value for name, value in trader.items() if value}


def _failed(error: urllib.error.HTTPError) -> Answer:
    """A status other than 200 is an outage, whatever stands in its body."""
    try:
        answer = read(error.read(LONGEST))
    except (OSError, http.client.HTTPException):
        return Answer("unavailable", f"status_{error.code}")
    known = answer.result in ("unavailable", "timeout") and answer.reason != "unreadable"
    return answer if known else Answer("unavailable", f"status_{error.code}")


def _outage(told: Mapping[str, Any]) -> Answer:
    wrappers = told.get("errorWrappers")
    first = wrappers[0] if isinstance(wrappers, list) and wrappers and isinstance(wrappers[0], dict) else {}
    code = str(first.get("error") or told.get("userError") or "unreadable")[:60]
    return Answer("timeout" if code == "TIMEOUT" else "unavailable", code)


def _together(told: Mapping[str, Any]) -> str:
    """One word for the parts of the address: a mismatch of one is a mismatch; parts nobody looked at do not count."""
    said = [_MATCHES[str(told.get(name))] for name in _ADDRESS if str(told.get(name)) in _MATCHES]
    if not said:
        return ""
    return "mismatch" if "mismatch" in said else "match"
