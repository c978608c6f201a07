"""Stripe: the official library over HTTP against the stand-in."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from gateways.base import Setup
from gateways.stripe import StripeGateway
from tests.gateways.world import Signs, Told
from tests.stripe_server import KEY, WEBHOOK_SECRET, StripeServer, stripe_server

T = TypeVar("T")


class KeylessGateway(StripeGateway):
    """The client that forgot the key: each request names itself anew, as the library does where none is given."""

    def _once(self, key: str, deed: Callable[[str], T], found: Callable[[], T | None]) -> T:
        return deed(uuid.uuid4().hex)


class StripeWorld:
    signs: Signs = "bytes"
    signs_time = True
    finds_by_key_alone = False
    forgets = True

    def __init__(self, server: StripeServer) -> None:
        self.server = server
        self.house = server.house
        self.gateway = StripeGateway(KEY, WEBHOOK_SECRET, server.url, (2.0, 10.0))

    def now(self) -> datetime:
        return datetime.now(UTC)

    def enter(self, setup: Setup, card: str) -> None:
        self.house.enter(setup.id, card)

    def without_key(self) -> StripeGateway:
        return KeylessGateway(KEY, WEBHOOK_SECRET, self.server.url, (2.0, 10.0))

    def lose_answer(self) -> None:
        self.server.trouble = "lost"

    def fail(self) -> None:
        self.server.trouble = "broken_before"

    def be_busy(self) -> None:
        self.server.trouble = "busy"

    def captured(self) -> list[tuple[str, int]]:
        return [(one["id"], one["amount"]) for one in self.house.of("payment_intent")
                if one["status"] in ("processing", "succeeded")]  # fmt: skip

    def given_back(self) -> list[tuple[str, int]]:
        return [(one["payment_intent"], one["amount"]) for one in self.house.of("refund")]

    def act(self, charge_id: str, ok: bool) -> None:
        raise AssertionError("without the customer there, Stripe declines instead")

    def settle(self, charge_id: str, ok: bool) -> None:
        self.house.settle(charge_id, ok)

    def charge_back(self, charge_id: str, cents: int) -> None:
        self.house.dispute(charge_id, cents)

    def win(self, charge_id: str) -> None:
        self.house.close_dispute(charge_id, "won")

    def events(self) -> list[Told]:
        return list(self.server.requests())


@contextmanager
def opened(folder: Path) -> Iterator[StripeWorld]:
    with stripe_server() as server:
        yield StripeWorld(server)
