"""Bank lines become payments: the sure ones by themselves, the others by a person (SEP-8, X-06).

Every booking goes through `services.payments`, under a key of the line, in one transaction with the line: whoever does
it twice, or at once, does it once.
"""

from __future__ import annotations

import math
import time
from collections.abc import Container, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from billing.bank_matching import Suggestion
from billing.bank_orders import Order
from billing.errors import AlreadyDone, Conflict, Invalid, KontorError, NotAllowed, NotFound
from billing.money import Money
from extensions import db
from models import BankLine
from services import (
    bank_batches,
    bank_debits,
    bank_facts,
    bank_links,
    bank_order_facts,
    bank_orders,
    bank_sums,
    bank_turns,
    payments,
)
from services.actor import SYSTEM, Actor
from services.bank_links import record_line, require_line
from services.bank_rows import ring
from services.payment_rows import refuse_twice
from services.payments import Receipt
from services.unit import end_reading, insistent, write

CHUNK = 100  # lines that are looked up together
AT_ONCE = 300  # lines that are tried while a person waits; a worker does the rest
WORK = 5.0  # seconds; then the job ends and rings for its own continuation


@dataclass(frozen=True, slots=True)
class Share:
    """So much of a line pays this receivable."""

    receivable_id: int
    cents: int


def match_statement(statement_id: int, actor: Actor = SYSTEM) -> int:
    """Book what is sure among the lines of a statement that wait, from the first to the last; gives how many lines.
    Twice is fine."""
    bank_turns.begin([statement_id])
    return work(statement_id, actor, math.inf)


def match_all(actor: Actor) -> int | None:
    """The same for every statement that has lines waiting: after invoices or accounts became known. As `match_few`."""
    concerns = or_(BankLine.amount_cents > 0, BankLine.return_code != "", BankLine.end_to_end_id.like("R-%"))
    query = select(BankLine.statement_id).where(BankLine.state == "unmatched", concerns).distinct()
    ids = db.session.scalars(query.order_by(BankLine.statement_id)).all()
    bank_turns.begin(ids)
    return match_few(actor, ids)


def match_few(actor: Actor, statement_ids: Sequence[int]) -> int | None:
    """Go on with these statements while a person waits for it; gives how many lines were booked. None where so many
    lines wait that a worker was rung for."""
    end_reading()
    waits = (BankLine.statement_id.in_(statement_ids), BankLine.state == "unmatched")
    if (db.session.scalar(select(func.count()).select_from(BankLine).where(*waits)) or 0) > AT_ONCE:
        ring(statement_ids)
        return None
    return sum(work(each, actor) for each in statement_ids)


def work(statement_id: int, actor: Actor = SYSTEM, seconds: float = WORK) -> int:
    """Go on where the last one stopped, chunk by chunk; gives how many lines were booked. After `seconds` it rings for
    its own continuation. Whoever is killed leaves at most a chunk to be tried again, and nothing is booked twice."""
    until, done, turn = time.monotonic() + seconds, 0, bank_turns.find(statement_id)
    if turn and not turn.at:
        bank_batches.resolve(actor, statement_id)
        bank_sums.resolve(actor, statement_id)
    sums = bank_sums.booked_otherwise([statement_id]) if turn else {}
    while turn and (lines := _waiting(statement_id, turn.at)):
        last = lines[-1].id
        done += _book_chunk(actor, lines, sums)
        turn = bank_turns.move(turn, last)
        if turn and len(lines) == CHUNK and time.monotonic() > until:
            ring([statement_id])
            return done
    if turn:
        bank_turns.end(turn)
    return done


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
    return _take(actor, line_id, found, "person")


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


def _book_chunk(actor: Actor, lines: Sequence[BankLine], sums: Container[bank_sums.Mark]) -> int:
    """All is looked up together, then each line is booked in a transaction of its own. What may be a part of one of
    these `sums` is left to a person."""
    alone = [line for line in lines if bank_sums.mark_of(line) not in sums]
    told, sure, ours = bank_debits.concerned(lines), _sure(alone), bank_orders.sure(lines)
    named = {*told, *(line_id for line_id, _ in ours)}
    done = sum(_book_debit(actor, line_id) for line_id in told)
    done += sum(_book_order(actor, line_id, order) for line_id, order in ours if line_id not in told)
    return done + sum(_book_sure(actor, line_id, offer) for line_id, offer in sure if line_id not in named)


def _waiting(statement_id: int, after: int) -> list[BankLine]:
    end_reading()
    mine = (BankLine.statement_id == statement_id, BankLine.state == "unmatched", BankLine.id > after)
    return list(db.session.scalars(select(BankLine).where(*mine).order_by(BankLine.id).limit(CHUNK)))


def _sure(lines: Sequence[BankLine]) -> list[tuple[int, Suggestion]]:
    """One look-up for the whole chunk, before the first booking ends the reading."""
    found = bank_facts.offers(lines)
    return [(id_, offers[0]) for id_, offers in found.items() if offers and offers[0].sure]


def _book_sure(actor: Actor, line_id: int, offer: Suggestion) -> bool:
    """What the rules were sure of may have changed since, such as by the line before: then a person looks."""
    with suppress(KontorError):
        _take(actor, line_id, offer, "number")
        return True
    return False


def _book_debit(actor: Actor, line_id: int) -> bool:
    with suppress(KontorError):
        return insistent(lambda: bank_debits.book(actor, line_id))
    return False


def _book_order(actor: Actor, line_id: int, order: Order) -> bool:
    with suppress(KontorError):
        bank_orders.book(actor, line_id, order)
        return True
    return False


def _take(actor: Actor, line_id: int, offer: Suggestion, answer: str) -> list[int]:
    shares = [Share(receivable_id, cents) for receivable_id, cents in offer.parts]
    return book(actor, line_id, shares, offer.customer_id, offer.credit_cents, answer)


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
