"""What Unzer tells: which object has changed. Nothing is signed, so nothing of it is believed (S20).

A message names our public key, which is no secret, and the address of an object. That address is never called: only
the ids in it are taken, and the object is read at Unzer's own address. The worst that a forged message can do is that
something is read once more.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from gateways.base import BadEvent, Event, EventKind
from gateways.reading import posted

HOSTS: Final = frozenset({"api.unzer.com", "sbx-api.unzer.com"})
_PAYMENT: Final = re.compile(r"/v1/payments/([sp]-pay-[A-Za-z0-9-]{1,40})(?:/.*)?")
_TYPE: Final = re.compile(r"/v1/types/[a-z-]+/([sp]-[a-z0-9]{3}-[A-Za-z0-9-]{1,40})/?")
LONGEST: Final = 10_000


class Reader:
    def __init__(self, public_key: str, url: str = "") -> None:
        self._public_key = public_key
        self._hosts = HOSTS | ({urlsplit(url).hostname} if url else set())

    def read(self, body: bytes, now: datetime) -> list[Event]:
        if len(body) > LONGEST:
            raise BadEvent("unreadable")
        told = posted(body)
        if told.get("publicKey") != self._public_key:
            raise BadEvent("other_house")
        type_, address = str(told.get("event") or "")[:60], str(told.get("retrieveUrl") or "")
        kind, object_id = self._object(type_, address)
        # The same message at another time may tell of another change of the same object, so it is another one.
        parts = json.dumps([type_, address, now.isoformat()])
        return [Event(hashlib.sha256(parts.encode()).hexdigest()[:40], kind, type_, object_id, now)]

    def _object(self, type_: str, address: str) -> tuple[EventKind, str]:
        """A chargeback is told as a charge: how much it was stands in the charge. Authorised is only what keeps a
        method."""
        try:
            parts = urlsplit(address)
        except ValueError:
            raise BadEvent("unreadable") from None
        if parts.hostname not in self._hosts:
            raise BadEvent("other_host")
        if found := _PAYMENT.fullmatch(parts.path):
            return ("setup" if type_.startswith("authorize") else "charge"), found[1]
        if found := _TYPE.fullmatch(parts.path):
            return "setup", found[1]
        return "other", ""
