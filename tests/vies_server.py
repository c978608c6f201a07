"""A stand-in for VIES over a real connection: it answers as the service does, with its outages."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATH = "/rest-api/check-vat-number"


@dataclass
class ViesServer:
    """`answers` maps a VAT id to an answer: valid, invalid, a service's code, "silent", "status", "garbage" or
    "redirect"; others are valid. `asked` holds the questions as they came."""

    answers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/rest-api"

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        wanted = self.answers.get(question["countryCode"] + question["vatNumber"], "valid")
        if wanted not in ("valid", "invalid"):
            return {"actionSucceed": False, "errorWrappers": [{"error": wanted, "message": "Such is life"}]}
        told = {"countryCode": question["countryCode"], "vatNumber": question["vatNumber"],
                "valid": wanted == "valid", "name": "---", "address": "---"}  # fmt: skip
        if wanted == "valid" and "requesterNumber" in question:
            told |= {"requestIdentifier": f"WAPIAAAA{len(self.asked)}", "traderNameMatch": "VALID",
                     "traderStreetMatch": "NOT_PROCESSED", "traderCityMatch": "INVALID"}  # fmt: skip
        return told


@contextmanager
def vies_server() -> Iterator[ViesServer]:
    """The stand-in on a free port of the loopback."""
    server = ViesServer()
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(server))
    server.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        http.shutdown()
        http.server_close()
        thread.join()


def _handler_of(server: ViesServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.asked.append(question)
            wanted = server.answers.get(question["countryCode"] + question["vatNumber"], "valid")
            if wanted == "silent":
                server.released.wait(30)
                return
            status = {"status": 503, "redirect": 302}.get(wanted, 200)
            body = (
                b"<html>"
                if wanted in ("garbage", "status", "redirect")
                else json.dumps(server.answer(question)).encode()
            )
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if wanted == "redirect":
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            server.asked.append({"redirected": self.path})

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler
