"""Stripe, by its official library. Our charge is a PaymentIntent: made unconfirmed, its id kept, then confirmed.

Cards, PayPal and SEPA debits are entered on Stripe's page (a Checkout session of mode `setup`). A PaymentIntent can be
confirmed once, whoever asks and by whatever key; so money moves once even where a key has been forgotten meanwhile.
Source of the shapes: github.com/stripe/openapi at the version of stripe_client.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar

from gateways.base import (
    Charge,
    ChargeWish,
    Event,
    Method,
    Refund,
    RefundWish,
    Refused,
    Setup,
    SetupState,
    SetupWish,
    Traits,
    Unanswered,
)  # fmt: skip
from gateways.stripe_client import SECONDS, asking, client, digest, first_of_key, pass_if_unknown
from gateways.stripe_events import read, verify
from gateways.stripe_money import theirs
from gateways.stripe_objects import KEY, KINDS, REFERENCE, charge_of, is_disputed, refund_of, withdrawn
from gateways.stripe_setups import Setups

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams, RefundCreateParams

T = TypeVar("T")

TRIES: Final = 5


def is_live(key: str) -> bool:
    """Stripe's keys say so themselves (sk_test_, rk_test_); what does not say test is taken for live."""
    return "_test_" not in key


class StripeGateway:
    traits = Traits("stripe", KINDS, key_hours=24, prepares=True, statement=10)

    def __init__(self, key: str, webhook_secret: str, url: str = "", seconds: tuple[float, float] = SECONDS) -> None:
        made = client(key, url, seconds)
        self._api, self._setups = made.v1, Setups(made)
        self._webhook_secret = webhook_secret
        self._is_live = is_live(key)

    # --- payment data ---

    def begin_setup(self, wish: SetupWish) -> Setup:
        return self._setups.begin(wish)

    def read_setup(self, setup_id: str) -> SetupState:
        return self._setups.read(setup_id)

    def forget(self, method: Method) -> None:
        self._setups.forget(method)

    # --- one charge ---

    def create(self, wish: ChargeWish) -> Charge | None:
        return self._once(f"{wish.key}:create", lambda key: self._create(wish, key), lambda: self.find(wish))

    def confirm(self, wish: ChargeWish, charge_id: str) -> Charge:
        made = charge_id or self._made(wish)
        return self._once(f"{wish.key}:confirm", lambda key: self._confirm(made, key), lambda: self._moved(made))

    def fetch(self, charge_id: str) -> Charge | None:
        try:
            with asking():
                intent = self._api.payment_intents.retrieve(charge_id, {"expand": ["latest_charge"]}).to_dict()
                return charge_of(intent, self._charged_back(charge_id) if is_disputed(intent) else 0)
        except Refused as refusal:
            pass_if_unknown(refusal)
            return None

    def find(self, wish: ChargeWish) -> Charge | None:
        """Looks through all that the customer was ever asked: Stripe's search lags behind, its lists do not."""
        with asking():
            page = self._api.payment_intents.list({"customer": wish.method.customer, "limit": 100})
            found = first_of_key(page.auto_paging_iter(), wish.key)
            return self.fetch(str(found["id"])) if found else None

    def cancel(self, charge_id: str, key: str) -> Charge:
        try:
            with asking():
                intent = self._api.payment_intents.cancel(charge_id, options={"idempotency_key": f"{key}:cancel"})
                return charge_of(intent.to_dict())
        except Refused as refusal:
            found = self.fetch(charge_id) if refusal.permanent else None
            if found is None or found.status == "created":
                raise refusal
            return found

    # --- money back ---

    def refund(self, wish: RefundWish) -> Refund:
        return self._once(f"{wish.key}:refund", lambda key: self._refund(wish, key), lambda: self.find_refund(wish))

    def fetch_refund(self, refund_id: str, charge_id: str) -> Refund | None:
        try:
            with asking():
                return refund_of(self._api.refunds.retrieve(refund_id).to_dict())
        except Refused as refusal:
            pass_if_unknown(refusal)
            return None

    def find_refund(self, wish: RefundWish) -> Refund | None:
        with asking():
            page = self._api.refunds.list({"payment_intent": wish.charge_id, "limit": 100})
            found = first_of_key(page.auto_paging_iter(), wish.key)
            return refund_of(found) if found else None

    # --- events ---

    def read_events(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Event]:
        verify(headers, body, self._webhook_secret, now)
        return [read(body, self._is_live)]

    # --- single calls ---

    def _create(self, wish: ChargeWish, key: str) -> Charge:
        params: PaymentIntentCreateParams = {
            "amount": theirs(wish.cents, wish.currency),
            "currency": wish.currency.lower(),
            "customer": wish.method.customer,
            "payment_method": wish.method.token,
            "allowed_payment_method_types": [wish.method.kind],
            "description": wish.reference,
            "metadata": {KEY: wish.key, REFERENCE: wish.reference},
        }
        if wish.method.kind == "card" and (text := _statement(wish.statement, self.traits.statement)):
            params["statement_descriptor_suffix"] = text
        with asking():
            return charge_of(self._api.payment_intents.create(params, {"idempotency_key": key}).to_dict())

    def _confirm(self, charge_id: str, key: str) -> Charge:
        try:
            with asking():
                intent = self._api.payment_intents.confirm(charge_id, {"off_session": True}, {"idempotency_key": key})
                return charge_of(intent.to_dict())
        except Refused as refusal:
            # Declined (402), or it was set off before (400): the object itself says which.
            found = self._moved(charge_id) if refusal.facts.get("status") in (400, 402) else None
            if found is None:
                raise refusal
            return found

    def _refund(self, wish: RefundWish, key: str) -> Refund:
        params: RefundCreateParams = {
            "payment_intent": wish.charge_id,
            "amount": theirs(wish.cents, wish.currency),
            "metadata": {KEY: wish.key, REFERENCE: wish.reference},
        }
        with asking():
            return refund_of(self._api.refunds.create(params, {"idempotency_key": key}).to_dict())

    def _made(self, wish: ChargeWish) -> str:
        made = self.create(wish)
        assert made is not None, "Stripe makes an object before any money moves"
        return made.id

    def _moved(self, charge_id: str) -> Charge | None:
        """The charge, if it is no longer as it was made."""
        found = self.fetch(charge_id)
        return found if found and found.status != "created" else None

    def _charged_back(self, charge_id: str) -> int:
        with asking():
            disputes = self._api.disputes.list({"payment_intent": charge_id, "limit": 100})
            return withdrawn([one.to_dict() for one in disputes.data])

    def _once(self, key: str, deed: Callable[[str], T], found: Callable[[], T | None]) -> T:
        """A deed by its key. Stripe keeps its own failures (500) under a key, too, and repeats them for a day; so what
        fails again only because it is repeated is looked for, and done under a further key that follows from the
        first failure."""
        for _ in range(TRIES):
            try:
                return deed(key)
            except Unanswered as silence:
                if not silence.facts.get("replayed"):
                    raise
                key = digest(key, str(silence.facts["replayed"]))
            if (there := found()) is not None:
                return there
        raise Unanswered("status_500")


def _statement(text: str, longest: int) -> str:
    """What may stand on a card's statement behind the company's own prefix: Latin, at least one letter."""
    clean = re.sub(r"[^A-Za-z0-9 .,/&+-]", "", text)[:longest].strip()
    return clean if re.search(r"[A-Za-z]", clean) else ""
