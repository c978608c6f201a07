"""A stand-in for VIES over a real connection: it answers as the service does, with its outages."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.serving import Handler, serving

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
    with serving(_handler_of(server), server.released) as server.port:
        yield server


def _handler_of(server: ViesServer) -> type[Handler]:
    class Vies(Handler):
        def do_POST(self) -> None:
            question = json.loads(self.body())
            server.asked.append(question)
            wanted = server.answers.get(question["countryCode"] + question["vatNumber"], "valid")
            if wanted == "silent":
                server.released.wait(30)
                return
            broken = wanted in ("garbage", "status", "redirect")
            self.tell({"status": 503, "redirect": 302}.get(wanted, 200),
                      b"<html>" if broken else server.answer(question),
                      {"Location": "/elsewhere"} if wanted == "redirect" else {})  # fmt: skip

        def do_GET(self) -> None:
            server.asked.append({"redirected": self.path})

    return Vies
