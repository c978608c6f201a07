"""Stripe's library against a foreign stand-in, localstripe: what others understand by the same interface.

localstripe speaks an older version: six names that our calls carry are unknown to it and are taken out on the wire. It
ignores keys and has no pages for payment data, so both are tested against our own stand-in alone.
"""

from __future__ import annotations

import asyncio
import queue
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import stripe
from aiohttp import web
from localstripe import resources
from localstripe.server import app as localstripe_app

from gateways.base import Method, Refused
from gateways.stripe import StripeGateway
from tests.gateways.world import charge, refunded, wish_of
from tests.serving import Handler, serving

KEY, SECRET = "sk_test_" + "2" * 24, "whsec_local"
UNKNOWN = re.compile(r"(?:^|&)(?:allowed_payment_method_types\[0\]|description|off_session|customer)=[^&]*(?=&|$)")
GOOD, DECLINED = "4242424242424242", "4000000000000341"  # test numbers that Stripe publishes


class OlderWire(stripe.RequestsClient):
    """Takes out what localstripe does not know. `customer` only where it lists."""

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        address, _, query = url.partition("?")
        if method == "get":
            query = UNKNOWN.sub("", query).lstrip("&")
        elif "/payment_intents" in address:
            kept = re.search(r"customer=[^&]*", post_data or "")
            post_data = "&".join(filter(None, [UNKNOWN.sub("", post_data or "").lstrip("&"), kept and kept[0]]))
        return super().request(method, f"{address}?{query}" if query else address, headers, post_data)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """localstripe in a thread of this process; what it would write to a fixed place on disk stays in memory."""
    resources.Store.dump_to_disk = lambda self: None
    loop, bound, stopped = asyncio.new_event_loop(), queue.Queue[int](), threading.Event()

    async def serve() -> None:
        runner = web.AppRunner(localstripe_app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        bound.put(runner.addresses[0][1])
        await loop.run_in_executor(None, stopped.wait)
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        yield f"http://127.0.0.1:{bound.get(timeout=20)}"
    finally:
        stopped.set()
        thread.join()
        loop.close()


@pytest.fixture
def gateway(address: str, monkeypatch: pytest.MonkeyPatch) -> StripeGateway:
    monkeypatch.setattr(stripe, "RequestsClient", OlderWire)
    return StripeGateway(KEY, SECRET, address)


def kept_method(address: str, number: str = GOOD) -> Method:
    """A customer's card, as its own calls make it."""
    api = stripe.StripeClient(KEY, base_addresses={"api": address}).v1
    customer = api.customers.create({"email": "ada@example.com"})
    card = {"number": number, "exp_month": 2, "exp_year": 2028, "cvc": "123"}
    method = api.payment_methods.create({"type": "card", "card": card})
    api.payment_methods.attach(method.id, {"customer": customer.id})
    return Method(token=method.id, kind="card", customer=customer.id)


@contextmanager
def receiver() -> Iterator[tuple[str, queue.Queue[tuple[dict[str, str], bytes]]]]:
    """Where its events arrive."""
    told: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()

    class Receiver(Handler):
        def do_POST(self) -> None:
            told.put((dict(self.headers), self.body()))
            self.tell(200, b"")

    with serving(Receiver) as port:
        yield f"http://127.0.0.1:{port}/", told


def some_key() -> str:
    return f"charge-{secrets.token_hex(4)}"


def test_a_charge_is_made_confirmed_read_found_and_given_back(gateway: StripeGateway, address: str) -> None:
    wish = wish_of(kept_method(address), key=some_key())
    made = gateway.create(wish)
    assert made is not None and made.status == "created"
    paid = gateway.confirm(wish, made.id)
    assert (paid.status, paid.cents, paid.currency, paid.key) == ("succeeded", 11_900, "EUR", wish.key)
    assert gateway.fetch(paid.id) == gateway.find(wish) == paid
    given = refunded(gateway, paid, cents=4_000)
    assert (given.status, given.cents, given.charge_id) == ("succeeded", 4_000, paid.id)
    read = gateway.fetch(paid.id)
    assert read is not None and read.refunded_cents == 4_000


def test_what_was_set_off_is_not_set_off_again_even_without_keys(gateway: StripeGateway, address: str) -> None:
    wish = wish_of(kept_method(address), key=some_key())
    paid = charge(gateway, wish)
    assert gateway.confirm(wish, paid.id) == paid


def test_a_declined_card_is_an_answer(gateway: StripeGateway, address: str) -> None:
    declined = charge(gateway, wish_of(kept_method(address, DECLINED), key=some_key()))
    assert (declined.status, declined.decline_kind, declined.cents) == ("declined", "soft", 0)
    with pytest.raises(Refused):
        refunded(gateway, declined)


def test_a_charge_that_was_not_set_off_is_cancelled(gateway: StripeGateway, address: str) -> None:
    wish = wish_of(kept_method(address), key=some_key())
    made = gateway.create(wish)
    assert made is not None and gateway.cancel(made.id, "c").status == "cancelled"


def test_who_is_forgotten_is_forgotten_twice(gateway: StripeGateway, address: str) -> None:
    method = kept_method(address)
    gateway.forget(method)
    gateway.forget(method)


@pytest.mark.feature("S20")
def test_its_signed_events_are_read(gateway: StripeGateway, address: str) -> None:
    with receiver() as (url, told):
        hook = {"url": url, "secret": SECRET, "events": ["payment_intent.succeeded"]}
        requests.post(f"{address}/_config/webhooks/kontor", json=hook, timeout=10).raise_for_status()
        paid = charge(gateway, wish_of(kept_method(address), key=some_key()))
        events = []
        while paid.id not in [event.object_id for event in events]:  # those of the tests before come first
            events += gateway.read_events(*told.get(timeout=20), datetime.now(UTC))
    assert {(event.kind, event.type) for event in events} == {("charge", "payment_intent.succeeded")}
