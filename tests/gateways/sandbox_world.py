"""The sandbox's own provider, with a wire in between that can lose an answer."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from gateways import sandbox_deeds as deeds
from gateways.base import Charge, ChargeWish, Refund, RefundWish, Refused, Setup, Unanswered
from gateways.sandbox import SandboxGateway
from gateways.sandbox_events import signed
from gateways.sandbox_store import Store
from tests.gateways.world import Signs, Told

T = TypeVar("T")


class Wire(SandboxGateway):
    """The line to the provider: `trouble` befalls the next deed, and only that; `trouble_reading` all reading of
    charges; with `forgets_refunds` it finds none that it is asked for by our key."""

    trouble = ""
    trouble_reading = False
    forgets_refunds = False

    def fetch(self, charge_id: str) -> Charge | None:
        if self.trouble_reading:
            raise Unanswered("status_500")
        return SandboxGateway.fetch(self, charge_id)

    def create(self, wish: ChargeWish) -> Charge | None:
        return self._through(lambda: SandboxGateway.create(self, wish))

    def confirm(self, wish: ChargeWish, charge_id: str) -> Charge:
        return self._through(lambda: SandboxGateway.confirm(self, wish, charge_id))

    def refund(self, wish: RefundWish) -> Refund:
        return self._through(lambda: SandboxGateway.refund(self, wish))

    def find_refund(self, wish: RefundWish) -> Refund | None:
        return None if self.forgets_refunds else SandboxGateway.find_refund(self, wish)

    def _through(self, deed: Callable[[], T]) -> T:
        trouble, self.trouble = self.trouble, ""
        if trouble == "busy":
            raise Refused("busy", permanent=False)
        if trouble == "broken":
            raise Unanswered("status_500")
        answer = deed()
        if trouble == "lost":
            raise Unanswered()
        return answer


class Keyless(SandboxGateway):
    """The client that forgot the key: each call names itself anew."""

    key = ""

    def create(self, wish: ChargeWish) -> Charge | None:
        self.key = uuid.uuid4().hex
        return super().create(replace(wish, key=self.key))

    def confirm(self, wish: ChargeWish, charge_id: str) -> Charge:
        return super().confirm(replace(wish, key=self.key), charge_id)

    def refund(self, wish: RefundWish) -> Refund:
        return super().refund(replace(wish, key=uuid.uuid4().hex))


class SandboxWorld:
    signs: Signs = "bytes"
    signs_time = True
    finds_by_key_alone = False
    forgets = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.gateway = self.wire = Wire(path, "http://127.0.0.1:8000", self.now)
        self.store = Store(path)

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 12, tzinfo=UTC)

    def enter(self, setup: Setup, card: str) -> None:
        page = self.gateway.setup_page(setup.id)
        assert page is not None
        self.gateway.choose(setup.id, "paypal" if page[0] == "paypal" else card)

    def without_key(self) -> Keyless:
        return Keyless(self.path, "http://127.0.0.1:8000", self.now)

    def lose_answer(self) -> None:
        self.wire.trouble = "lost"

    def fail(self) -> None:
        self.wire.trouble = "broken"

    def be_busy(self) -> None:
        self.wire.trouble = "busy"

    def captured(self) -> list[tuple[str, int]]:
        with self.store.open() as db:
            rows = db.execute("SELECT id, cents FROM charges WHERE status IN ('processing', 'succeeded')").fetchall()
        return [(row["id"], row["cents"]) for row in rows]

    def given_back(self) -> list[tuple[str, int]]:
        with self.store.open() as db:
            rows = db.execute("SELECT charge_id, cents FROM refunds ORDER BY rowid").fetchall()
        return [(row["charge_id"], row["cents"]) for row in rows]

    def act(self, charge_id: str, ok: bool) -> None:
        self.gateway.act(charge_id, ok)

    def settle(self, charge_id: str, ok: bool) -> None:
        with self.store.open() as db:
            deeds.settle(db, deeds.the_charge(db, charge_id), ok, self.now())

    def charge_back(self, charge_id: str, cents: int) -> None:
        with self.store.open() as db:
            deeds.charge_back(db, deeds.the_charge(db, charge_id), cents, self.now())

    def win(self, charge_id: str) -> None:
        with self.store.open() as db:
            deeds.undo_charge_back(db, deeds.the_charge(db, charge_id), self.now())

    def events(self) -> list[Told]:
        with self.store.open() as db:
            rows = db.execute("SELECT number, body FROM events ORDER BY number").fetchall()
        secret = self.store.secret()
        return [(signed(row[1].encode(), row[0], secret, self.now()), row[1].encode()) for row in rows]


@contextmanager
def opened(folder: Path) -> Iterator[SandboxWorld]:
    yield SandboxWorld(folder / "sandbox-provider.sqlite3")
