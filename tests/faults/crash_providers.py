"""The other side of a sweep: a provider whose memory outlives whoever calls it, and can be set back."""

from __future__ import annotations

import copy
from typing import Any, Protocol

from gateways.base import Gateway
from services import clock, gateway_events, providers, sandbox_post
from tests.gateways.stripe_world import StripeWorld
from tests.gateways.world import method_of
from tests.services.charged import Till, keep_kept

Outcome = dict[str, list[Any]]


class Side(Protocol):
    """`keep`: the customer's card that behaves so. `tell`: what the provider has to say, at the house's door.
    `remembered` is how it stands, to be put back by `forget`; `mind` all that it knows."""

    gateway: Gateway

    def keep(self, card: str) -> None: ...
    def tell(self) -> None: ...
    def remembered(self) -> Any: ...
    def forget(self, remembered: Any) -> None: ...
    def mind(self) -> str: ...
    def found(self) -> Outcome: ...


class SandboxSide:
    """Its truth lies in a file beside the house's database, which is kept and laid back with it."""

    def __init__(self, till: Till) -> None:
        self.till, self.gateway = till, till.gateway

    def keep(self, card: str) -> None:
        self.till.keep(card)

    def tell(self) -> None:
        sandbox_post.deliver()

    def remembered(self) -> Any:
        return None

    def forget(self, remembered: Any) -> None: ...

    def mind(self) -> str:
        with self.till.gateway._store.open() as store:
            return "".join(store.iterdump())

    def found(self) -> Outcome:
        with self.till.gateway._store.open() as store:
            charges = store.execute("SELECT status, cents FROM charges").fetchall()
            back = store.execute("SELECT cents FROM refunds").fetchall()
        return {"charges": sorted(map(tuple, charges)), "given_back": sorted(cents for (cents,) in back)}


class StripeSide:
    """The stand-in answers over HTTP from the process of the tests, and so survives every other."""

    def __init__(self, till: Till, world: StripeWorld) -> None:
        self.till, self.world, self.gateway = till, world, world.gateway
        providers.offered()["stripe"] = world.gateway

    def keep(self, card: str) -> None:
        keep_kept(self.till.customer_id, method_of(self.world, card), "stripe")

    def tell(self) -> None:
        told = self.world.server.requests(at=clock.real().timestamp())
        for headers, body in told:
            gateway_events.take_in("stripe", headers, body)

    def remembered(self) -> Any:
        return copy.deepcopy((vars(self.world.house), self.world.server.saved))

    def forget(self, remembered: Any) -> None:
        house, saved = copy.deepcopy(remembered)
        vars(self.world.house).update(house)
        self.world.server.saved = saved

    def mind(self) -> str:
        return repr((self.found(), len(self.world.server.saved)))

    def found(self) -> Outcome:
        charges = [(one["status"], one["amount"]) for one in self.world.house.of("payment_intent")]
        return {"charges": sorted(charges), "given_back": sorted(cents for _, cents in self.world.given_back())}
