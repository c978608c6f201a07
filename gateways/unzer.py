"""Unzer: its hosted page for payment data, then charges of the kept type.

Unzer knows no idempotency keys. Our key is the order's id of a charge, by which the payment can be read for good, and
the payment reference of a refund. So every deed looks first whether its key has done it already. Between looking and
doing nobody else may do the same: of two at once Unzer refuses the second charge (an order's id is used once for a key
pair), but would give back twice. Whoever calls holds the attempt's row.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final

from unzer.model import Action, AdditionalTransactionData, ErrorResponse, PaymentPage, PaymentRequest
from unzer.model.additional_transaction_data import CardTransactionData
from unzer.model.payment_type import Card, PayPal, SepaDirectDebit

from gateways import wire
from gateways.base import (
    Charge,
    ChargeWish,
    Event,
    Kind,
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
from gateways.reading import Body, last_day, only_looking, part, text, yes
from gateways.unzer_calls import Calls, code_of, meaning
from gateways.unzer_events import Reader
from gateways.unzer_objects import charge_id_of, charge_of, given, started, transactions
from gateways.unzer_words import KINDS, SLUGS, amount_of, decline_kind, is_decline

# What a page has to move so that the method is kept: a card is authorised and released, a debit is collected and given
# back, for an account becomes chargeable again only with its first successful charge.
PAGES: Final[dict[Kind, tuple[Action, int]]] = {"card": (Action.AUTHORIZE, 100), "sepa_debit": (Action.CHARGE, 1)}
TYPES: Final = {"card": Card, "paypal": PayPal, "sepa_debit": SepaDirectDebit}
OTHERS: Final = ("alipay", "applepay", "bancontact", "clicktopay", "eps", "googlepay", "ideal", "klarna", "paypal",
                 "openbanking-pis", "paylater-direct-debit", "paylater-installment", "paylater-invoice", "payu",
                 "post-finance-card", "post-finance-efinance", "prepayment", "przelewy24", "twint", "wechatpay",
                 "wero")  # fmt: skip
ORDER_ID_USED: Final = "API.320.200.138"


class UnzerGateway:
    """`return_url` is an address of the house, which a charge has to name although nobody is sent there."""

    # Nothing is published about how long an order's id can be read; a person decides after a month.
    traits = Traits("unzer", ("card", "paypal", "sepa_debit"), 30 * 24, prepares=False, tells_chargebacks=False)

    def __init__(
        self, private_key: str, public_key: str, return_url: str, url: str = "", send: wire.Send = wire.send
    ) -> None:
        self._return_url = return_url
        self._calls = Calls(private_key, public_key, url, send)
        self._reader = Reader(public_key, url)

    # --- payment data

    def begin_setup(self, wish: SetupWish) -> Setup:
        """PayPal's own page, or Unzer's for one small payment that `read_setup` undoes. The id is that of the type, or
        of the payment."""
        if wish.kind == "paypal":
            type_id = self._calls.paypal_type()
            return Setup(type_id, text(self._calls.make_recurring(type_id, wish.return_url), "redirectUrl"))
        action, cents = PAGES[wish.kind]
        page = PaymentPage(
            action=action,
            amount=amount_of(cents, wish.currency),
            currency=wish.currency,
            returnUrl=wish.return_url,
            orderId=f"{wish.reference}-{secrets.token_hex(8)}",
            excludeTypes=[*OTHERS, *(slug for kind, slug in SLUGS.items() if kind not in (wish.kind, "paypal"))],
            additionalAttributes={"recurrenceType": "scheduled"},
        )
        told = self._calls.page(page)
        return Setup(text(part(told, "resources"), "paymentId"), text(told, "redirectUrl"))

    def read_setup(self, setup_id: str) -> SetupState:
        if setup_id.split("-")[1:2] == ["ppl"]:
            told = self._calls.type_of("paypal", setup_id)
            done = yes(told, "recurring")
            return SetupState("done", Method(setup_id, "paypal")) if done else SetupState("open")
        payment = self._calls.payment(setup_id)
        if payment is None:
            return SetupState("failed", reason="unknown")
        moved = [entry for entry in transactions(payment) if entry["type"] in ("authorize", "charge")]
        if not moved or moved[-1]["status"] == "pending":
            return SetupState("open")
        if moved[-1]["status"] != "success":
            return SetupState("failed", reason="declined")
        self._release(payment, moved[-1])
        return SetupState("done", self._method(text(part(payment, "resources"), "typeId")))

    def forget(self, method: Method) -> None:
        """Unzer describes no way to delete a type. The house forgets its token, without which nobody charges it."""

    def _release(self, payment: Body, moved: Mapping[str, str]) -> None:
        """What the page took goes back. What fails here is asked again with the next reading, and lapses by itself."""
        if any(entry["type"].startswith("cancel") for entry in transactions(payment)):
            return
        part = "authorize" if moved["type"] == "authorize" else "charges"
        with suppress(Refused, Unanswered):
            self._calls.cancel(text(payment, "id"), part, moved["id"], body={})

    def _method(self, type_id: str) -> Method:
        kind = KINDS.get("".join(type_id.split("-")[1:2]))
        if kind is None:
            raise Unanswered("unreadable")
        told = self._calls.type_of(SLUGS[kind], type_id)
        return Method(
            token=type_id,
            kind=kind,
            brand=str(told.get("brand") or "").lower(),
            last4=str(told.get("number") or told.get("iban") or "")[-4:],
            expires_on=last_day(*_month_of(str(told.get("expiryDate") or ""))),
            holder=str(told.get("cardHolder") or told.get("holder") or ""),
        )

    # --- one charge

    def create(self, wish: ChargeWish) -> Charge | None:
        return None

    def confirm(self, wish: ChargeWish, charge_id: str) -> Charge:
        """Raises Refused("key_reused") where the key stands for another sum."""
        found = self._found(wish)
        if found is not None:
            return found
        try:
            return started(self._calls.charge(self._request(wish)), wish)
        except ErrorResponse as error:
            return self._refused(wish, error)

    def fetch(self, charge_id: str) -> Charge | None:
        with only_looking():
            return self._look(charge_id)

    def find(self, wish: ChargeWish) -> Charge | None:
        with only_looking():
            return self._found(wish)

    def _look(self, charge_id: str) -> Charge | None:
        payment = self._calls.payment(charge_id)
        return None if payment is None else self._read(payment)

    def _found(self, wish: ChargeWish) -> Charge | None:
        found = self._look(wish.key)
        if found is not None and (found.cents, found.currency) != (wish.cents, wish.currency):
            raise Refused("key_reused")
        return found

    def cancel(self, charge_id: str, key: str) -> Charge:
        """Only its state: what waits for the customer lapses by itself, and cancelling what has moved is a refund."""
        found = self.fetch(charge_id)
        if found is None:
            raise Refused("unknown")
        return found

    def _request(self, wish: ChargeWish) -> PaymentRequest:
        scheduled = AdditionalTransactionData(card=CardTransactionData(recurrenceType="scheduled"))
        return PaymentRequest(
            paymentType=TYPES[wish.method.kind](key=wish.method.token),
            amount=amount_of(wish.cents, wish.currency),
            currency=wish.currency,
            returnUrl=self._return_url,
            orderId=wish.key,
            invoiceId=wish.reference,
            paymentReference=wish.statement or wish.reference,
            additional_transaction_data=scheduled if wish.method.kind == "card" else None,
        )

    def _refused(self, wish: ChargeWish, error: ErrorResponse) -> Charge:
        """A decline comes as an error. An order's id in use means that somebody was faster with the same key."""
        code = code_of(error)
        if code == ORDER_ID_USED:
            found = self._found(wish)
            if found is None:
                raise Refused("in_progress", permanent=False)
            return found
        if not is_decline(code):
            raise meaning(error) from None
        return Charge(wish.key, "declined", wish.cents, wish.currency, wish.key, decline_kind(code), code)

    def _read(self, payment: Body) -> Charge:
        """A charge that is not a success alone says why, or where the customer has to go."""
        last = next((entry for entry in reversed(transactions(payment)) if entry["type"] == "charge"), None)
        if last is None or last["status"] == "success":
            return charge_of(payment, {})
        detail = self._calls.transaction(text(payment, "id"), "charges", last["id"])
        return charge_of(payment, detail or {})

    # --- money back

    def refund(self, wish: RefundWish) -> Refund:
        payment = self._calls.payment(wish.charge_id)
        found = None if payment is None else self._refund_of(payment, wish)
        if found is not None:
            return found
        charge_id = "" if payment is None else charge_id_of(payment)
        if payment is None or not charge_id:
            raise Refused("unknown")
        body = {"amount": amount_of(wish.cents, wish.currency), "paymentReference": wish.key}
        path = (text(payment, "id"), "charges", charge_id)
        return given(self._calls.cancel(*path, body=body), path, wish.charge_id)

    def fetch_refund(self, refund_id: str, charge_id: str) -> Refund | None:
        """A refund's id is its path, for Unzer counts the refunds of each charge from one."""
        parts = refund_id.split("/")
        if len(parts) != 3:
            return None
        with only_looking():
            told = self._calls.transaction(parts[0], "charges", parts[1], "cancels", parts[2])
        return None if told is None else given(told, (parts[0], "charges", parts[1]), charge_id)

    def find_refund(self, wish: RefundWish) -> Refund | None:
        with only_looking():
            payment = self._calls.payment(wish.charge_id)
            return None if payment is None else self._refund_of(payment, wish)

    def _refund_of(self, payment: Body, wish: RefundWish) -> Refund | None:
        """The one that has our key as its payment reference."""
        path = (text(payment, "id"), "charges", charge_id_of(payment))
        for entry in transactions(payment):
            if entry["type"] != "cancel-charge":
                continue
            told = self._calls.transaction(*path, "cancels", entry["cancel"])
            if told is not None and told.get("paymentReference") == wish.key:
                found = given(told, path, wish.charge_id)
                if (found.cents, found.currency) != (wish.cents, wish.currency):
                    raise Refused("key_reused")
                return found
        return None

    # --- what Unzer tells

    def read_events(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Event]:
        """Unsigned: each only says which object to read, see unzer_events.py."""
        return self._reader.read(body, now)


def _month_of(expiry: str) -> tuple[str, str]:
    """03/2030 as year and month."""
    month, _, year = expiry.partition("/")
    return year, month
