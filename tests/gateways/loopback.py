"""A provider's side over real HTTP on the loopback: answers, and the faults that a network brings."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from tests.serving import Handler, serving

# `loses` does the deed and hangs up; `silent` does it and never answers; `breaks` answers 500 before it did anything;
# `busy` answers 429; `redirects` leads elsewhere; `garbage` does it and answers what is no JSON.
Fault = Literal["loses", "silent", "breaks", "busy", "redirects", "garbage"]
Reply = tuple[int, Any]  # the status, and what becomes JSON (bytes as they are)


@dataclass(frozen=True)
class Call:
    """One request: `path` without the query, its parts unquoted; `json` is None for an empty body."""

    method: str
    path: str
    parts: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    json: Any


@dataclass
class Loopback:
    """A stand-in overrides `reply`. `calls` holds what came; `faults` are taken by one call each: by the next POST,
    `busy` and `redirects` by the next of any kind."""

    port: int = 0
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def reply(self, call: Call) -> Reply:
        raise NotImplementedError

    def fault_of(self, call: Call) -> Fault | None:
        with self.lock:
            for number, fault in enumerate(self.faults):
                if call.method == "POST" or fault in ("busy", "redirects"):
                    return self.faults.pop(number)
        return None


@contextmanager
def listening(server: Loopback) -> Iterator[None]:
    """The stand-in on a free port."""
    with serving(_handler_of(server), server.released) as server.port:
        yield


def _handler_of(server: Loopback) -> type[Handler]:
    class Here(Handler):
        def do_POST(self) -> None:
            call = _call(self)
            server.calls.append(call)
            fault = server.fault_of(call)
            if fault == "busy":
                return self.tell(429, {"status": 429})
            if fault == "breaks":
                return self.tell(500, {"status": 500})
            if fault == "redirects":
                return self.tell(307, b"", {"Location": f"{server.url}/elsewhere"})
            status, told = server.reply(call)
            if fault == "silent":
                server.released.wait(30)
            if fault in ("silent", "loses"):
                return self.hang_up()
            return self.tell(status, b"<html>" if fault == "garbage" else told)

        do_GET = do_DELETE = do_POST

    return Here


def _call(handler: Handler) -> Call:
    address = urlsplit(handler.path)
    body = handler.body()
    return Call(
        handler.command,
        address.path,
        tuple(unquote(part) for part in address.path.strip("/").split("/")),
        {name: values[0] for name, values in parse_qs(address.query).items()},
        {name.lower(): value for name, value in handler.headers.items()},
        json.loads(body) if body else None,
    )
