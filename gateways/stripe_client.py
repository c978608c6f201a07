"""How Stripe is called: its library with a fixed version of the interface, limits of time, and no second tries of its
own. What goes wrong becomes Unanswered or Refused, and never quotes what was sent (S19)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from itertools import islice
from typing import Any, Final

import requests
import stripe
from urllib3.exceptions import NewConnectionError

from gateways.base import Refused, Unanswered
from gateways.stripe_objects import key_of

API_VERSION: Final = "2026-10-28.endive"
MOST_LISTED: Final = 5_000
SECONDS: Final = (5.0, 30.0)  # to connect, to answer: a charge waits for the customer's bank

# The library's only switch for it: sends no measurements and nothing of this machine along.
stripe.enable_telemetry = False


def client(key: str, url: str = "", seconds: tuple[float, float] = SECONDS) -> stripe.StripeClient:
    """A client of its own, without global state, for many threads. `url` is another address than Stripe's."""
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses={"api": url.rstrip("/")} if url else {},
        http_client=stripe.RequestsClient(timeout=seconds, session=_session()),
        max_network_retries=0,
    )


@contextmanager
def asking() -> Iterator[None]:
    """Around each call and the reading of its answer. A declined card is Refused with status 402."""
    try:
        yield
    except stripe.APIConnectionError as error:
        raise _silence(error) from None
    except stripe.StripeError as error:
        raise _understood(error) from None
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        raise Unanswered("unreadable") from None  # something answered that is not what Stripe describes


def pass_if_unknown(refusal: Refused) -> None:
    """An object that Stripe does not know is no error where one only asks for it; raises every other refusal."""
    if refusal.facts.get("status") != 404:
        raise refusal


def first_of_key(listed: Iterator[stripe.StripeObject], key: str) -> dict[str, Any] | None:
    """The object that our key made, of all pages of a list. Raises Unanswered where there are more than anybody has."""
    for one in islice(listed, MOST_LISTED):
        told = one.to_dict()
        if key_of(told) == key:
            return told
    if next(listed, None) is not None:
        raise Unanswered("too_many")
    return None


def digest(*parts: str) -> str:
    """A key that follows from others."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _silence(error: stripe.APIConnectionError) -> Unanswered | Refused:
    """Where no connection came about nothing was sent, and the same may be asked later."""
    cause = error.__cause__ or error.__context__
    reason = getattr(next(iter(cause.args), None), "reason", None) if cause else None
    if isinstance(cause, requests.ConnectTimeout) or isinstance(reason, NewConnectionError):
        return Refused("unreachable", permanent=False)
    return Unanswered("timeout" if isinstance(cause, requests.Timeout) else "connection_lost")


def _understood(error: stripe.StripeError) -> Unanswered | Refused:
    status, told = error.http_status or 0, _told(error)
    code = str(told.get("code") or "")
    if told and status in (409, 429):
        return Refused(code or "busy", permanent=False, status=status)
    if not (told and 400 <= status < 500):
        # An answer that was kept for this key is told as often as one asks; `replayed` names the first of them.
        replayed = _header(error, "idempotent-replayed") == "true"
        return Unanswered(f"status_{status}", replayed=_header(error, "original-request") if replayed else "")
    if told.get("type") == "idempotency_error":
        return Refused("key_reused", status=status)
    if status in (401, 403):
        return Refused(code or "api_key", status=status)
    return Refused(code or "invalid_request", status=status, field=str(told.get("param") or ""))


def _told(error: stripe.StripeError) -> dict[str, Any]:
    """What stands in the answer; empty where it is not Stripe's, but that of something on the way."""
    body = error.json_body
    told = body.get("error") if isinstance(body, dict) else None
    return told if isinstance(told, dict) else {}


def _header(error: stripe.StripeError, name: str) -> str:
    return next((str(value) for key, value in (error.headers or {}).items() if key.lower() == name), "")


def _session() -> requests.Session:
    """Keeps connections, but no cookies, and follows nobody elsewhere (S21): a redirect is no answer. So it has no
    state that threads could disturb for one another."""
    session = requests.Session()
    session.max_redirects = 0
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session
