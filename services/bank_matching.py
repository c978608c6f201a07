"""The lines of bank statements are tried: what is sure becomes payments by itself (SEP-8, X-06).

A statement is worked on chunk by chunk, by the job or while a person waits; services/bank_booking.py books a line.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager, suppress

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from billing.bank_matching import Suggestion
from billing.bank_orders import Order
from billing.errors import KontorError
from extensions import db
from models import BankLine
from services import bank_aside, bank_batches, bank_booking, bank_debits, bank_facts, bank_orders, bank_sums, bank_turns
from services.actor import SYSTEM, Actor
from services.bank_rows import ring
from services.unit import end_reading, insistent

log = logging.getLogger(__name__)

CHUNK = 100  # lines that are looked up together
AT_ONCE = 300  # lines that are tried while a person waits; a worker does the rest
WORK = 5.0  # seconds; then the job ends and rings for its own continuation


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
        for resolve in (bank_batches.resolve, bank_sums.resolve):
            with _left_to_a_person("the sums of bank statement", statement_id):
                resolve(actor, statement_id)
    sums = bank_sums.booked_otherwise([statement_id]) if turn else {}
    while turn and (lines := _waiting(BankLine.statement_id == statement_id, BankLine.id > turn.at)):
        last = lines[-1].id
        done += _book_chunk(actor, lines, sums)
        turn = bank_turns.move(turn, last)
        if turn and len(lines) == CHUNK and time.monotonic() > until:
            ring([statement_id])
            return done
    if turn:
        bank_turns.end(turn)
    return done


def _book_chunk(actor: Actor, lines: Sequence[BankLine], sums: Container[bank_sums.Mark]) -> int:
    """Gives how many were booked. Where something is wrong with one, the others are tried one by one (as EB-25)."""
    ids, failed, done = [line.id for line in lines], _failed(lines), 0
    with _left_to_a_person("a chunk of bank lines up to", ids[-1]):
        for booked in _tries(actor, lines, sums):
            done += booked
        _took_up(failed)
        return done
    return done + sum(_alone(actor, id_, sums) for id_ in ids)


def _alone(actor: Actor, id_: int, sums: Container[bank_sums.Mark]) -> int:
    with _left_to_a_person("bank line", id_):
        lines = _waiting(BankLine.id == id_)
        failed, done = _failed(lines), sum(_tries(actor, lines, sums))
        _took_up(failed)
        return done
    insistent(lambda: bank_aside.set_aside(id_))
    return 0


def _failed(lines: Sequence[BankLine]) -> list[int]:
    return [line.id for line in lines if line.answer == bank_aside.ANSWER]


def _took_up(line_ids: Sequence[int]) -> None:
    if line_ids:
        insistent(lambda: bank_aside.take_up(line_ids))


def _tries(actor: Actor, lines: Sequence[BankLine], sums: Container[bank_sums.Mark]) -> Iterator[bool]:
    """All is looked up together, then each line is booked in a transaction of its own. What may be a part of one of
    these `sums` is left to a person."""
    alone = [line for line in lines if bank_sums.mark_of(line) not in sums]
    told, sure, ours = bank_debits.concerned(lines), _sure(alone), bank_orders.sure(lines)
    named = {*told, *(line_id for line_id, _ in ours)}
    yield from (_book_debit(actor, line_id) for line_id in told)
    yield from (_book_order(actor, line_id, order) for line_id, order in ours if line_id not in told)
    yield from (_book_sure(actor, line_id, offer) for line_id, offer in sure if line_id not in named)


@contextmanager
def _left_to_a_person(what: str, number: int) -> Iterator[None]:
    """An error that nobody foresaw holds up nothing else: the line waits as one that nobody knows. A database that is
    busy or away is another matter: then all is tried again."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout):
        raise
    except Exception as error:
        log.error("%s %s: matching failed: %s", what, number, type(error).__name__)


def _waiting(*which: ColumnElement[bool]) -> list[BankLine]:
    end_reading()
    query = select(BankLine).where(BankLine.state == "unmatched", *which)
    return list(db.session.scalars(query.order_by(BankLine.id).limit(CHUNK)))


def _sure(lines: Sequence[BankLine]) -> list[tuple[int, Suggestion]]:
    """One look-up for the whole chunk, before the first booking ends the reading."""
    found = bank_facts.offers(lines)
    return [(id_, offers[0]) for id_, offers in found.items() if offers and offers[0].sure]


def _book_sure(actor: Actor, line_id: int, offer: Suggestion) -> bool:
    """What the rules were sure of may have changed since, such as by the line before: then a person looks."""
    with suppress(KontorError):
        bank_booking.take(actor, line_id, offer, "number")
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
