"""What a provider's side brings to the contract test: who enters cards, who loses answers, who counts the money.

Each gateway has one module `<name>_world.py` with a context manager that yields a `World`; `WORLDS` names them all.
A card is named by how it behaves. Every world knows CARDS; `debit` and `debit_returns` where it can SEPA.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Literal, Protocol

from gateways.base import Charge, ChargeWish, Event, Gateway, Kind, Method, Refund, RefundWish, Setup, SetupWish

CARDS = ("succeeds", "declines_hard", "declines_soft", "needs_action")
NAMES = ("sandbox", "stripe", "adyen", "unzer")  # every gateway of the house

# What the signature covers: the bytes as they came, single fields, or nothing (then an event only says: look again).
Signs = Literal["bytes", "fields", "nothing"]
Told = tuple[Mapping[str, str], bytes]  # the headers and the body of one request


class World(Protocol):
    """The provider's side of one gateway, as fresh as the test."""

    gateway: Gateway
    signs: Signs
    signs_time: bool
    # The provider answers by key alone: what was asked and never reached it cannot be looked up without setting it off.
    finds_by_key_alone: bool
    # A method that is not to be charged any more is refused by the provider, too.
    forgets: bool

    def enter(self, setup: Setup, card: str) -> None:
        """The customer enters this card (or account) on the provider's page."""

    def without_key(self) -> Gateway:
        """The same client with the idempotency key taken out of everything it sends."""

    def lose_answer(self) -> None:
        """The next deed is done, and its answer gets lost on the way."""

    def fail(self) -> None:
        """The next deed is not done; the provider breaks before (500)."""

    def be_busy(self) -> None:
        """The next call is turned away, as too many came (429)."""

    def captured(self) -> list[tuple[str, int]]:
        """Charge and amount of all money that was taken (or a debit that was taken in), as the provider counts."""

    def given_back(self) -> list[tuple[str, int]]:
        """Charge and amount of every refund, as the provider counts."""

    def act(self, charge_id: str, ok: bool) -> None:
        """The customer confirms a charge that needs action, or refuses."""

    def settle(self, charge_id: str, ok: bool) -> None:
        """The bank answers for a debit."""

    def charge_back(self, charge_id: str, cents: int) -> None:
        """The customer's bank takes so much back."""

    def win(self, charge_id: str) -> None:
        """The chargeback is undone."""

    def events(self) -> list[Told]:
        """All that was told so far, in the order it happened, signed now."""

    def now(self) -> datetime:
        """The time of this world."""


def worlds(name: str, folder: Path) -> AbstractContextManager[World]:
    """The world of one gateway, opened and closed around a test."""
    opened: Callable[[Path], AbstractContextManager[World]] = import_module(f"tests.gateways.{name}_world").opened
    return opened(folder)


def setup_wish(kind: Kind = "card", reference: str = "K-1001") -> SetupWish:
    return SetupWish(
        kind=kind, reference=reference, return_url="https://kontor.example/portal/payment", email="ada@example.com",
        name="Ada Beispiel", country="DE", language="de",
    )  # fmt: skip


def kept_by(gateway: Gateway, enter: Callable[[str, str], object], card: str, kind: Kind = "card") -> Method:
    """A method that a customer entered on the provider's own page."""
    setup = gateway.begin_setup(setup_wish(kind))
    enter(setup.id, card)
    method = gateway.read_setup(setup.id).method
    assert method is not None
    return method


def told(world: World) -> list[Event]:
    """All events so far, as the gateway reads them."""
    return [
        event
        for headers, body in world.events()
        for event in world.gateway.read_events(headers, body, world.now())
    ]  # fmt: skip


def state_of(world: World, charge_id: str) -> Charge | None:
    """A charge as it is read, or as it was told last by a provider that cannot be read."""
    if world.gateway.traits.reads:
        return world.gateway.fetch(charge_id)
    states = [event.charge for event in told(world) if event.charge and event.object_id == charge_id]
    return states[-1] if states else None


def method_of(world: World, card: str = "succeeds", kind: Kind = "card") -> Method:
    """A kept method that behaves so, by the provider's page."""
    setup = world.gateway.begin_setup(setup_wish(kind))
    world.enter(setup, card)
    state = world.gateway.read_setup(setup.id)
    assert state.status == "done" and state.method is not None, state
    return state.method


def wish_of(method: Method, key: str = "charge-1", cents: int = 11_900) -> ChargeWish:
    return ChargeWish(key=key, method=method, cents=cents, currency="EUR", reference="RE-2026-0001")


def charge(gateway: Gateway, wish: ChargeWish) -> Charge:
    """Both steps, as after a crash that lost the id in between."""
    made = gateway.create(wish)
    return gateway.confirm(wish, made.id if made else "")


def refund_wish(charge_id: str, key: str = "refund-1", cents: int = 11_900) -> RefundWish:
    return RefundWish(key=key, charge_id=charge_id, cents=cents, currency="EUR", reference="ST-2026-0001")


def refunded(gateway: Gateway, paid: Charge, key: str = "refund-1", cents: int = 11_900) -> Refund:
    return gateway.refund(refund_wish(paid.id, key, cents))
