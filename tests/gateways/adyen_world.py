"""Adyen's side of the contract test, see world.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gateways import wire
from gateways.adyen import AdyenGateway
from gateways.base import Gateway, Setup
from tests.gateways.adyen_server import ACCOUNT, API_KEY, HMAC_KEY, AdyenServer
from tests.gateways.loopback import listening
from tests.gateways.world import Signs, Told


def gateway_of(server: AdyenServer, send: wire.Send = wire.send, key: str = API_KEY) -> AdyenGateway:
    return AdyenGateway(key, ACCOUNT, (HMAC_KEY,), "https://kontor.example/", url=server.url, send=send)


@dataclass
class AdyenWorld:
    server: AdyenServer
    gateway: Gateway
    signs: Signs = "fields"
    signs_time: bool = False
    finds_by_key_alone: bool = True
    forgets: bool = True
    cases: dict[str, tuple[str, int]] = field(default_factory=dict)

    def enter(self, setup: Setup, card: str) -> None:
        self.server.enter(setup.id, card)

    def without_key(self) -> Gateway:
        def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> wire.Answer:
            kept = {name: value for name, value in headers.items() if name != "Idempotency-Key"}
            return wire.send(method, url, kept, body)

        return gateway_of(self.server, send)

    def lose_answer(self) -> None:
        self.server.faults.append("loses")

    def fail(self) -> None:
        self.server.faults.append("breaks")

    def be_busy(self) -> None:
        self.server.faults.append("busy")

    def captured(self) -> list[tuple[str, int]]:
        return [(psp, paid["amount"]["value"]) for psp, paid in self.server.payments.items()
                if paid["result"] in ("Authorised", "Received")]  # fmt: skip

    def given_back(self) -> list[tuple[str, int]]:
        return [(back["charge"], back["amount"]["value"]) for back in self.server.refunds.values()]

    def act(self, charge_id: str, ok: bool) -> None:
        raise AssertionError("Adyen declines what needs the customer, when they are not there")

    def settle(self, charge_id: str, ok: bool) -> None:
        raise AssertionError("a debit is authorised at once and charged back later")

    def charge_back(self, charge_id: str, cents: int) -> None:
        self.cases[charge_id] = (self.server.dispute(charge_id, cents), cents)

    def win(self, charge_id: str) -> None:
        case, cents = self.cases[charge_id]
        self.server.dispute(charge_id, cents, "CHARGEBACK_REVERSED", case)

    def events(self) -> list[Told]:
        return [self.server.request_of(number) for number in range(len(self.server.told))]

    def now(self) -> datetime:
        return self.server.now


@contextmanager
def opened(folder: Path) -> Iterator[AdyenWorld]:
    server = AdyenServer()
    with listening(server):
        yield AdyenWorld(server, gateway_of(server))
