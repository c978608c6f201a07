"""Payment data at Stripe: entered on its own page, a Checkout session of mode `setup`, kept by a customer's record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from gateways.base import Method, Refused, Setup, SetupState, SetupWish
from gateways.reading import text
from gateways.stripe_client import asking, digest, pass_if_unknown
from gateways.stripe_objects import KINDS, REFERENCE, Told, method_of

if TYPE_CHECKING:
    from stripe import StripeClient
    from stripe.params import CustomerCreateParams
    from stripe.params.checkout import SessionCreateParams

LOCALES: Final = ("de", "en")
LONGEST_NAME: Final = 256


class Setups:
    """The part of the contract that is about payment data (gateways/base.py)."""

    def __init__(self, client: StripeClient) -> None:
        self._api = client.v1

    def begin(self, wish: SetupWish) -> Setup:
        if wish.kind not in KINDS:
            raise Refused("kind", kind=wish.kind)
        customer = wish.customer or self._new_customer(wish)
        params: SessionCreateParams = {
            "mode": "setup",
            "customer": customer,
            "allowed_payment_method_types": [wish.kind],
            "client_reference_id": wish.reference,
            "success_url": wish.return_url,
            "cancel_url": wish.return_url,
            "locale": wish.language if wish.language in LOCALES else "de",
            "metadata": {REFERENCE: wish.reference},
        }
        with asking():
            session = self._api.checkout.sessions.create(params).to_dict()
            return Setup(text(session, "id"), text(session, "url"), customer)

    def read(self, setup_id: str) -> SetupState:
        wanted = ["setup_intent.payment_method", "setup_intent.mandate"]
        try:
            with asking():
                return _state(self._api.checkout.sessions.retrieve(setup_id, {"expand": wanted}).to_dict())
        except Refused as refusal:
            pass_if_unknown(refusal)
            return SetupState("failed", reason="unknown_setup")

    def forget(self, method: Method) -> None:
        try:
            with asking():
                self._api.payment_methods.detach(method.token)
        except Refused as refusal:
            if not self._is_gone(method.token):
                raise refusal

    def _new_customer(self, wish: SetupWish) -> str:
        """Made once for the same data within a day."""
        params: CustomerCreateParams = {
            "preferred_locales": [wish.language], "metadata": {REFERENCE: wish.reference},
        }  # fmt: skip
        if wish.email:
            params["email"] = wish.email
        if wish.name:
            params["name"] = wish.name[:LONGEST_NAME]
        if wish.country:
            params["address"] = {"country": wish.country}
        with asking():
            made = self._api.customers.create(params, {"idempotency_key": digest("customer", repr(params))})
            return text(made.to_dict(), "id")

    def _is_gone(self, token: str) -> bool:
        try:
            with asking():
                return self._api.payment_methods.retrieve(token).to_dict()["customer"] is None
        except Refused as refusal:
            pass_if_unknown(refusal)
            return True


def _state(session: Told) -> SetupState:
    intent = cast(Mapping[str, Any], session.get("setup_intent") or {})
    method = intent.get("payment_method")
    if session["status"] == "complete" and intent.get("status") == "succeeded" and isinstance(method, Mapping):
        return SetupState("done", method_of(method, _mandate(intent)))
    if session["status"] == "expired":
        return SetupState("failed", reason="expired")
    failure = intent.get("last_setup_error") or {}
    if session["status"] == "complete" and intent.get("status") in ("canceled", "requires_payment_method"):
        return SetupState("failed", reason=str(failure.get("decline_code") or failure.get("code") or ""))
    return SetupState("open")


def _mandate(intent: Told) -> str:
    """The reference of a debit's mandate, as the customer's bank will show it."""
    mandate = intent.get("mandate")
    details = mandate.get("payment_method_details") or {} if isinstance(mandate, Mapping) else {}
    return str((details.get("sepa_debit") or {}).get("reference") or "")
