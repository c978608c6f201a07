"""Adyen: hosted checkout for payment data, then payments with the kept token. Checkout API 72.

Adyen cannot be asked for a payment: there is no address to read one from. What became of a charge or a refund comes
with the answer, with the events, or with the same key sent again, which gives the first answer anew for at least seven
days. So `find` is the deed itself: what never arrived is set off by it. Hence it is for attempts that are still wanted,
and within `key_hours` only; where it learns nothing it raises Unanswered, never "not done".
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from gateways import wire
from gateways.adyen_calls import Calls
from gateways.adyen_events import Reader
from gateways.adyen_words import KINDS, RESULTS, TYPES, decline_kind, theirs
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
)
from gateways.reading import Body, last_day, maybe, only_looking, rows, text

MODEL: Final = "Subscription"  # charged on a schedule, the customer not being there
STATEMENT: Final = 22
_NOT_PRINTABLE: Final = re.compile(r"[^a-zA-Z0-9 .,'_?+*/-]")


class AdyenGateway:
    """`account` is the merchant account; `return_url` is an address of the house, which every payment has to name."""

    traits = Traits("adyen", ("card", "paypal", "sepa_debit"), 7 * 24, prepares=False, statement=STATEMENT, reads=False)

    def __init__(
        self,
        api_key: str,
        account: str,
        hmac_keys: tuple[str, ...],
        return_url: str,
        live_prefix: str = "",
        url: str = "",
        send: wire.Send = wire.send,
    ) -> None:
        self._account, self._return_url = account, return_url
        self._calls = Calls(api_key, live_prefix, url, send)
        self._reader = Reader(account, hmac_keys, live=bool(live_prefix))

    # --- payment data

    def begin_setup(self, wish: SetupWish) -> Setup:
        """A page for an authorisation of nothing that keeps the method. Each setup has a shopper of its own, so that
        what this shopper has is what was entered here; that name is the setup's id."""
        shopper = f"{wish.reference}-{secrets.token_hex(8)}"
        body = {
            "merchantAccount": self._account,
            "mode": "hosted",
            "channel": "Web",
            "amount": {"value": 0, "currency": wish.currency},
            "reference": shopper,
            "returnUrl": wish.return_url,
            "shopperReference": shopper,
            "shopperEmail": wish.email,
            "countryCode": wish.country,
            "shopperLocale": f"{wish.language}-{wish.country}",
            "shopperInteraction": "Ecommerce",
            "storePaymentMethodMode": "enabled",
            "recurringProcessingModel": MODEL,
            "allowedPaymentMethods": [TYPES[wish.kind]],
        }
        told = self._calls.begin_session(body)
        return Setup(shopper, text(told, "url"), shopper)

    def read_setup(self, setup_id: str) -> SetupState:
        """Done once the shopper has a method. That a page was left or lapsed is not told: it stays open."""
        told = self._calls.stored(merchantAccount=self._account, shopperReference=setup_id)
        kept = [entry for entry in rows(told, "storedPaymentMethods") if entry.get("type") in KINDS]
        return SetupState("done", _method(kept[-1], setup_id)) if kept else SetupState("open")

    def forget(self, method: Method) -> None:
        try:
            self._calls.forget(method.token, merchantAccount=self._account, shopperReference=method.customer)
        except (Refused, Unanswered) as error:
            if error.code not in ("adyen_800", "status_404"):  # there is no such contract any more
                raise

    # --- one charge

    def create(self, wish: ChargeWish) -> Charge | None:
        return None

    def confirm(self, wish: ChargeWish, charge_id: str) -> Charge:
        return _charge(self._calls.pay(self._payment(wish), wish.key), wish)

    def fetch(self, charge_id: str) -> Charge | None:
        raise Unanswered("not_readable")

    def find(self, wish: ChargeWish) -> Charge | None:
        with only_looking():
            return self.confirm(wish, "")

    def cancel(self, charge_id: str, key: str) -> Charge:
        """Never: nothing stands here before it moves, and what is authorised would lose its capture. What waits for the
        customer lapses by itself."""
        raise Refused("cannot_cancel")

    def _payment(self, wish: ChargeWish) -> Body:
        """Always the same for the same wish: the key stands for this body. `reference` comes back with the events."""
        body: dict[str, Any] = {
            "merchantAccount": self._account,
            "amount": _amount(wish),
            "reference": wish.key,
            "merchantOrderReference": wish.reference,
            "paymentMethod": {"type": TYPES[wish.method.kind], "storedPaymentMethodId": wish.method.token},
            "shopperReference": wish.method.customer,
            "shopperInteraction": "ContAuth",
            "recurringProcessingModel": MODEL,
            "returnUrl": self._return_url,
        }
        statement = _NOT_PRINTABLE.sub("", wish.statement)[:STATEMENT]
        return body | ({"shopperStatement": statement} if statement else {})

    # --- money back

    def refund(self, wish: RefundWish) -> Refund:
        """Taken in; whether it was given tells an event (REFUND, later perhaps REFUND_FAILED)."""
        body = {
            "merchantAccount": self._account,
            "amount": _amount(wish),
            "reference": wish.key,
        }
        told = self._calls.refund(wish.charge_id, body, wish.key)
        if text(told, "paymentPspReference") != wish.charge_id or told.get("amount") != body["amount"]:
            raise Refused("key_reused")
        return Refund(text(told, "pspReference"), "pending", wish.cents, wish.currency, wish.charge_id)

    def fetch_refund(self, refund_id: str, charge_id: str) -> Refund | None:
        raise Unanswered("not_readable")

    def find_refund(self, wish: RefundWish) -> Refund | None:
        with only_looking():
            return self.refund(wish)

    # --- what Adyen tells

    def read_events(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Event]:
        """Adyen signs no time and repeats for days, so nothing here is too old; see adyen_events.py."""
        return self._reader.read(headers, body, now)


def _asks(told: Body) -> bool:
    """For the customer. Such an answer need not name a payment yet."""
    return RESULTS.get(str(told.get("resultCode"))) == "needs_action"


def _amount(wish: ChargeWish | RefundWish) -> dict[str, Any]:
    return {"value": theirs(wish.cents, wish.currency), "currency": wish.currency}


def _charge(told: Body, wish: ChargeWish) -> Charge:
    """An answer that is about another sum is that of an older body under this key."""
    if (told.get("amount") or _amount(wish)) != _amount(wish):
        raise Refused("key_reused")
    status = RESULTS.get(text(told, "resultCode"))
    if status is None:
        raise Unanswered("unreadable")
    code = str(told.get("refusalReasonCode") or "") if status == "declined" else ""
    url = str(maybe(told, "action").get("url") or "") if status == "needs_action" else ""
    if status == "needs_action" and not url:  # asks for what only a page of Adyen's could do
        status, code = "declined", "38"
    return Charge(
        id=text(told, "pspReference") if told.get("pspReference") or not _asks(told) else wish.key,
        status=status,
        cents=wish.cents,
        currency=wish.currency,
        key=wish.key,
        decline_kind=decline_kind(code) if status == "declined" else "",
        decline_code=code or ("unknown" if status == "declined" else ""),
        url=url,
    )


def _method(entry: Body, shopper: str) -> Method:
    return Method(
        token=text(entry, "id"),
        kind=KINDS[entry["type"]],
        customer=shopper,
        brand=str(entry.get("brand") or ""),
        last4=str(entry.get("lastFour") or entry.get("iban") or "")[-4:],
        expires_on=last_day(str(entry.get("expiryYear") or ""), str(entry.get("expiryMonth") or "")),
        holder=str(entry.get("holderName") or entry.get("ownerName") or ""),
        mandate=str(maybe(entry, "mandate").get("mandateId") or ""),
    )
