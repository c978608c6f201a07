"""Unzer's side of the contract test, see world.py."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateways import wire
from gateways.base import Gateway, Setup
from gateways.unzer import UnzerGateway
from gateways.unzer_words import cents_of
from tests.gateways.loopback import listening
from tests.gateways.unzer_server import PRIVATE_KEY, PUBLIC_KEY, UnzerServer
from tests.gateways.world import Signs, Told


def gateway_of(server: UnzerServer, send: wire.Send = wire.send, key: str = PRIVATE_KEY) -> UnzerGateway:
    return UnzerGateway(key, PUBLIC_KEY, "https://kontor.example/", url=server.url, send=send)


@dataclass
class UnzerWorld:
    server: UnzerServer
    gateway: Gateway
    signs: Signs = "nothing"
    signs_time: bool = False
    finds_by_key_alone: bool = False
    forgets: bool = False

    def enter(self, setup: Setup, card: str) -> None:
        self.server.enter(setup.id, card)

    def without_key(self) -> Gateway:
        def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> wire.Answer:
            kept = {name: value for name, value in json.loads(body or b"{}").items()
                    if name not in ("orderId", "paymentReference")}  # fmt: skip
            return wire.send(method, url, headers, json.dumps(kept).encode() if body else None)

        return gateway_of(self.server, send)

    def lose_answer(self) -> None:
        self.server.faults.append("loses")

    def fail(self) -> None:
        self.server.faults.append("breaks")

    def be_busy(self) -> None:
        self.server.faults.append("busy")

    def captured(self) -> list[tuple[str, int]]:
        return self._moved("charge")

    def given_back(self) -> list[tuple[str, int]]:
        return self._moved("cancel-charge")

    def act(self, charge_id: str, ok: bool) -> None:
        self.server.act(charge_id, ok)

    def settle(self, charge_id: str, ok: bool) -> None:
        raise AssertionError("a debit succeeds at once and is charged back later")

    def charge_back(self, charge_id: str, cents: int) -> None:
        self.server.charge_back(charge_id, cents)

    def win(self, charge_id: str) -> None:
        raise AssertionError("Unzer describes no such thing")

    def events(self) -> list[Told]:
        return [self.server.request_of(number) for number in range(len(self.server.told))]

    def now(self) -> datetime:
        return self.server.now

    def _moved(self, type_: str) -> list[tuple[str, int]]:
        """Without what keeps a method: the page's cent of a debit comes and goes."""
        return [
            (payment["id"], cents_of(entry["amount"], payment["currency"]))
            for payment in self.server.payments.values()
            for entry in payment["transactions"]
            if "page" not in payment and (entry["type"], entry["status"]) == (type_, "success")
        ]


@contextmanager
def opened(folder: Path) -> Iterator[UnzerWorld]:
    server = UnzerServer()
    with listening(server):
        yield UnzerWorld(server, gateway_of(server))
