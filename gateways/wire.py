"""One HTTP request, one answer: what the payment libraries send goes out through here.

Left alone they would follow a redirect with our key in the headers (S21), ask again on their own, and log what they
sent (S19). Nothing here does.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any, Final, Protocol

from gateways.base import Refused, Unanswered

SECONDS: Final = 20.0  # a card's bank may take ten
LONGEST: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` by their names in small letters. Every status is an answer, a redirect, too."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Send(Protocol):
    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Raises Refused where nothing can have arrived, Unanswered where it may have."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What is asked here goes nowhere else (S21)."""

    def redirect_request(self, *args: Any, **values: Any) -> None:
        return None


OPENER: Final = urllib.request.build_opener(_NoRedirect)


def send(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float = SECONDS
) -> Answer:  # fmt: skip
    """The plain way out, see Send."""
    request = urllib.request.Request(url, body, dict(headers), method=method)
    try:
        with OPENER.open(request, timeout=seconds) as response:
            return _answer(response.status, response.headers, response.read(LONGEST))
    except urllib.error.HTTPError as error:
        with error:
            return _answer(error.code, error.headers, _rest(error))
    except urllib.error.URLError as error:
        raise _never_left(error.reason) or Unanswered(_word(error.reason)) from None
    except (OSError, http.client.HTTPException) as error:
        raise Unanswered(_word(error)) from None


def _answer(status: int, headers: Message, body: bytes) -> Answer:
    return Answer(status, {name.lower(): value for name, value in headers.items()}, body)


def _rest(error: urllib.error.HTTPError) -> bytes:
    """An error's body; its status alone says enough where that breaks off."""
    try:
        return error.read(LONGEST)
    except (OSError, http.client.HTTPException):
        return b""


def _never_left(reason: object) -> Refused | None:
    """Nobody listened, or nobody whom we trust: then nothing was done, and the same may be asked later."""
    if isinstance(reason, ConnectionRefusedError | socket.gaierror):
        return Refused("unreachable", permanent=False)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return Refused("certificate", permanent=False)
    return None


def _word(reason: object) -> str:
    return "timeout" if isinstance(reason, TimeoutError) else "connection_lost"
