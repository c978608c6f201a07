"""What happens to a charge at the sandbox's provider, row by row, inside one transaction of its store."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from typing import Any

from gateways.base import ChargeWish, RefundWish, Refused
from gateways.sandbox_cards import CARDS, CHARGEBACK_FEE, Card
from gateways.sandbox_store import change, digest, insert, new_id, read, tell

Row = sqlite3.Row
Db = sqlite3.Connection


def made(db: Db, wish: ChargeWish) -> Row:
    """The charge of this key; made where it is not yet there. Refused for another body, and for a lost method."""
    body = digest(wish.method.token, wish.cents, wish.currency, wish.reference)
    found = read(db, "charges", "key", wish.key)
    if found is not None:
        if found["body"] != body:
            raise Refused("key_reused")
        return found
    method = read(db, "methods", "token", wish.method.token)
    if method is None or method["forgotten"]:
        raise Refused("unknown_method")
    if wish.cents <= 0:
        raise Refused("amount_invalid")
    charge_id = new_id("charge")
    insert(db, "charges", id=charge_id, key=wish.key, body=body, token=wish.method.token, status="created",
           cents=wish.cents, currency=wish.currency)  # fmt: skip
    return the_charge(db, charge_id)


def set_off(db: Db, row: Row, now: datetime) -> None:
    """The card behaves as it is named."""
    card, method = card_of(db, row), read(db, "methods", "token", row["token"])
    assert method is not None, "a charge names its method"
    today = now.date().isoformat()
    if card.first_day_only and method["declined_on"] not in ("", today):
        becomes(db, row, now, status="succeeded")
        return
    if card.status == "declined":
        change(db, "methods", ("token", row["token"]), declined_on=method["declined_on"] or today)
    due = card.due(now)
    becomes(db, row, now, status=card.status, decline_kind=card.decline_kind, decline_code=card.decline_code,
            later=card.later, due_at=_stamp(due) if due else "")  # fmt: skip


def becomes(db: Db, row: Row, now: datetime, **values: Any) -> None:
    """A new state of a charge, and the event that tells of it."""
    change(db, "charges", ("id", row["id"]), **values)
    tell(db, "charge", f"charge.{values['status']}", row["id"], now, key=row["key"], cents=row["cents"],
         currency=row["currency"], reason=values.get("decline_code", ""))  # fmt: skip


def pass_time(db: Db, now: datetime) -> None:
    """What became due: banks answer for debits, money is charged back."""
    for row in db.execute(
        "SELECT * FROM charges WHERE due_at <> '' AND due_at <= ? ORDER BY due_at, id", (_stamp(now),)
    ).fetchall():
        change(db, "charges", ("id", row["id"]), due_at="", later="")
        when = datetime.fromisoformat(row["due_at"])
        if row["later"] == "charges_back":
            charge_back(db, row, row["cents"], when)
        else:
            settle(db, row, row["later"] == "settles", when)


def settle(db: Db, row: Row, ok: bool, now: datetime) -> None:
    """The bank answered for a debit that is under way."""
    if row["status"] != "processing":
        raise Refused("charge_state", state=str(row["status"]))
    if ok:
        becomes(db, row, now, status="succeeded", due_at="", later="")
    else:
        becomes(db, row, now, status="declined", decline_kind="soft", decline_code="insufficient_funds",
                due_at="", later="")  # fmt: skip


def charge_back(db: Db, row: Row, cents: int, now: datetime) -> None:
    """The bank takes so much back, whatever was refunded before; there is a fee for it."""
    change(db, "charges", ("id", row["id"]), charged_back_cents=row["charged_back_cents"] + cents)
    _tell_of_case(db, row, "chargeback", cents, CHARGEBACK_FEE, now)


def undo_charge_back(db: Db, row: Row, now: datetime) -> None:
    """The bank was wrong; the money is there again."""
    change(db, "charges", ("id", row["id"]), charged_back_cents=0)
    _tell_of_case(db, row, "chargeback_reversed", row["charged_back_cents"], 0, now)


def give_back(db: Db, wish: RefundWish, now: datetime) -> Row:
    """The refund of this key. Refused for more than there is, and for another body."""
    body = digest(wish.charge_id, wish.cents, wish.currency)
    found = read(db, "refunds", "key", wish.key)
    if found is not None:
        if found["body"] != body:
            raise Refused("key_reused")
        return found
    charge = the_charge(db, wish.charge_id)
    _check_refund(wish, charge)
    refund_id = new_id("refund")
    insert(db, "refunds", id=refund_id, key=wish.key, body=body, charge_id=wish.charge_id, cents=wish.cents,
           currency=wish.currency)  # fmt: skip
    change(db, "charges", ("id", wish.charge_id), refunded_cents=charge["refunded_cents"] + wish.cents)
    tell(db, "refund", "refund.succeeded", refund_id, now, key=wish.key, cents=wish.cents, currency=wish.currency,
         facts={"charge_id": wish.charge_id})  # fmt: skip
    return the_refund(db, refund_id)


def the_charge(db: Db, charge_id: str) -> Row:
    row = read(db, "charges", "id", charge_id)
    if row is None:
        raise Refused("unknown_charge")
    return row


def the_refund(db: Db, refund_id: str) -> Row:
    row = read(db, "refunds", "id", refund_id)
    if row is None:
        raise Refused("unknown_refund")
    return row


def card_of(db: Db, charge: Row) -> Card:
    method = read(db, "methods", "token", charge["token"])
    assert method is not None, "a charge names its method"
    return CARDS[method["card"]]


def expiry_of(method: Row) -> date | None:
    return date.fromisoformat(method["expires_on"]) if method["expires_on"] else None


def _check_refund(wish: RefundWish, charge: Row) -> None:
    if charge["status"] != "succeeded":
        raise Refused("charge_state", state=str(charge["status"]))
    if wish.currency != charge["currency"]:
        raise Refused("currency")
    if not 0 < wish.cents <= charge["cents"] - charge["refunded_cents"] - charge["charged_back_cents"]:
        raise Refused("refund_too_large")


def _tell_of_case(db: Db, row: Row, kind: str, cents: int, fee: int, now: datetime) -> None:
    case = f"sbx_case_{row['id'].removeprefix('sbx_charge_')}"
    tell(db, kind, f"charge.{kind}", row["id"], now, key=row["key"], cents=cents, currency=row["currency"],
         fee_cents=fee, reason="fraudulent", facts={"case": case})  # fmt: skip


def _stamp(moment: datetime) -> str:
    """Compares as text: always UTC, always with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
