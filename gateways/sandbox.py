"""The sandbox's own payment provider: everything that a real one does, without money and without a network.

Its truth lies in a file of its own (gateways/sandbox_store.py). A customer chooses a test card by name
(gateways/sandbox_cards.py) on its page; `choose`, `act` and `pending_events` are what a real provider's page, the bank
and its webhooks would do. Offered in a sandbox house only.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from gateways import sandbox_deeds as deeds
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
)  # fmt: skip
from gateways.sandbox_cards import CARDS, choices
from gateways.sandbox_events import number_of, read_signed, signed
from gateways.sandbox_store import Store, change, insert, new_id, read, tell

__all__ = ["SandboxGateway", "choices"]


def _real_now() -> datetime:
    return datetime.now(UTC)


class SandboxGateway:
    """`clock` is the house's own, so that days which its test clock skips pass here, too."""

    traits = Traits("sandbox", ("card", "paypal", "sepa_debit"), key_hours=24, prepares=True, statement=22)

    def __init__(self, path: Path, base_url: str, clock: Callable[[], datetime] = _real_now) -> None:
        self._store = Store(path)
        self._base_url = base_url.rstrip("/")
        self._clock = clock

    # --- payment data ---

    def begin_setup(self, wish: SetupWish) -> Setup:
        """A page of this house, `/sandbox-provider/setup/<id>`, that offers the test cards."""
        setup_id, customer = new_id("setup"), wish.customer or new_id("customer")
        with self._store.open() as db:
            insert(db, "setups", id=setup_id, kind=wish.kind, reference=wish.reference, return_url=wish.return_url,
                   customer=customer, holder=wish.name)  # fmt: skip
        return Setup(setup_id, f"{self._base_url}/sandbox-provider/setup/{setup_id}", customer)

    def setup_page(self, setup_id: str) -> tuple[Kind, str] | None:
        """Kind and return address of an open setup, for its page; None for one that is done or unknown."""
        with self._store.open() as db:
            row = read(db, "setups", "id", setup_id)
        return None if row is None or row["token"] else (cast(Kind, row["kind"]), row["return_url"])

    def choose(self, setup_id: str, card: str) -> None:
        """The customer took this card. Refused for a card of another kind, and for a setup that is done."""
        with self._store.open() as db:
            row = read(db, "setups", "id", setup_id)
            if row is None or row["token"]:
                raise Refused("unknown_setup")
            if card not in choices(cast(Kind, row["kind"])):
                raise Refused("unknown_card")
            now, token = self._clock(), new_id("method")
            expires_on = CARDS[card].expires_on(now.date())
            insert(db, "methods", token=token, card=card, customer=row["customer"], holder=row["holder"],
                   expires_on=expires_on.isoformat() if expires_on else "")  # fmt: skip
            change(db, "setups", ("id", setup_id), token=token)
            tell(db, "setup", "setup.completed", setup_id, now, facts={"reference": row["reference"]})

    def read_setup(self, setup_id: str) -> SetupState:
        with self._store.open() as db:
            row = read(db, "setups", "id", setup_id)
            method = read(db, "methods", "token", row["token"]) if row else None
        if row is None:
            return SetupState("failed", reason="unknown_setup")
        return SetupState("done", _method(method)) if method else SetupState("open")

    def forget(self, method: Method) -> None:
        with self._store.open() as db:
            change(db, "methods", ("token", method.token), forgotten=1)

    # --- one charge ---

    def create(self, wish: ChargeWish) -> Charge | None:
        with self._store.open() as db:
            return self._charge(deeds.made(db, wish))

    def confirm(self, wish: ChargeWish, charge_id: str) -> Charge:
        with self._store.open() as db:
            row = deeds.made(db, wish)
            if charge_id and row["id"] != charge_id:
                raise Refused("unknown_charge")
            if row["status"] != "created":
                return self._charge(row)
            loses = deeds.card_of(db, row).loses if row["tries"] == 0 else ""
            change(db, "charges", ("id", row["id"]), tries=row["tries"] + 1)
            if loses != "before":
                deeds.set_off(db, row, self._clock())
            answer = self._charge(deeds.the_charge(db, row["id"]))
        if loses:
            raise Unanswered("sandbox_timeout")
        return answer

    def act(self, charge_id: str, ok: bool) -> None:
        """The customer confirmed a charge that needs it, or refused. Refused for any other charge."""
        with self._store.open() as db:
            row = deeds.the_charge(db, charge_id)
            if row["status"] != "needs_action":
                raise Refused("charge_state", state=str(row["status"]))
            if ok:
                deeds.becomes(db, row, self._clock(), status="succeeded")
            else:
                deeds.becomes(db, row, self._clock(), status="declined", decline_kind="action",
                              decline_code="authentication_failed")  # fmt: skip

    def fetch(self, charge_id: str) -> Charge | None:
        return self._read("id", charge_id)

    def find(self, wish: ChargeWish) -> Charge | None:
        return self._read("key", wish.key)

    def cancel(self, charge_id: str, key: str) -> Charge:
        with self._store.open() as db:
            row = deeds.the_charge(db, charge_id)
            if row["status"] in ("created", "needs_action"):
                deeds.becomes(db, row, self._clock(), status="cancelled")
            return self._charge(deeds.the_charge(db, charge_id))

    # --- money back ---

    def refund(self, wish: RefundWish) -> Refund:
        with self._store.open() as db:
            return _refund(deeds.give_back(db, wish, self._clock()))

    def fetch_refund(self, refund_id: str, charge_id: str) -> Refund | None:
        with self._store.open() as db:
            row = read(db, "refunds", "id", refund_id)
        return _refund(row) if row else None

    def find_refund(self, wish: RefundWish) -> Refund | None:
        with self._store.open() as db:
            row = read(db, "refunds", "key", wish.key)
        return _refund(row) if row else None

    # --- events ---

    def read_events(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Event]:
        return [read_signed(headers, body, self._store.secret(), now)]

    def pending_events(self, now: datetime) -> list[tuple[dict[str, str], bytes]]:
        """What a real provider would send now: headers and body of each event that `delivered` has not named, at most
        500. `now` is the time that they are signed with, and by which `read_events` has to be asked."""
        secret = self._store.secret()
        with self._store.open() as db:
            deeds.pass_time(db, max(now, self._clock()))
            rows = db.execute(
                "SELECT number, body FROM events WHERE delivered = 0 ORDER BY number LIMIT 500"
            ).fetchall()
        bodies = [(row["number"], row["body"].encode()) for row in rows]
        return [(signed(body, number, secret, now), body) for number, body in bodies]

    def delivered(self, headers: Iterable[Mapping[str, str]]) -> None:
        """These events were taken in; they are not sent again."""
        with self._store.open() as db:
            db.executemany("UPDATE events SET delivered = 1 WHERE number = ?", [(number_of(one),) for one in headers])

    # --- rows to plain data ---

    def _read(self, column: str, value: str) -> Charge | None:
        with self._store.open() as db:
            deeds.pass_time(db, self._clock())
            row = read(db, "charges", column, value)
        return self._charge(row) if row else None

    def _charge(self, row: sqlite3.Row) -> Charge:
        moved = row["status"] in ("processing", "succeeded")
        act = f"{self._base_url}/sandbox-provider/act/{row['id']}" if row["status"] == "needs_action" else ""
        return Charge(
            id=row["id"], status=row["status"], cents=row["cents"] if moved else 0, currency=row["currency"],
            key=row["key"], decline_kind=row["decline_kind"], decline_code=row["decline_code"], url=act,
            refunded_cents=row["refunded_cents"], charged_back_cents=row["charged_back_cents"],
        )  # fmt: skip


def _method(row: sqlite3.Row) -> Method:
    card = CARDS[row["card"]]
    return Method(
        token=row["token"], kind=card.kind, customer=row["customer"], brand="sandbox" if card.kind == "card" else "",
        last4=card.last4, expires_on=deeds.expiry_of(row), holder=row["holder"],
        mandate=f"SBX-{row['token'][-8:].upper()}" if card.kind == "sepa_debit" else "",
    )  # fmt: skip


def _refund(row: sqlite3.Row) -> Refund:
    return Refund(row["id"], "succeeded", row["cents"], row["currency"], row["charge_id"])
