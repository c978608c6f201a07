"""A bank line becomes payments: by a suggestion that was shown, or as a person says (SEP-8, X-06).

Every booking goes through `services.payments`, under a key of the line, in one transaction with the line: whoever does
it twice, or at once, does it once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from billing.bank_matching import Suggestion
from billing.errors import AlreadyDone, Conflict, Invalid, NotAllowed, NotFound
from billing.money import Money
from extensions import db
from models import BankLine
from services import bank_facts, bank_links, bank_order_facts, bank_orders, payments
from services.actor import Actor
from services.bank_links import record_line, require_line
from services.payment_rows import refuse_twice
from services.payments import Receipt
from services.unit import end_reading, insistent, write


@dataclass(frozen=True, slots=True)
class Share:
    """So much of a line pays this receivable."""

    receivable_id: int
    cents: int


def accept(actor: Actor, line_id: int, seen: str) -> list[int]:
    """Book a suggestion; `seen` is the `mark` of the one that the person was shown. Gives the payments' ids.

    Raises NotFound, AlreadyDone("matched"), Conflict("suggestion_changed") where the line would be booked otherwise by
    now, and as `book`.
    """
    end_reading()
    line = db.session.get(BankLine, line_id)
    if line is None:
        raise NotFound("bank_line")
    state = line.state
    order = next((each for each in bank_order_facts.orders_of([line])[line_id] if each.mark == seen), None)
    if order is not None:
        return bank_orders.book(actor, line_id, order)
    found = next((each for each in bank_facts.offers([line])[line_id] if each.mark == seen), None)
    if found is None and state == "unmatched":
        raise Conflict("suggestion_changed")
    if found is None:
        raise AlreadyDone("matched")
    return take(actor, line_id, found, "person")


def take(actor: Actor, line_id: int, offer: Suggestion, answer: str) -> list[int]:
    """Book what a suggestion says; `answer` tells who was sure of it. Gives the payments' ids. Raises as `book`."""
    shares = [Share(receivable_id, cents) for receivable_id, cents in offer.parts]
    return book(actor, line_id, shares, offer.customer_id, offer.credit_cents, answer)


def book(
    actor: Actor, line_id: int, shares: Sequence[Share], credit_of: int | None = None, credit_cents: int = 0,
    answer: str = "person", key: str = "",
) -> list[int]:  # fmt: skip
    """Book a line, or a part of it: over receivables, and as paid credit of a customer. Gives the payments' ids.

    What is not said stays waiting. `key` makes the deed one however often its form is sent. Raises NotFound,
    AlreadyDone("matched"), NotAllowed("bank_line_ignored",
    "not_incoming"), Invalid("amount"): more than is left of the line, or more than is open; and as `payments.receive`.
    """
    return insistent(lambda: _book(actor, line_id, shares, credit_of, credit_cents, answer, key))


def _book(
    actor: Actor, line_id: int, shares: Sequence[Share], credit_of: int | None, credit_cents: int, answer: str,
    key: str,
) -> list[int]:  # fmt: skip
    with write() as session:
        refuse_twice(session, f"bank:{line_id}:{key}" if key else None)
        line = _bookable(session, line_id)
        if not shares and not credit_cents:
            raise Invalid("amount", "missing")
        if sum(share.cents for share in shares) + credit_cents > _left(session, line):
            raise Invalid("amount", "more_than_line")
        made = [_receive(actor, session, line, share, answer, key if not n else "") for n, share in enumerate(shares)]
        if credit_cents:
            made.append(_as_credit(actor, session, line, credit_of, credit_cents, answer, "" if shares else key))
        record_line(actor, "bank_line.matched", line, payments=len(made))
        return made


def _bookable(session: Session, line_id: int) -> BankLine:
    line = require_line(session, line_id)
    if line.state == "matched":
        raise AlreadyDone("matched")
    if line.state == "ignored":
        raise NotAllowed("bank_line_ignored")
    if line.amount_cents <= 0:
        raise NotAllowed("not_incoming")
    return line


def _left(session: Session, line: BankLine) -> int:
    return line.amount_cents - bank_links.booked_cents(session, line.id)


def _receive(actor: Actor, session: Session, line: BankLine, share: Share, answer: str, key: str) -> int:
    done = payments.receive(actor, share.receivable_id, _receipt(session, line, share.cents, key))
    bank_links.link(session, line, done.payment_id, share.cents, answer)
    return done.payment_id


def _as_credit(
    actor: Actor, session: Session, line: BankLine, customer_id: int | None, cents: int, answer: str, key: str
) -> int:  # fmt: skip
    if customer_id is None:
        raise Invalid("customer", "missing")
    payment_id = payments.prepay(actor, customer_id, _receipt(session, line, cents, key))
    bank_links.link(session, line, payment_id, cents, answer)
    return payment_id


def _receipt(session: Session, line: BankLine, cents: int, key: str) -> Receipt:
    """As the bank told it. The key counts what the line ever became, so what was undone can be booked again."""
    once = f"bank:{line.id}:{key or bank_links.ever(session, line.id)}"
    return Receipt(Money(cents, line.currency_code), line.booked_on, "bank", line.purpose[:140], line.other_name, once)
