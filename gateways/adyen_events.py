"""What Adyen tells: standard notifications, and the life of tokens. Signatures first, then only what is signed.

A standard notification holds several items, each signed for itself, and of an item only some fields: references,
account, amount, code and success. Reason, date and additional data are not signed: nothing here decides by them.
The life of tokens comes as one event, signed as a whole in a header. Adyen signs no time; duplicates share their id.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from Adyen import util

from gateways.adyen_words import EVENTS, ours
from gateways.base import BadEvent, Charge, ChargeStatus, Event, EventKind, Refund, RefundStatus
from gateways.reading import posted

Item = Mapping[str, Any]
_STATES: Final[dict[tuple[str, bool], ChargeStatus]] = {
    ("AUTHORISATION", True): "succeeded",
    ("AUTHORISATION", False): "declined",
    ("CAPTURE", True): "succeeded",
    ("CAPTURE_FAILED", True): "declined",
    ("CANCELLATION", True): "cancelled",
    ("TECHNICAL_CANCEL", True): "cancelled",
    ("EXPIRE", True): "cancelled",
}
_SIGNED: Final = ("pspReference", "merchantAccountCode", "merchantReference", "eventCode", "success")


class Reader:
    """`keys`: any of them may have signed, for Adyen has one for each webhook, and they are changed now and then."""

    def __init__(self, account: str, keys: tuple[str, ...], live: bool) -> None:
        self._account, self._keys, self._live = account, keys, live

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Event]:
        told = posted(body)
        if "notificationItems" in told:
            return self._items(told, now)
        return [self._token(headers, body, told, now)]

    def _items(self, told: Item, now: datetime) -> list[Event]:
        if str(told.get("live")) != ("true" if self._live else "false"):
            raise BadEvent("other_house")
        items = told["notificationItems"]
        if not isinstance(items, list) or not items:
            raise BadEvent("unreadable")
        return [_event(self._checked(_inner(item)), now) for item in items]

    def _checked(self, item: Item) -> Item:
        if not any(_signed(item, key) for key in self._keys):
            raise BadEvent("signature")
        if item["merchantAccountCode"] != self._account:
            raise BadEvent("other_house")
        return item

    def _token(self, headers: Mapping[str, str], body: bytes, told: Item, now: datetime) -> Event:
        signature = {name.lower(): value for name, value in headers.items()}.get("hmacsignature", "")
        if not any(_signed_whole(signature, key, body) for key in self._keys):
            raise BadEvent("signature")
        data = told.get("data")
        if not isinstance(data, dict) or data.get("merchantAccount") != self._account:
            raise BadEvent("other_house")
        return Event(
            id=f"{told.get('eventId')}:{told.get('type')}",
            kind=EVENTS.get(str(told.get("type")), "other"),
            type=str(told.get("type")),
            object_id=str(data.get("shopperReference") or ""),
            occurred_at=_when(told.get("createdAt"), now),
            facts={"reference": _reference(str(data.get("shopperReference") or ""))},
        )


def _event(item: Item, now: datetime) -> Event:
    """`object_id` is the payment, for a refund the refund, for payment data the setup."""
    code, psp, ok = item["eventCode"], item["pspReference"], item["success"] == "true"
    payment = str(item.get("originalReference") or psp)
    kind = EVENTS.get(code, "other")
    cents = _cents(item)
    if code == "AUTHORISATION" and cents == 0 or kind == "setup":
        kind, object_id = "setup", item["merchantReference"]
    elif kind in ("chargeback", "chargeback_reversed") and not ok:
        kind, object_id = "other", payment
    else:
        object_id = psp if kind == "refund" else payment
    return Event(
        id=f"{psp}:{code}:{item['success']}",
        kind=kind,
        type=code,
        object_id=object_id,
        occurred_at=_when(item.get("eventDate"), now),
        key=item["merchantReference"] if code == "AUTHORISATION" or kind in ("refund", "setup") else "",
        cents=cents,
        currency=item["amount"]["currency"],
        reason=str(item.get("reason") or "")[:200],
        facts=_facts(kind, item, payment),
        charge=_charge(item, payment, code, ok) if kind == "charge" else None,
        refund=_refund(item, payment, code, ok) if kind == "refund" else None,
    )


def _facts(kind: EventKind, item: Item, payment: str) -> dict[str, str]:
    """All that is told of one dispute has its reference. A second chargeback of it takes the money once more."""
    if kind == "setup":
        return {"reference": _reference(item["merchantReference"])}
    if kind == "refund":
        return {"charge_id": payment}
    again = ":2" if item["eventCode"] == "SECOND_CHARGEBACK" else ""
    return {"case": item["pspReference"] + again} if kind.startswith("chargeback") else {}


def _reference(shopper: str) -> str:
    """Ours, without what makes a setup's shopper one of its own."""
    return shopper.rpartition("-")[0]


def _charge(item: Item, payment: str, code: str, ok: bool) -> Charge | None:
    """What the event says of the payment; None where it says nothing, such as a capture or a cancellation that failed
    and will be told otherwise. A refusal brings no code that is signed: it is soft, and the answer knew more."""
    status = _STATES.get((code, ok))
    if status is None:
        return None
    declined = status == "declined"
    return Charge(
        id=payment,
        status=status,
        cents=_cents(item),
        currency=item["amount"]["currency"],
        key=item["merchantReference"] if code == "AUTHORISATION" else "",
        decline_kind="soft" if declined else "",
        decline_code=code.lower() if declined else "",
    )


def _refund(item: Item, payment: str, code: str, ok: bool) -> Refund:
    """REFUND may be followed by its undoing, and that one holds: it says that the money came back to us."""
    status: RefundStatus = "succeeded" if code == "REFUND" and ok else "failed"
    reason = "" if status == "succeeded" else code.lower()
    return Refund(item["pspReference"], status, _cents(item), item["amount"]["currency"], payment, reason)


def _signed(item: Item, key: str) -> bool:
    try:
        return bool(util.is_valid_hmac_notification(dict(item), key))
    except (binascii.Error, KeyError, TypeError, ValueError):
        return False


def _signed_whole(signature: str, key: str, body: bytes) -> bool:
    try:
        return bool(util.is_valid_hmac_payload(signature, key, body))
    except (binascii.Error, TypeError, ValueError):
        return False


def _inner(entry: object) -> Item:
    """One item in the shape that everything behind here may rely on."""
    item = entry.get("NotificationRequestItem") if isinstance(entry, dict) else None
    amount = item.get("amount") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(amount, dict):
        raise BadEvent("unreadable")
    whole = isinstance(amount.get("value"), int) and isinstance(amount.get("currency"), str)
    if not whole or not all(isinstance(item.get(name), str) for name in _SIGNED):
        raise BadEvent("unreadable")
    return {name: value for name, value in item.items() if value is not None}


def _cents(item: Item) -> int:
    return ours(item["amount"]["value"], item["amount"]["currency"])


def _when(text: object, now: datetime) -> datetime:
    """The event's own time. It is not signed, so it only orders what is shown."""
    try:
        when = datetime.fromisoformat(str(text))
    except ValueError:
        return now
    return when if when.tzinfo else when.replace(tzinfo=UTC)
