"""A client that speaks to the call API over a real connection, byte for byte."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from defusedxml.ElementTree import fromstring

PATH = "/api/1.0/api.php"
USER = "api@example.com"


@dataclass
class Answer:
    """What came back over the wire."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def response(self) -> Any:
        return self.json["RESPONSE"]

    @property
    def xml(self) -> Any:
        return fromstring(self.body.decode())


@dataclass
class Wire:
    """A client that sends exactly the bytes it is told to."""

    host: str
    port: int
    key: str
    user: str = USER
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def basic(self) -> str:
        return "Basic " + base64.b64encode(f"{self.user}:{self.key}".encode()).decode()

    def post(self, body: bytes, headers: dict[str, str] | None = None, *, chunked: bool = False) -> Answer:
        """One POST with these headers and nothing else but Host, Authorization and the length."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        connection.putrequest("POST", PATH, skip_accept_encoding=True)
        for name, value in {"Authorization": self.basic, **(headers or {}), **self.extra}.items():
            connection.putheader(name, value)
        if chunked:
            connection.putheader("Transfer-Encoding", "chunked")
            connection.endheaders(_pieces(body), encode_chunked=True)
        else:
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
        return _read(connection)

    def raw(self, text: str) -> Answer:
        """JSON as it is written."""
        return self.post(text.encode(), {"Content-Type": "application/json"})

    def call(self, service: str, **parts: Any) -> Answer:
        """A call in JSON, parts in upper case."""
        request = {"SERVICE": service, **{name.upper(): value for name, value in parts.items()}}
        return self.raw(json.dumps(request))

    def ok(self, service: str, **parts: Any) -> Any:
        """The RESPONSE of a call that must succeed."""
        answer = self.call(service, **parts)
        assert answer.status == 200 and "ERRORS" not in answer.response, answer.body
        return answer.response

    def errors(self, service: str, **parts: Any) -> list[str]:
        """The ERRORS of a call that must be refused with status 200."""
        answer = self.call(service, **parts)
        assert answer.status == 200, answer.body
        assert list(answer.response) == ["ERRORS"], answer.body
        found: list[str] = answer.response["ERRORS"]
        return found


def _pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 20):
        yield body[start : start + 20]


def _read(connection: http.client.HTTPConnection) -> Answer:
    response = connection.getresponse()
    answer = Answer(response.status, response.headers, response.read())
    connection.close()
    return answer
