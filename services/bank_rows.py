"""Movements become lines, each once however many statements tell of it; and the bell for them to be matched."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from billing.bank_lines import Movement, line_keys
from extensions import queues
from models import BankLine
from services.sql import insert

CHUNK = 500  # lines a statement of SQL
JOB = "jobs.bank.match"


def insert_lines(session: Session, statement_id: int, iban: str, movements: Sequence[Movement]) -> None:
    """Each as a line of the statement; what another one told already is passed over.

    The driver is given the rows beside one short statement: worked out for each row, the words of it alone took
    milliseconds a line, and a year of movements held the house's lock for minutes.
    """
    passing_over = insert(BankLine.__table__).on_conflict_do_nothing()
    for some in chunks(_rows(statement_id, iban, movements)):
        session.connection().execute(passing_over, list(some))


def ring(statement_ids: Collection[int]) -> None:
    """The lines of these statements wait to be matched."""
    queues.ring_many("money", JOB, statement_ids)


def chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))


def _rows(statement_id: int, iban: str, movements: Sequence[Movement]) -> list[dict[str, Any]]:
    keys = line_keys(movements)
    return [
        {"statement_id": statement_id, "iban": iban, "line_key": key, "booked_on": each.booked_on,
         "amount_cents": each.amount_cents, "currency_code": each.currency, "end_to_end_id": each.end_to_end_id,
         "mandate_reference": each.mandate_reference, "return_code": each.return_code,
         "charges_cents": each.charges_cents, "other_name": each.other_name, "other_iban": each.other_iban,
         "purpose": each.purpose, "reference": each.reference, "notice_id": each.notice_id}
        for key, each in zip(keys, movements, strict=True) if each.amount_cents
    ]  # fmt: skip
