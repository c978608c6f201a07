"""What customers do with their own data by their link: complete what is empty at once, change the rest (D-11).

Changing an e-mail address or payment data that is there waits for a code sent to the address known so far, and that
address is told of it. Everything goes through `services.customers`, as if staff had done it (M1-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from billing.errors import Conflict, Invalid, NotAllowed, NotFound
from models import Customer
from services import activities, clock, customer_codes, customers, messages
from services.accountdata_wishes import PAYMENT, WITH_MANDATE, split, wishes_of
from services.actor import Actor
from services.banks import with_bank
from services.unit import write

PURPOSE, MERGED = "accountdata", "merged"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Fields that count now, fields that wait for the code, or what was wrong: then nothing was stored."""

    saved: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    problems: tuple[Invalid, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirmation:
    """`state` is done, wrong or over (ran out, tried too often, or never there)."""

    state: str
    fields: tuple[str, ...] = ()


def change(customer_id: int, given: Mapping[str, Any], *, seen: int, mandate: bool = False) -> Outcome:
    """Store what the customer sent, by column name; `seen` is the version of the record that the form showed.

    `mandate` says that the customer agreed to direct debits. Raises NotFound, NotAllowed: "customer_deactivated",
    "no_address" (fields), "no_mail_server", "too_many_codes"; Conflict("changed_meanwhile"). Nothing is stored then.
    """
    with write() as session:
        row = _open_record(customers.lock_survivor(session, customer_id))
        if row.version != seen:
            raise Conflict("changed_meanwhile")
        wishes, problems = wishes_of(row, given, mandate)
        if problems:
            return Outcome(problems=tuple(problems))
        at_once, waiting = split(row, wishes)
        actor, address, language = actor_of(row), customer_codes.address_of(row), row.language_code
        if waiting:
            customer_codes.send_code(actor, row, PURPOSE, _plain(waiting), told(waiting))
        if at_once:
            customers.update_customer(actor, row.id, with_bank(row, at_once))
            if PAYMENT & at_once.keys() and address:
                _tell(row.id, language, {address}, told(at_once), f"v{row.version}")
        return Outcome(told(at_once), told(waiting))


def confirm(customer_id: int, typed: str) -> Confirmation:
    """Do what waited if the code is right. A wrong one counts, whatever becomes of the request."""
    with write() as session:
        row = _open_record(customers.lock_survivor(session, customer_id))
        actor = actor_of(row)
        try:
            code = customer_codes.use_code(actor, row.id, PURPOSE, typed)
        except NotFound:
            return Confirmation("over")
        if code is None:
            return Confirmation("wrong")
        wanted, code.wanted = _values(code.wanted), {}
        old = {code.sent_to} | ({row.payment_mail_address} if "payment_mail_address" in wanted else set())
        language = row.language_code
        customers.update_customer(actor, row.id, with_bank(row, wanted))
        _tell(row.id, language, old - {""}, told(wanted), f"code{code.id}")
        return Confirmation("done", told(wanted))


def send_again(customer_id: int) -> None:
    """A new code for what still waits; the one before ends. NotFound("code") where nothing waits."""
    with write() as session:
        row = _open_record(customers.lock_survivor(session, customer_id))
        code = customer_codes.open_code(row.id, PURPOSE)
        if code is None or not code.wanted:
            raise NotFound("code")
        wanted = dict(code.wanted)
        customer_codes.send_code(actor_of(row), row, PURPOSE, wanted, told(wanted))


def discard(customer_id: int) -> None:
    """Forget what waits."""
    with write() as session:
        customer_codes.forget(customers.lock_survivor(session, customer_id).id)


def ask_to_lead_on(customer_id: int) -> None:
    """A merged record's link leads to the survivor only for who reads its mail: send the code for it (D-11)."""
    with write() as session:
        row = _open_record(customers.lock_survivor(session, customer_id))
        customer_codes.send_code(actor_of(row), row, MERGED, {}, ())


def lead_on(customer_id: int, typed: str) -> str | None:
    """The survivor's hash for the right code, None otherwise."""
    with write() as session:
        row = _open_record(customers.lock_survivor(session, customer_id))
        try:
            code = customer_codes.use_code(actor_of(row), row.id, MERGED, typed)
        except NotFound:
            return None
        return row.hash if code else None


def actor_of(row: Customer) -> Actor:
    """The customer as the trail knows them."""
    person = " ".join(filter(None, (row.first_name, row.last_name)))
    return Actor("customer", row.id, row.organization or person or row.number)


def told(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields that people are told of; a mandate is one thing."""
    names = ["mandate" if name in WITH_MANDATE else name for name in fields]
    return tuple(dict.fromkeys(names))


def _open_record(row: Customer) -> Customer:
    """Blocked customers keep their data in order; deactivated ones have no page any more (D-12)."""
    if row.status == "deactivated":
        raise NotAllowed("customer_deactivated")
    return row


def _tell(customer_id: int, language: str, addresses: set[str], fields: tuple[str, ...], event: str) -> None:
    """Tell the old address what was changed: who did not do it, notices (D-11)."""
    facts = {"customer_id": customer_id, "fields": list(fields), "on": clock.today().isoformat()}
    for address in sorted(addresses):
        messages.order(f"accountdata:{customer_id}:{event}", "customer_changed", address, language=language,
                       customer_id=customer_id, facts=facts)  # fmt: skip


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: activities.plain(value) for name, value in values.items()}


def _values(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What was stored as JSON, with its day."""
    signed = wanted.get("mandate_signed_on")
    return {**wanted, **({"mandate_signed_on": date.fromisoformat(signed)} if signed else {})}
