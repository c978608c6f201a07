"""A provider's side over real HTTP on the loopback: answers, and the faults that a network brings."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

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
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(server))
    server.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.released.set()
        http.shutdown()
        http.server_close()
        thread.join()


def _handler_of(server: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
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
                self.close_connection = True
                return None
            return self.tell(status, b"<html>" if fault == "garbage" else told)

        do_GET = do_DELETE = do_POST

        def tell(self, status: int, told: Any, headers: Mapping[str, str] = {}) -> None:
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler


def _call(handler: BaseHTTPRequestHandler) -> Call:
    address = urlsplit(handler.path)
    body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    return Call(
        handler.command,
        address.path,
        tuple(unquote(part) for part in address.path.strip("/").split("/")),
        {name: values[0] for name, values in parse_qs(address.query).items()},
        {name.lower(): value for name, value in handler.headers.items()},
        json.loads(body) if body else None,
    )
